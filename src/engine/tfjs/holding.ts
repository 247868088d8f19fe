import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";

/** How an initializer lies on the device: seen in `shape`, which has as many numbers, then transposed by `order`. */
export interface Holding {
	readonly shape: readonly number[];
	readonly order: readonly number[];
}

/**
 * How a filter of ONNX's Conv is held, that of a map of one dimension with a width of 1: [h, w, in, out], or
 * [h, w, channels, m] of a depthwise one.
 * @param filter [out, in / groups, h, w]
 * @returns undefined for filters of more than two dimensions
 */
export function filterHolding(
	filter: readonly number[],
	groups: number,
): Holding | undefined {
	const [out = 0, each = 0, h = 1, w = 1] = filter;
	if (filter.length < 3 || filter.length > 4) return undefined;
	return groups > 1 && each === 1
		? { shape: [groups, out / groups, h, w], order: [2, 3, 0, 1] }
		: { shape: [out, each, h, w], order: [2, 3, 1, 0] };
}

/** From the model's order to that on the device. */
export function arranged(tf: Tf, x: Tensor, { shape, order }: Holding): Tensor {
	return tf.tidy(() => tf.transpose(tf.reshape(x, [...shape]), [...order]));
}

/** From the order on the device to the model's, of this shape. */
export function restored(
	tf: Tf,
	x: Tensor,
	shape: readonly number[],
	{ order }: Holding,
): Tensor {
	const back = order.map((_, axis) => order.indexOf(axis));
	return tf.tidy(() => tf.reshape(tf.transpose(x, back), [...shape]));
}
