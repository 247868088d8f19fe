import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { AdamOptions } from "../../experiment/types.ts";
import { decayed, type Optimizer, openOptimizerOf, scaled } from "./state.ts";

/**
 * adam: g += weight_decay · p;  adamw: p *= 1 - lr · weight_decay;
 * m += (1 - b1) · (g - m);  v = b2 · v + (1 - b2) · g²;
 * p -= lr / (1 - b1^t) · m / (sqrt(v) / sqrt(1 - b2^t) + eps)
 * (https://pytorch.org/docs/stable/generated/torch.optim.Adam.html, torch.optim.AdamW.html)
 */
export function adam(
	tf: Tf,
	parameters: Parameters,
	options: AdamOptions,
	kind: "adam" | "adamw",
): Optimizer {
	const { betas, eps, weight_decay } = options;
	const [beta1, beta2] = betas;
	const isDecoupled = kind === "adamw";
	return openOptimizerOf(tf, parameters, {
		weightDecay: weight_decay,
		update({ p: before, g: gradient, learningRate, weightDecay, t, get, set }) {
			const p = isDecoupled
				? scaled(tf, before, 1 - learningRate * weightDecay)
				: before;
			const g = decayed(tf, gradient, p, isDecoupled ? 0 : weightDecay);
			const m0 = get("exp_avg");
			const v0 = get("exp_avg_sq");
			const m = m0
				? tf.add(m0, tf.mul(tf.sub(g, m0), 1 - beta1))
				: tf.mul(g, 1 - beta1);
			const fresh = tf.mul(tf.mul(g, g), 1 - beta2);
			const v = v0 ? tf.add(tf.mul(v0, beta2), fresh) : fresh;
			set("exp_avg", m);
			set("exp_avg_sq", v);
			const root = tf.div(tf.sqrt(v), Math.sqrt(1 - beta2 ** t));
			const size = learningRate / (1 - beta1 ** t);
			return tf.sub(p, tf.mul(tf.div(m, tf.add(root, eps)), size));
		},
	});
}
