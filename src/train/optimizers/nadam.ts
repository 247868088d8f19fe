import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { NadamOptions } from "../../experiment/types.ts";
import { updateMoments } from "./moments.ts";
import { decayed, type Optimizer, openOptimizerOf, scaled } from "./state.ts";

/**
 * m and v as Adam's;  mu_t = b1 · (1 - 0.96^(t · momentum_decay) / 2);  P_t = mu_1 · … · mu_t;  d = sqrt(v / (1 - b2^t)) + eps;
 * p -= lr · (1 - mu_t) / (1 - P_t) · g / d;  p -= lr · mu_(t+1) / (1 - P_(t+1)) · m / d
 * (https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html)
 */
export function nadam(
	tf: Tf,
	parameters: Parameters,
	options: NadamOptions,
): Optimizer {
	const { betas, eps, weight_decay, momentum_decay } = options;
	const { decoupled_weight_decay: isDecoupled } = options;
	const [beta1, beta2] = betas;
	const mu = (t: number) => beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay));
	const products = [1];
	const productOf = (t: number): number => {
		for (let next = products.length; next <= t; next++)
			products.push((products[next - 1] ?? 1) * mu(next));
		return products[t] ?? 1;
	};
	return openOptimizerOf(tf, parameters, {
		weightDecay: weight_decay,
		update({ p: before, g: gradient, learningRate, weightDecay, t, get, set }) {
			const p = isDecoupled
				? scaled(tf, before, 1 - learningRate * weightDecay)
				: before;
			const g = decayed(tf, gradient, p, isDecoupled ? 0 : weightDecay);
			const { m, v } = updateMoments({ tf, get, set }, g, betas);
			const d = tf.add(tf.sqrt(tf.div(v, 1 - beta2 ** t)), eps);
			const now = (learningRate * (1 - mu(t))) / (1 - productOf(t));
			const next = (learningRate * mu(t + 1)) / (1 - productOf(t + 1));
			const half = tf.sub(p, tf.mul(tf.div(g, d), now));
			return tf.sub(half, tf.mul(tf.div(m, d), next));
		},
	});
}
