import { choose } from "./choose.ts";
import {
	candidatesOf,
	EXACT,
	type LinearFit,
	type LinearHead,
	solve,
	type TrainSet,
} from "./linear.ts";
import { openRidge } from "./ridge.ts";
import type { Steps } from "./steps.ts";
import type { PathCurve } from "./types.ts";

/**
 * Fits the head, its `C` or `alpha` chosen on the photos themselves.
 * @param numClasses decisions are given for so many; a class without a photo gets -Infinity.
 */
export function* fitLinear(
	z: Float64Array,
	r: number,
	labels: Int32Array,
	numClasses: number,
	head: LinearHead,
	seed: number,
): Steps<{ readonly fit: LinearFit; readonly path: PathCurve | undefined }> {
	const present = [...new Set(labels)].sort((a, b) => a - b);
	const own = Int32Array.from(labels, (label) => present.indexOf(label));
	const options = Object.values(head)[0] as { class_weight: string };
	const train: TrainSet = {
		z,
		r,
		labels: own,
		classes: present.length,
		weights: photoWeights(
			own,
			present.length,
			options.class_weight === "balanced",
		),
	};
	const whole = (fit: LinearFit) => spread(fit, present, numClasses, r);
	if (present.length < 2)
		return {
			fit: whole({ weight: new Float64Array(r), bias: new Float64Array(1) }),
			path: undefined,
		};
	const ridge = "ridge" in head ? openRidge(train) : undefined;
	const path = yield* choose(train, head, seed, ridge);
	const value = path?.chosen ?? candidatesOf(head)[0];
	const fits = yield* solve(train, head, [value], EXACT, seed, ridge);
	return { fit: whole(fits[0]), path };
}

/** sklearn's class_weight: 1, or n / (classes · photos of the class). */
function photoWeights(
	labels: Int32Array,
	classes: number,
	balanced: boolean,
): Float64Array {
	const n = labels.length;
	if (!balanced) return new Float64Array(n).fill(1);
	const counts = new Int32Array(classes);
	for (const label of labels) counts[label]++;
	return Float64Array.from(labels, (label) => n / (classes * counts[label]));
}

function spread(
	{ weight, bias }: LinearFit,
	present: readonly number[],
	numClasses: number,
	r: number,
): LinearFit {
	if (present.length === numClasses) return { weight, bias };
	const all = new Float64Array(numClasses * r);
	const biases = new Float64Array(numClasses).fill(Number.NEGATIVE_INFINITY);
	present.forEach((label, index) => {
		all.set(weight.subarray(index * r, (index + 1) * r), label * r);
		biases[label] = bias[index];
	});
	return { weight: all, bias: biases };
}
