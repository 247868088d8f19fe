import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { AdamOptions } from "../../experiment/types.ts";
import { updateMoments } from "./moments.ts";
import { decayed, type Optimizer, openOptimizerOf, scaled } from "./state.ts";

/**
 * adam: g += weight_decay · p;  adamw: p *= 1 - lr · weight_decay;
 * m += (1 - b1) · (g - m);  v = b2 · v + (1 - b2) · g²;  amsgrad: v' = max(v', v), else v' = v;
 * p -= lr / (1 - b1^t) · m / (sqrt(v') / sqrt(1 - b2^t) + eps)
 * (https://pytorch.org/docs/stable/generated/torch.optim.Adam.html, torch.optim.AdamW.html)
 */
export function adam(
	tf: Tf,
	parameters: Parameters,
	options: AdamOptions,
	kind: "adam" | "adamw",
): Optimizer {
	const { betas, eps, weight_decay, amsgrad = false } = options;
	const [beta1, beta2] = betas;
	const isDecoupled = kind === "adamw";
	return openOptimizerOf(tf, parameters, {
		weightDecay: weight_decay,
		update({ p: before, g: gradient, learningRate, weightDecay, t, get, set }) {
			const p = isDecoupled
				? scaled(tf, before, 1 - learningRate * weightDecay)
				: before;
			const g = decayed(tf, gradient, p, isDecoupled ? 0 : weightDecay);
			const { m, v } = updateMoments({ tf, get, set }, g, betas);
			let largest: Tensor = v;
			if (amsgrad) {
				largest = tf.maximum(get("max_exp_avg_sq") ?? v, v);
				set("max_exp_avg_sq", largest);
			}
			const root = tf.div(tf.sqrt(largest), Math.sqrt(1 - beta2 ** t));
			const size = learningRate / (1 - beta1 ** t);
			return tf.sub(p, tf.mul(tf.div(m, tf.add(root, eps)), size));
		},
	});
}
