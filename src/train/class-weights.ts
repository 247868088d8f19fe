import type { ClassWeights } from "../experiment/types.ts";

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
