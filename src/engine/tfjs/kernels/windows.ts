import type { Rank, Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tf } from "../../backend.ts";
import type { Shape4, Window } from "./types.ts";

/** Windows over NHWC maps, made of pads and slices. */

/** [rows, columns] that a window of this kernel gives. */
export function windowSize(
	[, height, width]: readonly number[],
	[kh, kw]: readonly number[],
	{ strides, dilations, pads }: Window,
): [number, number] {
	const [top, bottom, left, right] = pads;
	const steps = (size: number, kernel: number, axis: 0 | 1) =>
		Math.floor((size - dilations[axis] * (kernel - 1) - 1) / strides[axis]) + 1;
	return [
		steps((height as number) + top + bottom, kh as number, 0),
		steps((width as number) + left + right, kw as number, 1),
	];
}

/** The map with its padding; negative numbers cut off. */
export function padded(
	tf: Tf,
	x: Tensor,
	[top, bottom, left, right]: readonly number[],
	value = 0,
): Tensor4D {
	const add = (size = 0) => Math.max(0, size);
	let y = x as Tensor4D;
	if (add(top) + add(bottom) + add(left) + add(right) > 0)
		y = tf.pad(
			y,
			[
				[0, 0],
				[add(top), add(bottom)],
				[add(left), add(right)],
				[0, 0],
			],
			value,
		);
	const cut = (size = 0) => Math.max(0, -size);
	if (cut(top) + cut(bottom) + cut(left) + cut(right) === 0) return y;
	const [n, h, w, c] = y.shape;
	return tf.slice<Rank.R4, Tensor4D>(
		y,
		[0, cut(top), cut(left), 0],
		[n, h - cut(top) - cut(bottom), w - cut(left) - cut(right), c],
	);
}

/** What position (i, j) of the kernel sees of a padded map: [n, rows, columns, c]. */
export function tap(
	tf: Tf,
	x: Tensor4D,
	i: number,
	j: number,
	[rows, columns]: readonly [number, number],
	{ strides: [down, right], dilations }: Window,
): Tensor4D {
	const [n, , , c] = x.shape;
	const top = i * dilations[0];
	const left = j * dilations[1];
	if (down === 1 && right === 1)
		return tf.slice(x, [0, top, left, 0], [n, rows, columns, c]);
	return tf.stridedSlice(
		x,
		[0, top, left, 0],
		[n, top + (rows - 1) * down + 1, left + (columns - 1) * right + 1, c],
		[1, down, right, 1],
	) as Tensor4D;
}

/** All positions of a kernel, row by row. */
export function taps([kh, kw]: readonly number[]): readonly [number, number][] {
	return Array.from({ length: (kh as number) * (kw as number) }, (_, k) => [
		Math.floor(k / (kw as number)),
		k % (kw as number),
	]);
}

/** Zeros between the rows and columns of a map, so that a stride becomes 1: [n, (h - 1) · down + 1, (w - 1) · right + 1, c]. */
export function spread(
	tf: Tf,
	x: Tensor,
	[down, right]: readonly [number, number],
): Tensor4D {
	if (down === 1 && right === 1) return x as Tensor4D;
	const [n, h, w, c] = x.shape as [number, number, number, number];
	const wide = tf.pad(tf.reshape(x, [n * h, 1, w, c]), [
		[0, 0],
		[0, down - 1],
		[0, 0],
		[0, 0],
	]);
	const high = tf.pad(tf.reshape(wide, [n * h * down, w, 1, c]), [
		[0, 0],
		[0, 0],
		[0, right - 1],
		[0, 0],
	]);
	return tf.slice<Rank.R4, Tensor4D>(
		tf.reshape(high, [n, h * down, w * right, c]),
		[0, 0, 0, 0],
		[n, (h - 1) * down + 1, (w - 1) * right + 1, c],
	);
}

/**
 * A gradient laid out so that a convolution of stride 1 with the turned filter is the gradient by x: spread by the
 * strides, and padded by what the kernel reaches beyond the padding.
 */
export function fullyPadded(
	tf: Tf,
	upstream: Tensor,
	[, height, width]: Shape4,
	[kh, kw]: readonly number[],
	{ strides, dilations, pads }: Window,
): Tensor4D {
	const wide = spread(tf, upstream, strides);
	const [, rows, columns] = wide.shape;
	const down = dilations[0] * ((kh as number) - 1);
	const right = dilations[1] * ((kw as number) - 1);
	const [top, , left] = pads;
	return padded(tf, wide, [
		down - top,
		height + top - rows,
		right - left,
		width + left - columns,
	]);
}

/** The sum over all but the last dimension, in two stages, which is more exact: [c]. */
export function sumChannels(tf: Tf, x: Tensor): Tensor {
	const c = x.shape.at(-1) as number;
	const n = x.shape.length > 1 ? (x.shape[0] as number) : 1;
	const rows = x.size / (n * c);
	if (tf.getBackend() !== "wasm")
		return tf.sum(tf.sum(tf.reshape(x, [n, rows, c]), 1), 0);
	// On wasm a sum along anything but the last dimension transposes first; a product with ones does not.
	const each = tf.matMul(tf.ones([n, 1, rows]), tf.reshape(x, [n, rows, c]));
	return tf.reshape(tf.matMul(tf.ones([1, n]), tf.reshape(each, [n, c])), [c]);
}
