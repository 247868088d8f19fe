import { minimize } from "./lbfgs.ts";
import type { LinearFit, TrainSet } from "./linear.ts";
import { binomial, multinomial } from "./losses.ts";
import { transposed } from "./matrix.ts";
import { rampTo } from "./ramp.ts";
import type { Steps } from "./steps.ts";

/**
 * sklearn.linear_model.LogisticRegression: ½‖W‖² + C Σ weight · loss, the bias free; two classes have one decision
 * (loss log(1 + e^-yf)), more have one each (softmax). One fit a value of C, each beginning where the last ended.
 */
export function* solveLogistic(
	train: TrainSet,
	values: readonly number[],
	tolerance: number,
): Steps<readonly LinearFit[]> {
	const { z, r, labels, classes, weights } = train;
	const zt = transposed(z, labels.length, r);
	const loss = classes === 2 ? binomial : multinomial;
	const m = loss.outputs(classes);
	let start: Float64Array | undefined;
	const fits: LinearFit[] = [];
	const ramp = rampTo(values[0]);
	for (const C of [...ramp, ...values]) {
		yield;
		start = minimize({
			z,
			zt,
			r,
			labels,
			classes,
			weights: weights.map((weight) => weight * C),
			loss,
			bias: true,
			start,
			tolerance: ramp.includes(C) ? Math.max(tolerance, 1e-2) : tolerance,
		});
		const weight = start.slice(0, m * r);
		const bias = start.slice(m * r);
		// p(1) = sigmoid(f) = softmax(-f / 2, f / 2)
		fits.push(m === 1 ? mirrored(weight, bias, 0.5) : { weight, bias });
	}
	return fits.slice(ramp.length);
}

/** One decision of two classes as one each: -f and f, times `factor`. */
export function mirrored(
	weight: Float64Array,
	bias: Float64Array,
	factor: number,
): LinearFit {
	const r = weight.length;
	const both = new Float64Array(2 * r);
	for (let j = 0; j < r; j++) {
		both[j] = -factor * weight[j];
		both[r + j] = factor * weight[j];
	}
	const value = factor * bias[0];
	return { weight: both, bias: Float64Array.of(-value, value) };
}
