import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { AdamOptions } from "../../experiment/types.ts";
import { decayed, type Optimizer, openState, scaled } from "./state.ts";

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
	const first = openState(tf);
	const second = openState(tf);
	const steps = new Map<string, number>();

	function step(gradients: ReadonlyMap<string, Tensor>, learningRate: number) {
		for (const [name, gradient] of gradients) {
			const before = parameters.get(name);
			const p = isDecoupled
				? scaled(tf, before, 1 - learningRate * weight_decay)
				: before;
			const g = decayed(tf, gradient, p, isDecoupled ? 0 : weight_decay);
			const t = (steps.get(name) ?? 0) + 1;
			steps.set(name, t);
			const m0 = first.get(name);
			const v0 = second.get(name);
			const m = m0
				? tf.add(m0, tf.mul(tf.sub(g, m0), 1 - beta1))
				: tf.mul(g, 1 - beta1);
			const fresh = tf.mul(tf.mul(g, g), 1 - beta2);
			const v = v0 ? tf.add(tf.mul(v0, beta2), fresh) : fresh;
			first.set(name, m);
			second.set(name, v);
			const root = tf.div(tf.sqrt(v), Math.sqrt(1 - beta2 ** t));
			const size = learningRate / (1 - beta1 ** t);
			parameters.assign(
				name,
				tf.sub(p, tf.mul(tf.div(m, tf.add(root, eps)), size)),
			);
		}
	}

	return {
		step,
		dispose() {
			first.dispose();
			second.dispose();
		},
	};
}
