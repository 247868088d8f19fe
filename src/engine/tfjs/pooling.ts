import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { kernelsOf } from "./kernels/kernels.ts";
import type { Shape4, Window } from "./kernels/types.ts";
import { windowSize } from "./kernels/windows.ts";
import { type NodeView, need, type Operator } from "./operator.ts";
import { windowsOf } from "./window.ts";

/** Pools over [n, h, w, c]; the global ones also over [n, c, …] of any other rank. */

/** [n, rows, c], what is pooled in the middle; with c last, or first among maps that are not of rank 4. */
function seen(tf: Tf, x: Tensor): Tensor {
	const { shape } = x;
	const n = shape[0] as number;
	if (shape.length === 4)
		return tf.reshape(x, [
			n,
			x.size / (n * (shape[3] as number)),
			shape[3] as number,
		]);
	const c = shape[1] as number;
	return tf.transpose(tf.reshape(x, [n, c, x.size / (n * c)]), [0, 2, 1]);
}

/** The gradient by `seen` as one by x. */
function unseen(tf: Tf, gradient: Tensor, x: Tensor): Tensor {
	return tf.reshape(
		x.shape.length === 4 ? gradient : tf.transpose(gradient, [0, 2, 1]),
		x.shape,
	);
}

function pooledShape({ shape }: Tensor): number[] {
	const channel = shape.length === 4 ? 3 : 1;
	return shape.map((dim, axis) => (axis === 0 || axis === channel ? dim : 1));
}

/** The mean of each channel. */
export const globalAveragePool: Operator = (tf) => (inputs) => {
	const x = need(inputs, 0);
	const rows = seen(tf, x);
	const [n, area, c] = rows.shape as [number, number, number];
	return {
		output: tf.reshape(tf.mean(rows, 1), pooledShape(x)),
		keeps: [],
		gradient(g) {
			const share = tf.reshape(tf.div(g, area), [n, 1, c]);
			return [unseen(tf, tf.tile(share, [1, area, 1]), x)];
		},
	};
};

/** Of equal largest values the first gets the gradient, as torch's AdaptiveMaxPool2d. */
export const globalMaxPool: Operator = (tf) => (inputs) => {
	const x = need(inputs, 0);
	const rows = tf.transpose(seen(tf, x), [0, 2, 1]);
	const [n, c, area] = rows.shape as [number, number, number];
	return {
		output: tf.reshape(tf.max(rows, 2), pooledShape(x)),
		keeps: [x],
		gradient(g) {
			const chosen = tf.cast(tf.oneHot(tf.argMax(rows, 2), area), "float32");
			const spread = tf.mul(tf.reshape(g, [n, c, 1]), chosen);
			return [unseen(tf, tf.transpose(spread, [0, 2, 1]), x)];
		},
	};
};

/** The largest value of each window; of equal ones the first gets the gradient. */
export const maxPool: Operator = (tf, view) => {
	const kernel = kernelOf(view);
	const windowOf = windowsOf(view);
	return (inputs) => {
		const x = need(inputs, 0);
		const window = windowOf(x.shape, kernel);
		const kernels = kernelsOf(tf);
		const y = kernels.maxPool(x, kernel, window);
		return {
			output: y,
			keeps: [x, y],
			gradient: (g) => [kernels.maxPoolInput(x, y, g, kernel, window)],
		};
	};
};

/**
 * The mean of each window: of the map's own values alone, or with `count_include_pad` of the padding's zeros, too. What
 * `ceil_mode` lets a window reach over the padding never counts, as in torch.
 */
export const averagePool: Operator = (tf, view) => {
	const kernel = kernelOf(view);
	const windowOf = windowsOf(view);
	const pads = view.ints("pads") ?? [];
	const counting = view.number("count_include_pad", 0) === 1;
	return (inputs) => {
		const x = need(inputs, 0);
		const shape = x.shape as unknown as Shape4;
		const c = shape[3];
		const window = windowOf(shape, kernel);
		const counts = countsOf(shape, kernel, window, counting ? pads : undefined);
		const share = tf.tensor(
			counts.map((count) => 1 / count),
			[1, ...windowSize(shape, kernel, window), 1],
		);
		// A sum is a depthwise convolution with ones.
		const ones = tf.ones([...kernel, c, 1]);
		const kernels = kernelsOf(tf);
		return {
			output: tf.mul(kernels.depthwise(x, ones, window), share),
			keeps: [],
			gradient: (g) => [
				kernels.depthwiseInput(shape, ones, tf.mul(g, share), window),
			],
		};
	};
};

/** How many values each window counts, row by row; `pads` where padding counts. */
function countsOf(
	[, height, width]: Shape4,
	kernel: readonly [number, number],
	window: Window,
	pads: readonly number[] | undefined,
): number[] {
	const [top, , left] = window.pads;
	const [rows, columns] = windowSize([1, height, width, 1], kernel, window);
	const along = (count: number, size: number, begin: number, axis: 0 | 1) => {
		const first = pads ? -begin : 0;
		const last = size + (pads ? (pads[axis + pads.length / 2] ?? 0) : 0);
		return Array.from({ length: count }, (_, at) => {
			const from = at * window.strides[axis] - begin;
			return Array.from(
				{ length: kernel[axis] },
				(_, k) => from + k * window.dilations[axis],
			).filter((place) => place >= first && place < last).length;
		});
	};
	const wide = along(columns, width, left, 1);
	return along(rows, height, top, 0).flatMap((a) => wide.map((b) => a * b));
}

function kernelOf(view: NodeView): [number, number] {
	const [height = 1, width = 1] = view.ints("kernel_shape") ?? [];
	return [height, width];
}
