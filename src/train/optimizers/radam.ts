import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { RadamOptions } from "../../experiment/types.ts";
import { updateMoments } from "./moments.ts";
import { decayed, type Optimizer, openOptimizerOf, scaled } from "./state.ts";

/**
 * m and v as Adam's;  rho = 2 / (1 - b2) - 1;  rho_t = rho - 2 · t · b2^t / (1 - b2^t);
 * rho_t > 5: p -= lr · r_t · sqrt(1 - b2^t) / (sqrt(v) + eps) · m / (1 - b1^t), else p -= lr · m / (1 - b1^t);
 * r_t² = (rho_t - 4) · (rho_t - 2) · rho / ((rho - 4) · (rho - 2) · rho_t)
 * (https://pytorch.org/docs/stable/generated/torch.optim.RAdam.html)
 */
export function radam(
	tf: Tf,
	parameters: Parameters,
	options: RadamOptions,
): Optimizer {
	const { betas, eps, weight_decay } = options;
	const { decoupled_weight_decay: isDecoupled } = options;
	const [beta1, beta2] = betas;
	const rho = 2 / (1 - beta2) - 1;
	return openOptimizerOf(tf, parameters, {
		weightDecay: weight_decay,
		update({ p: before, g: gradient, learningRate, weightDecay, t, get, set }) {
			const p = isDecoupled
				? scaled(tf, before, 1 - learningRate * weightDecay)
				: before;
			const g = decayed(tf, gradient, p, isDecoupled ? 0 : weightDecay);
			const { m, v } = updateMoments({ tf, get, set }, g, betas);
			const size = learningRate / (1 - beta1 ** t);
			const rest = 1 - beta2 ** t;
			const known = rho - (2 * t * beta2 ** t) / rest;
			if (known <= 5) return tf.sub(p, tf.mul(m, size));
			const rectified = Math.sqrt(
				((known - 4) * (known - 2) * rho) / ((rho - 4) * (rho - 2) * known),
			);
			const u = tf.div(m, tf.add(tf.sqrt(v), eps));
			return tf.sub(p, tf.mul(u, size * rectified * Math.sqrt(rest)));
		},
	});
}
