import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { LambOptions } from "../../experiment/types.ts";
import { updateMoments } from "./moments.ts";
import { decayed, type Optimizer, openOptimizerOf } from "./state.ts";
import { normOf, trustOr1 } from "./trust.ts";

/**
 * All gradients over max(1, |all| / max_grad_norm);  m and v as Adam's (without grad_averaging m takes all of g);
 * u = m / (1 - b1^t) / (sqrt(v) / sqrt(1 - b2^t) + eps) + weight_decay · p, without bias_correction both 1 - b^t are 1;
 * with weight decay (or always_adapt): u *= |p| / |u|, 1 where either is 0, at most 1 with trust_clip;  p -= lr · u
 * (https://arxiv.org/abs/1904.00962; timm 1.0, timm/optim/lamb.py)
 */
export function lamb(
	tf: Tf,
	parameters: Parameters,
	options: LambOptions,
): Optimizer {
	const { betas, eps, weight_decay, trust_clip, always_adapt } = options;
	const { bias_correction, grad_averaging, max_grad_norm } = options;
	const [beta1, beta2] = betas;

	function prepare(
		gradients: ReadonlyMap<string, Tensor>,
	): ReadonlyMap<string, Tensor> {
		if (max_grad_norm === 0 || gradients.size === 0) return gradients;
		const all = [...gradients.values()].map((g) => tf.sum(tf.mul(g, g)));
		const norm = tf.sqrt(tf.addN(all));
		const by = tf.maximum(tf.div(norm, max_grad_norm), 1);
		return new Map([...gradients].map(([name, g]) => [name, tf.div(g, by)]));
	}

	return openOptimizerOf(tf, parameters, {
		weightDecay: weight_decay,
		prepare,
		update({ p, g, learningRate, weightDecay, t, get, set }) {
			const share = grad_averaging ? 1 - beta1 : 1;
			const { m, v } = updateMoments({ tf, get, set }, g, betas, share);
			const first = bias_correction ? 1 - beta1 ** t : 1;
			const second = bias_correction ? 1 - beta2 ** t : 1;
			const below = tf.add(tf.div(tf.sqrt(v), Math.sqrt(second)), eps);
			const plain = tf.div(tf.div(m, first), below);
			let u = decayed(tf, plain, p, weightDecay);
			if (weightDecay !== 0 || always_adapt) {
				const pNorm = normOf(tf, p);
				const uNorm = normOf(tf, u);
				const ratio = trustOr1(tf, pNorm, uNorm, tf.div(pNorm, uNorm));
				u = tf.mul(u, trust_clip ? tf.minimum(ratio, 1) : ratio);
			}
			return tf.sub(p, tf.mul(u, learningRate));
		},
	});
}
