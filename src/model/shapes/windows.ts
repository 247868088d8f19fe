import type { NodeView, Rule } from "./rule.ts";

/** Shapes of operators that slide a window over [n, c, h, w]: convolutions and pools, of any number of axes. */

/** https://onnx.ai/onnx/operators/onnx__Conv.html, onnx__MaxPool.html: output size along one axis. */
function windowSize(
	size: number,
	kernel: number,
	stride: number,
	dilation: number,
	padding: number,
	ceil: boolean,
): number {
	const span = dilation * (kernel - 1) + 1;
	const steps = (size + padding - span) / stride;
	return (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
}

function windows(
	view: NodeView,
	spatial: readonly number[],
	kernel: readonly number[],
): readonly number[] {
	const autoPad = view.text("auto_pad", "NOTSET");
	const strides = view.ints("strides");
	const dilations = view.ints("dilations");
	const pads = view.ints("pads");
	const ceil = view.int("ceil_mode", 0) === 1;
	return spatial.map((size, axis) => {
		const stride = strides?.[axis] ?? 1;
		if (autoPad.startsWith("SAME")) return Math.ceil(size / stride);
		const begin = autoPad === "VALID" ? 0 : (pads?.[axis] ?? 0);
		const end = autoPad === "VALID" ? 0 : (pads?.[axis + spatial.length] ?? 0);
		const count = windowSize(
			size,
			kernel[axis] ?? 1,
			stride,
			dilations?.[axis] ?? 1,
			begin + end,
			ceil,
		);
		// A window that would start in the right padding is dropped, as in PyTorch and ONNX.
		return ceil && (count - 1) * stride >= size + begin ? count - 1 : count;
	});
}

const conv: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	const weight = view.input(1).shape;
	if (!shape || !weight) return [{ dtype }];
	const kernel = view.ints("kernel_shape") ?? weight.slice(2);
	return [
		{
			dtype,
			shape: [
				shape[0] ?? 1,
				weight[0] ?? 1,
				...windows(view, shape.slice(2), kernel),
			],
		},
	];
};

const convTranspose: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	const weight = view.input(1).shape;
	if (!shape || !weight || view.text("auto_pad", "NOTSET") !== "NOTSET")
		return [{ dtype }];
	const spatial = shape.slice(2);
	const stated = view.ints("output_shape");
	const kernel = view.ints("kernel_shape") ?? weight.slice(2);
	const sizes = spatial.map((size, axis) => {
		const stride = view.ints("strides")?.[axis] ?? 1;
		const dilation = view.ints("dilations")?.[axis] ?? 1;
		const pads = view.ints("pads");
		const padding = (pads?.[axis] ?? 0) + (pads?.[axis + spatial.length] ?? 0);
		const extra = view.ints("output_padding")?.[axis] ?? 0;
		return (
			stride * (size - 1) +
			extra +
			dilation * ((kernel[axis] ?? 1) - 1) +
			1 -
			padding
		);
	});
	const channels = (weight[1] ?? 1) * view.int("group", 1);
	return [{ dtype, shape: [shape[0] ?? 1, channels, ...(stated ?? sizes)] }];
};

const pool: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	const kernel = view.ints("kernel_shape");
	if (!shape || !kernel) return [{ dtype }];
	const result = [
		...shape.slice(0, 2),
		...windows(view, shape.slice(2), kernel),
	];
	return [
		{ dtype, shape: result },
		{ dtype: "int64", shape: result },
	];
};

const globalPool: Rule = (view) => {
	const { shape, dtype } = view.input(0);
	return [{ dtype, shape: shape?.map((size, axis) => (axis < 2 ? size : 1)) }];
};

/** Operators that slide a window: convolution and pooling. */
export const WINDOW_RULES: Readonly<Record<string, Rule>> = {
	Conv: conv,
	ConvTranspose: convTranspose,
	MaxPool: pool,
	AveragePool: pool,
	LpPool: pool,
	GlobalAveragePool: globalPool,
	GlobalMaxPool: globalPool,
	GlobalLpPool: globalPool,
};
