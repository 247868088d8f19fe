import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { need, numberAttribute, type Operator } from "./operator.ts";

/** One input, element by element. */

/** The result, and its derivative by x given x and the result. */
interface Rule {
	readonly forward: (tf: Tf, x: Tensor) => Tensor;
	readonly derivative: (tf: Tf, x: Tensor, y: Tensor) => Tensor;
}

function unary({ forward, derivative }: Rule): Operator {
	return (tf) => (inputs) => {
		const x = need(inputs, 0);
		const y = forward(tf, x);
		return {
			output: y,
			gradient: (g) => [tf.mul(g, derivative(tf, x, y))],
		};
	};
}

/** Derivative 0 at 0, as torch's. */
export const relu = unary({
	forward: (tf, x) => tf.relu(x),
	derivative: (tf, x) => tf.step(x),
});

/** y = 1 / (1 + exp(-x)). */
export const sigmoid = unary({
	forward: (tf, x) => tf.sigmoid(x),
	derivative: (tf, _x, y) => tf.mul(y, tf.sub(1, y)),
});

/** y = tanh(x). */
export const tanh = unary({
	forward: (tf, x) => tf.tanh(x),
	derivative: (tf, _x, y) => tf.sub(1, tf.mul(y, y)),
});

/** y = x. */
export const identity: Operator = () => (inputs) => ({
	output: need(inputs, 0),
	gradient: (g) => [g],
});

/**
 * x held between the bounds, which are constant inputs (attributes before opset 11). Derivative 1 on the bounds,
 * as torch.clamp's; nn.ReLU6, which reaches ONNX as Clip, has 0 there, which no computed float meets.
 */
export const clip: Operator = (tf, { node, constant }) => {
	const low =
		constant(1)?.[0] ?? numberAttribute(node.attributes, "min", -Infinity);
	const high =
		constant(2)?.[0] ?? numberAttribute(node.attributes, "max", Infinity);
	return (inputs) => {
		const x = need(inputs, 0);
		const inside = () =>
			tf.cast(
				tf.logicalAnd(tf.greaterEqual(x, low), tf.lessEqual(x, high)),
				"float32",
			);
		return {
			output: tf.minimum(tf.maximum(x, low), high),
			gradient: (g) => [tf.mul(g, inside())],
		};
	};
};
