import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { need, type Operator, sumTo } from "./operator.ts";

/** Two inputs, element by element, with numpy's broadcasting. */

/** The result and the gradient by each side, before broadcasting is undone. */
interface Rule {
	readonly forward: (tf: Tf, a: Tensor, b: Tensor) => Tensor;
	readonly left: (tf: Tf, g: Tensor, a: Tensor, b: Tensor) => Tensor;
	readonly right: (tf: Tf, g: Tensor, a: Tensor, b: Tensor) => Tensor;
}

function binary({ forward, left, right }: Rule): Operator {
	return (tf) => (inputs) => {
		const a = need(inputs, 0);
		const b = need(inputs, 1);
		return {
			output: forward(tf, a, b),
			gradient: (g, wanted) => [
				wanted[0] ? sumTo(tf, left(tf, g, a, b), a.shape) : undefined,
				wanted[1] ? sumTo(tf, right(tf, g, a, b), b.shape) : undefined,
			],
		};
	};
}

/** a + b. */
export const add = binary({
	forward: (tf, a, b) => tf.add(a, b),
	left: (_tf, g) => g,
	right: (_tf, g) => g,
});

/** a - b. */
export const sub = binary({
	forward: (tf, a, b) => tf.sub(a, b),
	left: (_tf, g) => g,
	right: (tf, g) => tf.neg(g),
});

/** a · b. */
export const mul = binary({
	forward: (tf, a, b) => tf.mul(a, b),
	left: (tf, g, _a, b) => tf.mul(g, b),
	right: (tf, g, a) => tf.mul(g, a),
});

/** a / b. */
export const div = binary({
	forward: (tf, a, b) => tf.div(a, b),
	left: (tf, g, _a, b) => tf.div(g, b),
	right: (tf, g, a, b) => tf.neg(tf.div(tf.mul(g, a), tf.mul(b, b))),
});
