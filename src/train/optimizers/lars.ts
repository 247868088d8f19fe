import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { LarsOptions } from "../../experiment/types.ts";
import { momentumStep } from "./sgd.ts";
import { decayed, type Optimizer, openOptimizerOf } from "./state.ts";
import { normOf, trustOr1 } from "./trust.ts";

/**
 * With weight decay (or always_adapt): r = trust_coeff · |p| / (|g| + weight_decay · |p| + eps), 1 where |p| or |g| is 0;
 * trust_clip: r = min(r / lr, 1);  g = r · (g + weight_decay · p). Then SGD's step.
 * (https://arxiv.org/abs/1708.03888; timm 1.0, timm/optim/lars.py)
 */
export function lars(
	tf: Tf,
	parameters: Parameters,
	options: LarsOptions,
): Optimizer {
	const { weight_decay, trust_coeff, eps, trust_clip, always_adapt } = options;

	function adapted(g: Tensor, p: Tensor, rate: number, decay: number): Tensor {
		const pNorm = normOf(tf, p);
		const gNorm = normOf(tf, g);
		const below = tf.add(tf.add(gNorm, tf.mul(pNorm, decay)), eps);
		const plain = tf.div(tf.mul(pNorm, trust_coeff), below);
		let ratio = trustOr1(tf, pNorm, gNorm, plain);
		if (trust_clip) ratio = tf.minimum(tf.div(ratio, rate), 1);
		return tf.mul(decayed(tf, g, p, decay), ratio);
	}

	return openOptimizerOf(tf, parameters, {
		weightDecay: weight_decay,
		update(update) {
			const { p, g, learningRate, weightDecay } = update;
			const isAdapted = weightDecay !== 0 || always_adapt;
			const step = isAdapted ? adapted(g, p, learningRate, weightDecay) : g;
			return momentumStep(update, step, options);
		},
	});
}
