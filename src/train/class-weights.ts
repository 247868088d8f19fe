import type { ClassWeights, PosWeight } from "../experiment/types.ts";

/**
 * One weight per class, or undefined where none are asked for.
 *
 * `balanced`: n / (k count), as scikit-learn's compute_class_weight
 * (https://scikit-learn.org/stable/modules/generated/sklearn.utils.class_weight.compute_class_weight.html);
 * a class without a photo to train on counts as if it had one. A map: classes that it leaves out weigh 1.
 * @param labels of all photos that are trained on
 */
export function classWeightsOf(
	given: ClassWeights | undefined,
	labels: Int32Array,
	numClasses: number,
	classNames: readonly string[],
): Float64Array | undefined {
	if (given === undefined) return undefined;
	if (given === "balanced") return balanced(labels, numClasses);
	if (Array.isArray(given)) {
		if (given.length !== numClasses)
			throw new Error(
				`internal: ${given.length} weights, ${numClasses} classes`,
			);
		return Float64Array.from(given as readonly number[]);
	}
	const weights = new Float64Array(numClasses).fill(1);
	for (const [name, weight] of Object.entries(given)) {
		const index = classNames.indexOf(name);
		if (index < 0) throw new Error(`internal: no class "${name}"`);
		weights[index] = weight;
	}
	return weights;
}

function balanced(labels: Int32Array, numClasses: number): Float64Array {
	const counts = new Float64Array(numClasses);
	for (const label of labels) counts[label]++;
	return counts.map(
		(count) => labels.length / (numClasses * Math.max(count, 1)),
	);
}

/**
 * torch.nn.BCEWithLogitsLoss's pos_weight, one a class, or undefined where none is asked for.
 *
 * `balanced`: photos without the class over photos with it, as torch's page has it; a side without a photo
 * counts as if it had one. A number holds for all classes; a map: classes that it leaves out weigh 1.
 */
export function posWeightOf(
	given: PosWeight | undefined,
	rows: { readonly labels: Int32Array; readonly targets?: Float32Array },
	numClasses: number,
	classNames: readonly string[],
): Float64Array | undefined {
	if (typeof given === "number")
		return new Float64Array(numClasses).fill(given);
	const { labels, targets } = rows;
	if (given !== "balanced")
		return classWeightsOf(given, labels, numClasses, classNames);
	const counts = new Float64Array(numClasses);
	if (targets === undefined) for (const label of labels) counts[label]++;
	else
		targets.forEach((target, index) => {
			counts[index % numClasses] += target;
		});
	return counts.map(
		(count) => Math.max(labels.length - count, 1) / Math.max(count, 1),
	);
}
