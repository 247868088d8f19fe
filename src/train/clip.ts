import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../engine/backend.ts";
import type { TrainOptions } from "../experiment/types.ts";

/** What limits gradients. */
export type ClipOptions = Pick<
	TrainOptions,
	"clip_grad_norm" | "clip_grad_value"
>;

/** torch's, so that a norm of 0 divides nothing. */
const EPS = 1e-6;

/**
 * Gradients cut off at clip_grad_value, then scaled so that their 2-norm together is at most clip_grad_norm: times
 * min(1, max_norm / (norm + 1e-6)). Nothing leaves the device.
 * (https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html, clip_grad_value_.html)
 */
export function clipGradients(
	tf: Tf,
	gradients: ReadonlyMap<string, Tensor>,
	{ clip_grad_norm, clip_grad_value }: ClipOptions,
): ReadonlyMap<string, Tensor> {
	let clipped = gradients;
	if (clip_grad_value !== undefined)
		clipped = mapped(clipped, (g) =>
			tf.clipByValue(g, -clip_grad_value, clip_grad_value),
		);
	if (clip_grad_norm === undefined || clipped.size === 0) return clipped;
	const squares = [...clipped.values()].map((g) => tf.sum(tf.mul(g, g)));
	const norm = tf.sqrt(tf.addN(squares));
	const share = tf.minimum(tf.div(clip_grad_norm, tf.add(norm, EPS)), 1);
	return mapped(clipped, (g) => tf.mul(g, share));
}

function mapped(
	gradients: ReadonlyMap<string, Tensor>,
	change: (gradient: Tensor) => Tensor,
): Map<string, Tensor> {
	return new Map([...gradients].map(([name, g]) => [name, change(g)]));
}
