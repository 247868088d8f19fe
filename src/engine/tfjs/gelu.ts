import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { need, type Operator } from "./operator.ts";

/** x Φ(x), by erf or by tanh (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415; ONNX Gelu, opset 20). */
export const gelu: Operator = (tf, { node }) => {
	const { approximate } = node.attributes;
	const parts = approximate === "tanh" ? byTanh : byErf;
	return (inputs) => {
		const x = need(inputs, 0);
		const { share, slope } = parts(tf, x);
		return {
			output: tf.mul(x, share),
			gradient: (g) => [tf.mul(g, tf.add(share, tf.mul(x, slope())))],
		};
	};
};

interface Parts {
	/** Φ(x). */
	readonly share: Tensor;
	/** Φ'(x). */
	readonly slope: () => Tensor;
}

function byErf(tf: Tf, x: Tensor): Parts {
	const e = tf.erf(tf.mul(x, Math.SQRT1_2));
	return {
		share: tf.add(tf.mul(e, 0.5), 0.5),
		slope: () =>
			tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI)),
	};
}

function byTanh(tf: Tf, x: Tensor): Parts {
	const factor = Math.sqrt(2 / Math.PI);
	const square = tf.square(x);
	const inner = tf.mul(tf.mul(x, tf.add(tf.mul(square, 0.044715), 1)), factor);
	const t = tf.tanh(inner);
	return {
		share: tf.add(tf.mul(t, 0.5), 0.5),
		slope: () =>
			tf.mul(
				tf.mul(tf.sub(1, tf.square(t)), 0.5 * factor),
				tf.add(tf.mul(square, 3 * 0.044715), 1),
			),
	};
}
