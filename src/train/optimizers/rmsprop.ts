import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { RmspropOptions } from "../../experiment/types.ts";
import { decayed, type Optimizer, openOptimizerOf } from "./state.ts";

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
	return openOptimizerOf(tf, parameters, {
		weightDecay: weight_decay,
		update({ p, g: gradient, learningRate, weightDecay, get, set }) {
			const g = decayed(tf, gradient, p, weightDecay);
			const s0 = get("square_avg");
			const fresh = tf.mul(tf.mul(g, g), 1 - alpha);
			const s = s0 ? tf.add(tf.mul(s0, alpha), fresh) : fresh;
			set("square_avg", s);
			let spread: Tensor = s;
			if (centered) {
				const a0 = get("grad_avg");
				const a = a0
					? tf.add(a0, tf.mul(tf.sub(g, a0), 1 - alpha))
					: tf.mul(g, 1 - alpha);
				set("grad_avg", a);
				spread = tf.sub(s, tf.mul(a, a));
			}
			let u: Tensor = tf.div(g, tf.add(tf.sqrt(spread), eps));
			if (momentum !== 0) {
				const b0 = get("momentum_buffer");
				u = b0 ? tf.add(tf.mul(b0, momentum), u) : u;
				set("momentum_buffer", u);
			}
			return tf.sub(p, tf.mul(u, learningRate));
		},
	});
}
