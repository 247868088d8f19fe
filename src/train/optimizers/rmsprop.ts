import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { RmspropOptions } from "../../experiment/types.ts";
import { decayed, type Optimizer, openState } from "./state.ts";

/**
 * g += weight_decay · p;  s = alpha · s + (1 - alpha) · g²;  centered: a += (1 - alpha) · (g - a), s' = s - a², else s' = s;
 * u = g / (sqrt(s') + eps);  momentum: b = momentum · b + u, p -= lr · b, else p -= lr · u
 * (https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html)
 */
export function rmsprop(
	tf: Tf,
	parameters: Parameters,
	options: RmspropOptions,
): Optimizer {
	const { alpha, eps, momentum, centered, weight_decay } = options;
	const squares = openState(tf);
	const means = openState(tf);
	const buffers = openState(tf);

	function step(gradients: ReadonlyMap<string, Tensor>, learningRate: number) {
		for (const [name, gradient] of gradients) {
			const p = parameters.get(name);
			const g = decayed(tf, gradient, p, weight_decay);
			const s0 = squares.get(name);
			const fresh = tf.mul(tf.mul(g, g), 1 - alpha);
			const s = s0 ? tf.add(tf.mul(s0, alpha), fresh) : fresh;
			squares.set(name, s);
			let spread: Tensor = s;
			if (centered) {
				const a0 = means.get(name);
				const a = a0
					? tf.add(a0, tf.mul(tf.sub(g, a0), 1 - alpha))
					: tf.mul(g, 1 - alpha);
				means.set(name, a);
				spread = tf.sub(s, tf.mul(a, a));
			}
			let u: Tensor = tf.div(g, tf.add(tf.sqrt(spread), eps));
			if (momentum !== 0) {
				const b0 = buffers.get(name);
				u = b0 ? tf.add(tf.mul(b0, momentum), u) : u;
				buffers.set(name, u);
			}
			parameters.assign(name, tf.sub(p, tf.mul(u, learningRate)));
		}
	}

	return {
		step,
		dispose() {
			squares.dispose();
			means.dispose();
			buffers.dispose();
		},
	};
}
