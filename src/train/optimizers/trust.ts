import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../engine/backend.ts";

/** 2-norm of all numbers of a tensor, []. */
export function normOf(tf: Tf, x: Tensor): Scalar {
	return tf.sqrt(tf.sum(tf.mul(x, x)));
}

/** The ratio, or 1 where the parameter or its step has no length: timm's Lars and Lamb. Nothing leaves the device. */
export function trustOr1(
	tf: Tf,
	parameterNorm: Tensor,
	stepNorm: Tensor,
	ratio: Tensor,
): Tensor {
	const both = tf.logicalAnd(
		tf.greater(parameterNorm, 0),
		tf.greater(stepNorm, 0),
	);
	return tf.where(both, ratio, tf.onesLike(ratio));
}
