import { random } from "../../random.ts";
import { need, type Operator } from "./operator.ts";

/**
 * In training each value is dropped with probability p and the rest divided by 1 - p (torch.nn.Dropout); else nothing
 * happens. The draws come from random(seed, "dropout", node, step), in row-major order; those of a part of a batch
 * are the ones it would have had in the whole.
 */
export const dropout: Operator = (tf, { node, number, constant }) => {
	const p = constant(1)?.[0] ?? number("ratio", 0.5);
	return (inputs, { training, seed, step, part }) => {
		const x = need(inputs, 0);
		if (!training || p === 0) return { output: x, gradient: (g) => [g] };
		const mask = new Float32Array(x.size);
		const kept = 1 / (1 - p);
		const { uniform } = random(seed, "dropout", node.name, step);
		const drawn = part ? (x.size / part.photos) * part.before : 0;
		for (let index = 0; index < drawn; index++) uniform();
		for (let index = 0; index < mask.length; index++)
			mask[index] = uniform() < p ? 0 : kept;
		const factors = tf.tensor(mask, x.shape);
		return {
			output: tf.mul(x, factors),
			gradient: (g) => [tf.mul(g, factors)],
		};
	};
};
