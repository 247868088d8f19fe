import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { need, type Operator } from "./operator.ts";

/** [n, c, h, w] → [n, c, 1, 1] (any number of spatial dimensions). */

/** [n·c, h·w]: what is pooled lies along the last dimension. */
function planes(tf: Tf, x: Tensor): Tensor {
	const [n = 1, c = 1] = x.shape;
	return tf.reshape(x, [n * c, x.size / (n * c)]);
}

/** The pooled shape of x. */
function pooledShape(x: Tensor): number[] {
	return x.shape.map((dim, axis) => (axis < 2 ? dim : 1));
}

/** The mean of each channel. */
export const globalAveragePool: Operator = (tf) => (inputs) => {
	const x = need(inputs, 0);
	const flat = planes(tf, x);
	const area = flat.shape[1] as number;
	return {
		output: tf.reshape(tf.mean(flat, 1), pooledShape(x)),
		gradient: (g) => [tf.mul(tf.div(g, area), tf.onesLike(x))],
	};
};

/** Of equal largest values the first gets the gradient, as torch's AdaptiveMaxPool2d. */
export const globalMaxPool: Operator = (tf) => (inputs) => {
	const x = need(inputs, 0);
	const flat = planes(tf, x);
	const [rows, area] = flat.shape as [number, number];
	return {
		output: tf.reshape(tf.max(flat, 1), pooledShape(x)),
		gradient(g) {
			const chosen = tf.cast(tf.oneHot(tf.argMax(flat, 1), area), "float32");
			const spread = tf.mul(tf.reshape(g, [rows, 1]), chosen);
			return [tf.reshape(spread, x.shape)];
		},
	};
};
