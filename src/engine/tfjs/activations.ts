import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { kernelsOf } from "./kernels/kernels.ts";
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

/** Derivative 0 at 0, as torch's; what comes out tells where it is not. */
export const relu: Operator = (tf) => (inputs) => {
	const y = tf.relu(need(inputs, 0));
	return {
		output: y,
		keeps: [y],
		gradient: (g) => [kernelsOf(tf).reluInput(g, y)],
	};
};

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

const relu6: Operator = (tf) => (inputs) => {
	const y = tf.relu6(need(inputs, 0));
	return {
		output: y,
		keeps: [y],
		gradient: (g) => [kernelsOf(tf).relu6Input(g, y)],
	};
};

/**
 * x held between the bounds, which are constant inputs (attributes before opset 11). Derivative 1 on the bounds,
 * as torch.clamp's; between 0 and 6 it is nn.ReLU6, which reaches ONNX as Clip and has 0 there.
 */
export const clip: Operator = (tf, view) => {
	const { node, constant } = view;
	const low =
		constant(1)?.[0] ?? numberAttribute(node.attributes, "min", -Infinity);
	const high =
		constant(2)?.[0] ?? numberAttribute(node.attributes, "max", Infinity);
	if (low === 0 && high === Infinity) return relu(tf, view);
	if (low === 0 && high === 6) return relu6(tf, view);
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
