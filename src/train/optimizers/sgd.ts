import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { SgdOptions } from "../../experiment/types.ts";
import { decayed, type Optimizer, openOptimizerOf, scaled } from "./state.ts";

/**
 * g += weight_decay · p;  v = momentum · v + (1 - dampening) · g, at first v = g;  p -= lr · (nesterov ? g + momentum · v : v)
 * (https://pytorch.org/docs/stable/generated/torch.optim.SGD.html)
 */
export function sgd(
	tf: Tf,
	parameters: Parameters,
	options: SgdOptions,
): Optimizer {
	const { momentum, dampening, nesterov, weight_decay } = options;
	return openOptimizerOf(tf, parameters, {
		weightDecay: weight_decay,
		update({ p, g: gradient, learningRate, weightDecay, get, set }) {
			let g = decayed(tf, gradient, p, weightDecay);
			if (momentum !== 0) {
				const before = get("momentum_buffer");
				const v = before
					? tf.add(tf.mul(before, momentum), scaled(tf, g, 1 - dampening))
					: tf.clone(g);
				set("momentum_buffer", v);
				g = nesterov ? tf.add(g, tf.mul(v, momentum)) : v;
			}
			return tf.sub(p, tf.mul(g, learningRate));
		},
	});
}
