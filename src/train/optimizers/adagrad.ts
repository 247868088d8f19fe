import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { AdagradOptions } from "../../experiment/types.ts";
import { decayed, type Optimizer, openState } from "./state.ts";

/**
 * g += weight_decay · p;  s += g², at first s = initial_accumulator_value;
 * p -= lr / (1 + (t - 1) · lr_decay) · g / (sqrt(s) + eps)
 * (https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html)
 */
export function adagrad(
	tf: Tf,
	parameters: Parameters,
	options: AdagradOptions,
): Optimizer {
	const { lr_decay, initial_accumulator_value, eps, weight_decay } = options;
	const sums = openState(tf);
	const steps = new Map<string, number>();

	function step(gradients: ReadonlyMap<string, Tensor>, learningRate: number) {
		for (const [name, gradient] of gradients) {
			const p = parameters.get(name);
			const g = decayed(tf, gradient, p, weight_decay);
			const t = steps.get(name) ?? 0;
			steps.set(name, t + 1);
			const s0 = sums.get(name);
			const square = tf.mul(g, g);
			const s = tf.add(square, s0 ?? initial_accumulator_value);
			sums.set(name, s);
			const size = learningRate / (1 + t * lr_decay);
			const u = tf.div(g, tf.add(tf.sqrt(s), eps));
			parameters.assign(name, tf.sub(p, tf.mul(u, size)));
		}
	}

	return { step, dispose: sums.dispose };
}
