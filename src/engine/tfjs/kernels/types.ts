import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * What maps are computed with, forward and backward: float32 NHWC maps, HWIO filters, all without tfjs's tape. Native
 * TensorFlow has a kernel for each; elsewhere they are made of what tfjs has.
 */

/** How a window moves over a map: rows first, then columns. */
export interface Window {
	readonly strides: readonly [number, number];
	readonly dilations: readonly [number, number];
	/** Zeros above, below, left and right of the map. */
	readonly pads: readonly [number, number, number, number];
}

/** [n, h, w, c], or [height, width, input channels, output channels] of a filter. */
export type Shape4 = readonly [number, number, number, number];

/** A batch brought to mean 0 and variance 1 in each channel. */
export interface Normed {
	readonly output: Tensor;
	/** [c], the running ones, moved towards the batch's; its variance divided by n - 1, as torch's. */
	readonly mean: Tensor;
	readonly variance: Tensor;
	/** From the gradient by `output` to those by x, scale and offset; x is what was normed. */
	readonly gradient: (
		upstream: Tensor,
		x: Tensor,
	) => readonly [Tensor, Tensor, Tensor];
}

/** [c] each. */
export interface Affine {
	readonly scale: Tensor;
	readonly offset: Tensor;
}

/** Running statistics, [c] each, and what stays of them in a step: running · momentum + batch · (1 - momentum). */
export interface Running {
	readonly mean: Tensor;
	readonly variance: Tensor;
	readonly momentum: number;
}

/** One set of functions a backend; see kernelsOf. */
export interface Kernels {
	readonly conv: (x: Tensor, filter: Tensor, window: Window) => Tensor;
	/** The gradient of `conv` by x, whose shape is given. */
	readonly convInput: (
		x: Shape4,
		filter: Tensor,
		upstream: Tensor,
		window: Window,
	) => Tensor;
	/** The gradient of `conv` by the filter, whose shape is given. */
	readonly convFilter: (
		x: Tensor,
		filter: Shape4,
		upstream: Tensor,
		window: Window,
	) => Tensor;
	/** Each channel by itself: filter [h, w, c, m] gives channels c · m. */
	readonly depthwise: (x: Tensor, filter: Tensor, window: Window) => Tensor;
	readonly depthwiseInput: Kernels["convInput"];
	readonly depthwiseFilter: Kernels["convFilter"];
	/** Padding counts as minus infinity. */
	readonly maxPool: (
		x: Tensor,
		kernel: readonly [number, number],
		window: Window,
	) => Tensor;
	/** Of equal largest values the first gets the gradient, as torch's. */
	readonly maxPoolInput: (
		x: Tensor,
		output: Tensor,
		upstream: Tensor,
		kernel: readonly [number, number],
		window: Window,
	) => Tensor;
	/** With the batch's own statistics: (x - mean) / sqrt(var + epsilon) · scale + offset, var divided by n. */
	readonly batchNorm: (
		x: Tensor,
		affine: Affine,
		running: Running,
		epsilon: number,
	) => Normed;
	/** x · scale + offset, [c] each. */
	readonly affine: (x: Tensor, scale: Tensor, offset: Tensor) => Tensor;
	/** x + bias [c]. */
	readonly addBias: (x: Tensor, bias: Tensor) => Tensor;
	/** The sum over all but the last dimension: [c]. */
	readonly sumChannels: (x: Tensor) => Tensor;
	/** upstream where the result of a ReLU is above 0, else 0. */
	readonly reluInput: (upstream: Tensor, output: Tensor) => Tensor;
	/** upstream where the result of a ReLU6 is between 0 and 6, else 0. */
	readonly relu6Input: (upstream: Tensor, output: Tensor) => Tensor;
}
