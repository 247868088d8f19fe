import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../../backend.ts";
import { composedKernels } from "./composed.ts";
import { type Executor, isSame, openExecutor } from "./executor.ts";
import type {
	Affine,
	Kernels,
	Normed,
	Running,
	Shape4,
	Window,
} from "./types.ts";

/** TensorFlow's own kernels, called by their names (https://www.tensorflow.org/api_docs/python/tf/raw_ops). */
export function nativeKernels(tf: Tf): Kernels {
	const composed = composedKernels(tf);
	const run = openExecutor(tf);
	return {
		conv: (x, filter, window) =>
			isDilated(window)
				? composed.conv(x, filter, window)
				: run.one(
						"Conv2D",
						[x, filter],
						run.window(window, x.shape, filter.shape),
					),
		convInput: (x, filter, upstream, window) =>
			isDilated(window)
				? composed.convInput(x, filter, upstream, window)
				: convInput(tf, run, x, filter, upstream, window),
		convFilter: (x, filter, upstream, window) =>
			isDilated(window)
				? composed.convFilter(x, filter, upstream, window)
				: convFilter(tf, run, x, filter, upstream, window),
		depthwise: (x, filter, window) =>
			isOdd(window)
				? composed.depthwise(x, filter, window)
				: run.one(
						"DepthwiseConv2dNative",
						[x, filter],
						run.window(window, x.shape, filter.shape),
					),
		depthwiseInput: (x, filter, upstream, window) =>
			isOdd(window)
				? composed.depthwiseInput(x, filter, upstream, window)
				: run.one(
						"DepthwiseConv2dNativeBackpropInput",
						[run.shape(x), filter, upstream],
						run.window(window, x, filter.shape),
					),
		depthwiseFilter: (x, filter, upstream, window) =>
			isOdd(window)
				? composed.depthwiseFilter(x, filter, upstream, window)
				: run.one(
						"DepthwiseConv2dNativeBackpropFilter",
						[x, run.shape(filter), upstream],
						run.window(window, x.shape, filter),
					),
		maxPool: (x, kernel, window) =>
			isDilated(window)
				? composed.maxPool(x, kernel, window)
				: run.one("MaxPool", [x], run.pool(kernel, window)),
		maxPoolInput: (x, output, upstream, kernel, window) =>
			isDilated(window)
				? composed.maxPoolInput(x, output, upstream, kernel, window)
				: run.one(
						"MaxPoolGrad",
						[x, output, upstream],
						run.pool(kernel, window),
					),
		batchNorm: (x, affine, running, epsilon) =>
			batchNorm(run, x, affine, running, epsilon),
		affine: composed.affine,
		addBias: (x, bias) =>
			run.one("BiasAdd", [x, bias], run.attributes({ data_format: "NHWC" })),
		sumChannels: (x) =>
			run.one("BiasAddGrad", [x], run.attributes({ data_format: "NHWC" })),
		reluInput: (upstream, output) =>
			run.one("ReluGrad", [upstream, output], run.attributes({})),
		relu6Input: (upstream, output) =>
			run.one("Relu6Grad", [upstream, output], run.attributes({})),
	};
}

/**
 * TensorFlow has no fast way for this gradient with explicit padding (four times slower on the CPU): the padded map's is
 * computed, and the padding cut off.
 */
function convInput(
	tf: Tf,
	run: Executor,
	x: Shape4,
	filter: Tensor,
	upstream: Tensor,
	window: Window,
): Tensor {
	const { pads } = window;
	const [top, bottom, left, right] = pads;
	const [n, h, w, c] = x;
	const gradient = (shape: Shape4, attributes: Window) =>
		run.one(
			"Conv2DBackpropInput",
			[run.shape(shape), filter, upstream],
			run.window(attributes, shape, filter.shape),
		);
	if (Math.max(...pads) === 0 || isSame(window, x, filter.shape))
		return gradient(x, window);
	const wide: Shape4 = [n, h + top + bottom, w + left + right, c];
	return tf.tidy(() => {
		const whole = gradient(wide, { ...window, pads: [0, 0, 0, 0] });
		return tf.slice(whole, [0, top, left, 0], [...x]);
	});
}

/** For the same reason the gradient by the filter is that of the map padded beforehand. */
function convFilter(
	tf: Tf,
	run: Executor,
	x: Tensor,
	filter: Shape4,
	upstream: Tensor,
	window: Window,
): Tensor {
	const { pads } = window;
	const gradient = (map: Tensor, attributes: Window) =>
		run.one(
			"Conv2DBackpropFilter",
			[map, run.shape(filter), upstream],
			run.window(attributes, map.shape, filter),
		);
	if (Math.max(...pads) === 0 || isSame(window, x.shape as Shape4, filter))
		return gradient(x, window);
	const [top, bottom, left, right] = pads;
	return tf.tidy(() => {
		const padded = tf.pad(x, [
			[0, 0],
			[top, bottom],
			[left, right],
			[0, 0],
		]);
		return gradient(padded, { ...window, pads: [0, 0, 0, 0] });
	});
}

function isDilated({ dilations }: Window): boolean {
	return Math.max(...dilations) > 1;
}

/** TensorFlow moves a depthwise window by one stride in both directions. */
function isOdd(window: Window): boolean {
	return isDilated(window) || window.strides[0] !== window.strides[1];
}

/** TensorFlow moves the running statistics itself: ten small calls less for each layer. */
function batchNorm(
	run: Executor,
	x: Tensor,
	{ scale, offset }: Affine,
	{ mean, variance, momentum }: Running,
	epsilon: number,
): Normed {
	const kind = run.attributes({
		...{ U: "float32", data_format: "NHWC", is_training: true },
		epsilon: { float: epsilon },
	});
	const moving = { exponential_avg_factor: { float: 1 - momentum } };
	const [output, nextMean, nextVariance, ...kept] = run.many(
		"FusedBatchNormV3",
		[x, scale, offset, mean, variance],
		[...kind, ...run.attributes(moving, false)],
		6,
	) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
	return {
		...{ output, mean: nextMean, variance: nextVariance },
		gradient(upstream, x) {
			const [byX, byScale, byOffset] = run.many(
				"FusedBatchNormGradV3",
				[upstream, x, scale, ...kept],
				kind,
				5,
			) as [Tensor, Tensor, Tensor];
			return [byX, byScale, byOffset];
		},
	};
}
