import type { SvmOptions } from "../../experiment/classical-types.ts";
import { solveHinge } from "./hinge.ts";
import { minimize } from "./lbfgs.ts";
import type { LinearFit, TrainSet } from "./linear.ts";
import { mirrored } from "./logistic.ts";
import { squaredHinge } from "./losses.ts";
import { transposed } from "./matrix.ts";
import type { Steps } from "./steps.ts";

/**
 * sklearn.svm.LinearSVC: each class against the rest, ½‖w‖² + C Σ weight · max(0, 1 - y f)² (or not squared). The bias
 * is held back as a weight on a feature that is 1 (`intercept_scaling=1`), which the coordinates hold already. With
 * more than two classes a class's weight counts for its own photos alone, the rest count 1, as in liblinear.
 */
export function* solveSvm(
	train: TrainSet,
	{ loss }: SvmOptions,
	values: readonly number[],
	tolerance: number,
	seed: number,
): Steps<readonly LinearFit[]> {
	const { classes, r, z, labels } = train;
	const zt = transposed(z, labels.length, r);
	const solve = (sides: Int32Array) => {
		const weights = train.weights.map((weight, row) =>
			classes === 2 || sides[row] === 1 ? weight : 1,
		);
		const set = { ...train, weights };
		return loss === "hinge"
			? solveHinge(set, sides, values, tolerance, seed)
			: solveSquared(set, zt, sides, values, tolerance);
	};
	if (classes === 2)
		return solve(labels).map((weight) =>
			mirrored(weight, Float64Array.of(0), 1),
		);
	const byClass: (readonly Float64Array[])[] = [];
	for (let own = 0; own < classes; own++) {
		yield;
		byClass.push(solve(labels.map((label) => (label === own ? 1 : 0))));
	}
	return values.map((_, index) => {
		const weight = new Float64Array(classes * r);
		byClass.forEach((fits, c) => {
			weight.set(fits[index], c * r);
		});
		return { weight, bias: new Float64Array(classes) };
	});
}

function solveSquared(
	{ z, r, weights }: TrainSet,
	zt: Float64Array,
	sides: Int32Array,
	values: readonly number[],
	tolerance: number,
): Float64Array[] {
	let start: Float64Array | undefined;
	return values.map((C) => {
		start = minimize({
			z,
			zt,
			r,
			labels: sides,
			classes: 2,
			weights: weights.map((weight) => weight * C),
			loss: squaredHinge,
			bias: false,
			start,
			tolerance,
		});
		return start;
	});
}
