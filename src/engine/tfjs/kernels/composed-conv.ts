import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tf } from "../../backend.ts";
import { multiply } from "../products.ts";
import type { Kernels, Shape4, Window } from "./types.ts";
import { fullyPadded, padded, tap, taps, windowSize } from "./windows.ts";

/**
 * Convolutions and their gradients by convolutions and products.
 *
 *   by x        the gradient, spread and padded, convolved with the filter turned by 180° and its channels swapped
 *   by filter   x convolved with the gradient, where photos take the part of channels
 */
export function convolutions(
	tf: Tf,
): Pick<Kernels, "conv" | "convInput" | "convFilter"> {
	return {
		conv: (x, filter, window) => conv(tf, x, filter, window),
		convInput: (x, filter, upstream, window) =>
			convInput(tf, x, filter, upstream, window),
		convFilter: (x, filter, upstream, window) =>
			convFilter(tf, x, filter, upstream, window),
	};
}

/** tfjs convolves with a stride or with a dilation, not with both. */
export function isMixed({ strides, dilations }: Window): boolean {
	return Math.max(...strides) > 1 && Math.max(...dilations) > 1;
}

function isPoint([kh, kw]: readonly number[], window: Window): boolean {
	const { strides, pads } = window;
	return (
		kh === 1 &&
		kw === 1 &&
		Math.max(...strides, ...pads) <= 1 &&
		Math.max(...pads) === 0
	);
}

function conv(tf: Tf, x: Tensor, filter: Tensor, window: Window): Tensor {
	const [kh, kw, ci, co] = filter.shape as [number, number, number, number];
	if (isPoint(filter.shape, window)) {
		const flat = tf.matMul(rowsOf(tf, x), tf.reshape(filter, [ci, co]));
		return tf.reshape(flat, [...x.shape.slice(0, 3), co]);
	}
	const wide = padded(tf, x, window.pads);
	if (!isMixed(window))
		return tf.conv2d(
			wide,
			filter as Tensor4D,
			[...window.strides],
			"valid",
			"NHWC",
			[...window.dilations],
		);
	const size = windowSize(x.shape, [kh, kw], window);
	const parts = taps([kh, kw]).map(([i, j]) => {
		const seen = rowsOf(tf, tap(tf, wide, i, j, size, window));
		const at = tf.slice(filter, [i, j, 0, 0], [1, 1, ci, co]);
		return tf.matMul(seen, tf.reshape(at, [ci, co]));
	});
	return tf.reshape(tf.addN(parts), [x.shape[0] as number, ...size, co]);
}

function convInput(
	tf: Tf,
	x: Shape4,
	filter: Tensor,
	upstream: Tensor,
	window: Window,
): Tensor {
	const [, , ci, co] = filter.shape as [number, number, number, number];
	if (isPoint(filter.shape, window)) {
		const turned = tf.transpose(tf.reshape(filter, [ci, co]));
		return tf.reshape(tf.matMul(rowsOf(tf, upstream), turned), [...x]);
	}
	const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
	const wide = fullyPadded(tf, upstream, x, filter.shape, window);
	const stride1: Window = { ...window, strides: [1, 1], pads: [0, 0, 0, 0] };
	return conv(tf, wide, turned, stride1);
}

function convFilter(
	tf: Tf,
	x: Tensor,
	filter: Shape4,
	upstream: Tensor,
	window: Window,
): Tensor {
	const [kh, kw, ci, co] = filter;
	const g = rowsOf(tf, upstream);
	if (isPoint(filter, window))
		return tf.reshape(multiply(tf, rowsOf(tf, x), g, true, false), [...filter]);
	const wide = padded(tf, x, window.pads);
	if (isMixed(window)) {
		const size = windowSize(x.shape, [kh, kw], window);
		const parts = taps([kh, kw]).map(([i, j]) =>
			multiply(
				tf,
				rowsOf(tf, tap(tf, wide, i, j, size, window)),
				g,
				true,
				false,
			),
		);
		return tf.reshape(tf.stack(parts), [...filter]);
	}
	const swapped = tf.conv2d(
		tf.transpose(wide, [3, 1, 2, 0]),
		tf.transpose(upstream, [1, 2, 0, 3]) as Tensor4D,
		[...window.dilations],
		"valid",
		"NHWC",
		[...window.strides],
	);
	// Rows and columns that no window reaches would make the kernel larger than it is.
	const exact = tf.slice(swapped, [0, 0, 0, 0], [ci, kh, kw, co]);
	return tf.transpose(exact, [1, 2, 0, 3]);
}

/** [n · h · w, c]. */
function rowsOf(tf: Tf, x: Tensor): Tensor {
	const c = x.shape[3] as number;
	return tf.reshape(x, [x.size / c, c]);
}
