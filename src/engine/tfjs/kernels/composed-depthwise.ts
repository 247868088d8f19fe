import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import type { Tf } from "../../backend.ts";
import { isMixed } from "./composed-conv.ts";
import type { Kernels, Shape4, Window } from "./types.ts";
import {
	fullyPadded,
	padded,
	sumChannels,
	tap,
	taps,
	windowSize,
} from "./windows.ts";

/** Depthwise convolutions and their gradients; filters are [h, w, c, m]. */
export function depthwises(
	tf: Tf,
): Pick<Kernels, "depthwise" | "depthwiseInput" | "depthwiseFilter"> {
	return {
		depthwise: (x, filter, window) => depthwise(tf, x, filter, window),
		depthwiseInput: (x, filter, upstream, window) =>
			depthwiseInput(tf, x, filter, upstream, window),
		depthwiseFilter: (x, filter, upstream, window) =>
			depthwiseFilter(tf, x, filter, upstream, window),
	};
}

function depthwise(tf: Tf, x: Tensor, filter: Tensor, window: Window): Tensor {
	const [kh, kw, c, m] = filter.shape as [number, number, number, number];
	const wide = padded(tf, x, window.pads);
	const { strides, dilations } = window;
	// tfjs wants one stride for both directions of a depthwise convolution.
	if (!isMixed(window) && strides[0] === strides[1])
		return tf.depthwiseConv2d(
			wide,
			filter as Tensor4D,
			[...strides],
			"valid",
			"NHWC",
			[...dilations],
		);
	const size = windowSize(x.shape, [kh, kw], window);
	const n = x.shape[0] as number;
	const parts = taps([kh, kw]).map(([i, j]) => {
		const seen = tap(tf, wide, i, j, size, window);
		const at = tf.slice(filter, [i, j, 0, 0], [1, 1, c, m]);
		const rows = tf.reshape(seen, [seen.size / c, c, 1]);
		return tf.mul(rows, tf.reshape(at, [1, c, m]));
	});
	return tf.reshape(tf.addN(parts), [n, ...size, c * m]);
}

function depthwiseInput(
	tf: Tf,
	x: Shape4,
	filter: Tensor,
	upstream: Tensor,
	window: Window,
): Tensor {
	const [kh, kw, c, m] = filter.shape as [number, number, number, number];
	const turned = tf.reverse(filter, [0, 1]);
	const stride1: Window = { ...window, strides: [1, 1], pads: [0, 0, 0, 0] };
	const parts = Array.from({ length: m }, (_, q) => {
		const part = partOf(tf, upstream, c, m, q);
		const own = tf.slice(turned, [0, 0, 0, q], [kh, kw, c, 1]);
		const wide = fullyPadded(tf, part, x, [kh, kw], window);
		return depthwise(tf, wide, own, stride1);
	});
	return parts.length === 1 ? (parts[0] as Tensor) : tf.addN(parts);
}

function depthwiseFilter(
	tf: Tf,
	x: Tensor,
	[kh, kw, c, m]: Shape4,
	upstream: Tensor,
	window: Window,
): Tensor {
	const wide = padded(tf, x, window.pads);
	const size = windowSize(x.shape, [kh, kw], window);
	const parts = Array.from({ length: m }, (_, q) => {
		const part = partOf(tf, upstream, c, m, q);
		const sums = taps([kh, kw]).map(([i, j]) =>
			sumChannels(tf, tf.mul(tap(tf, wide, i, j, size, window), part)),
		);
		return tf.reshape(tf.stack(sums), [kh, kw, c, 1]);
	});
	return parts.length === 1 ? (parts[0] as Tensor) : tf.concat(parts, 3);
}

/** Of [n, h, w, c · m] the channels that filter q of m made: [n, h, w, c]. */
function partOf(tf: Tf, x: Tensor, c: number, m: number, q: number): Tensor {
	if (m === 1) return x;
	const rows = x.size / (c * m);
	const part = tf.slice(tf.reshape(x, [rows, c, m]), [0, 0, q], [rows, c, 1]);
	return tf.reshape(part, [...x.shape.slice(0, 3), c]);
}
