import type { Tensor } from "@tensorflow/tfjs-core";
import { sizeOf } from "../../model/dtypes.ts";
import type { Tf } from "../backend.ts";
import { type NodeView, need, type Operator } from "./operator.ts";

/**
 * Softmax and LogSoftmax. Since opset 13 along one axis (default the last); before, along all axes from one on
 * (default 1) at once. Either way the input is seen as [before, along, after].
 */
function along(view: NodeView, x: Tensor): [number, number, number] {
	const flattening = view.opset < 13;
	const wished = view.number("axis", flattening ? 1 : -1);
	const axis = wished < 0 ? wished + x.shape.length : wished;
	const before = sizeOf(x.shape.slice(0, axis));
	if (flattening) return [before, x.size / before, 1];
	const width = x.shape[axis] as number;
	return [before, width, x.size / (before * width)];
}

/** x - max(x), which changes neither result and keeps exp finite. */
function centred(tf: Tf, x: Tensor): Tensor {
	return tf.sub(x, tf.max(x, 1, true));
}

/** exp(x) / Σ exp(x). */
export const softmax: Operator = (tf, view) => (inputs) => {
	const x = need(inputs, 0);
	const shape = along(view, x);
	const powers = tf.exp(centred(tf, tf.reshape(x, shape)));
	const y = tf.div(powers, tf.sum(powers, 1, true));
	return {
		output: tf.reshape(y, x.shape),
		gradient(upstream) {
			const g = tf.reshape(upstream, shape);
			const mean = tf.sum(tf.mul(g, y), 1, true);
			return [tf.reshape(tf.mul(tf.sub(g, mean), y), x.shape)];
		},
	};
};

/** x - log Σ exp(x). */
export const logSoftmax: Operator = (tf, view) => (inputs) => {
	const x = need(inputs, 0);
	const shape = along(view, x);
	const shifted = centred(tf, tf.reshape(x, shape));
	const y = tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
	return {
		output: tf.reshape(y, x.shape),
		gradient(upstream) {
			const g = tf.reshape(upstream, shape);
			const total = tf.sum(g, 1, true);
			return [tf.reshape(tf.sub(g, tf.mul(tf.exp(y), total)), x.shape)];
		},
	};
};
