import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { SgdOptions } from "../../experiment/types.ts";
import { decayed, type Optimizer, openState, scaled } from "./state.ts";

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
	const velocity = openState(tf);

	function step(gradients: ReadonlyMap<string, Tensor>, learningRate: number) {
		for (const [name, gradient] of gradients) {
			const p = parameters.get(name);
			let g = decayed(tf, gradient, p, weight_decay);
			if (momentum !== 0) {
				const before = velocity.get(name);
				const v = before
					? tf.add(tf.mul(before, momentum), scaled(tf, g, 1 - dampening))
					: tf.clone(g);
				velocity.set(name, v);
				g = nesterov ? tf.add(g, tf.mul(v, momentum)) : v;
			}
			parameters.assign(name, tf.sub(p, tf.mul(g, learningRate)));
		}
	}

	return { step, dispose: velocity.dispose };
}
