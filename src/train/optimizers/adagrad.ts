import type { Tf } from "../../engine/backend.ts";
import type { Parameters } from "../../engine/tfjs/parameters.ts";
import type { AdagradOptions } from "../../experiment/types.ts";
import { decayed, type Optimizer, openOptimizerOf } from "./state.ts";

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
	return openOptimizerOf(tf, parameters, {
		weightDecay: weight_decay,
		update({ p, g: gradient, learningRate, weightDecay, t, get, set }) {
			const g = decayed(tf, gradient, p, weightDecay);
			const square = tf.mul(g, g);
			const s = tf.add(square, get("sum") ?? initial_accumulator_value);
			set("sum", s);
			const size = learningRate / (1 + (t - 1) * lr_decay);
			const u = tf.div(g, tf.add(tf.sqrt(s), eps));
			return tf.sub(p, tf.mul(u, size));
		},
	});
}
