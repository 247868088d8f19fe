import type { SvmOptions } from "../../experiment/classical-types.ts";
import { solveHinge } from "./hinge.ts";
import { minimize } from "./lbfgs.ts";
import type { LinearFit, TrainSet } from "./linear.ts";
import { mirrored } from "./logistic.ts";
import { squaredHinge } from "./losses.ts";
import { transposed } from "./matrix.ts";
import { polish } from "./newton.ts";
import { rampTo } from "./ramp.ts";
import type { Steps } from "./steps.ts";

/** As `ROUGH` of linear.ts. */
const ROUGH = 1e-2;
const MOST_SOLVED = 2000;

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
	// Steps toward the last digits are slow where the curvature jumps; few photos are cheaper solved for.
	const small = sides.length <= MOST_SOLVED;
	const ramp = rampTo(values[0]);
	const rough = Math.max(tolerance, ROUGH);
	const fits = [...ramp, ...values].map((C, index) => {
		const own = weights.map((weight) => weight * C);
		const isAsked = index >= ramp.length;
		start = minimize({
			z,
			zt,
			r,
			labels: sides,
			classes: 2,
			weights: own,
			loss: squaredHinge,
			bias: false,
			start,
			tolerance: small || !isAsked ? rough : tolerance,
		});
		if (small && isAsked && tolerance < ROUGH)
			start = polish({ z, r, sides, weights: own }, start, tolerance);
		return start;
	});
	return fits.slice(ramp.length);
}
