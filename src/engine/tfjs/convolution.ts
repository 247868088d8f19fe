import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../backend.ts";
import { FOLDED } from "./fold.ts";
import { arranged, filterHolding, type Holding, restored } from "./holding.ts";
import { kernelsOf } from "./kernels/kernels.ts";
import type { Kernels, Shape4 } from "./kernels/types.ts";
import { type NodeView, need, type Operator } from "./operator.ts";
import { windowsOf } from "./window.ts";

/**
 * ONNX's Conv over [n, h, w, c], or over [n, c, l] as a map of width 1; its filter is held as tfjs takes it. A
 * BatchNormalization may be folded into it (fold.ts).
 */
export const conv: Operator = (tf, view) => {
	const groups = view.number("group", 1);
	const windowOf = windowsOf(view);
	const isHeld = view.hold(1, (shape) => filterHolding(shape, groups));
	const shapeOf = view.shape(1);
	return (inputs) => {
		const given = need(inputs, 0);
		const x = asMap(tf, given);
		const weight = need(inputs, 1);
		const shape = isHeld && shapeOf ? shapeOf : weight.shape;
		const holding = filterHolding(shape, groups) as Holding;
		const { bias: offset, scale } = foldedOf(tf, view, inputs);
		const isDepthwise = groups > 1 && shape[1] === 1;
		const raw = isHeld ? weight : arranged(tf, weight, holding);
		const byOutput = (factor: Tensor) =>
			isDepthwise ? tf.reshape(factor, [groups, -1]) : factor;
		const filter = scale ? folded(tf, view, raw, byOutput(scale)) : raw;
		const kind = kindOf(tf, kernelsOf(tf), groups, isDepthwise);
		const window = windowOf(x.shape, filter.shape);
		const plain = kind.forward(x, filter, window);
		const y = offset ? kernelsOf(tf).addBias(plain, offset) : plain;
		if (y !== plain) plain.dispose();
		const back = (g: Tensor) => asLine(tf, g, given.shape.length);
		return {
			output: back(y),
			keeps: [given, weight],
			gradient(upstream, wanted) {
				const g = asMap(tf, upstream);
				const turned = (byFilter: Tensor) =>
					isHeld ? byFilter : restored(tf, byFilter, shape, holding);
				const factored = (by: Tensor, factor: Tensor | undefined) =>
					factor ? tf.mul(by, factor) : by;
				const sum = () => kernelsOf(tf).sumChannels(g);
				return [
					wanted[0]
						? back(kind.input(x.shape as Shape4Like, filter, g, window))
						: undefined,
					wanted[1]
						? turned(
								factored(
									kind.filter(x, filter.shape as Shape4Like, g, window),
									scale && byOutput(scale),
								),
							)
						: undefined,
					wanted[2] ? factored(sum(), scale) : undefined,
				];
			},
		};
	};
};

/** The other way: what is the gradient of a convolution by its map makes a larger map of a smaller one. */
export const convTranspose: Operator = (tf, view) => {
	const groups = view.number("group", 1);
	const windowOf = windowsOf(view);
	const isHeld = view.hold(1, (shape) => filterHolding(shape, groups));
	const shapeOf = view.shape(1);
	const outputPadding = view.ints("output_padding") ?? [0, 0];
	const outputShape = view.ints("output_shape");
	return (inputs) => {
		const x = need(inputs, 0);
		const weight = need(inputs, 1);
		const bias = inputs[2];
		const shape = isHeld && shapeOf ? shapeOf : weight.shape;
		const holding = filterHolding(shape, groups) as Holding;
		const isDepthwise = groups > 1 && shape[1] === 1;
		const filter = isHeld ? weight : arranged(tf, weight, holding);
		const kind = kindOf(tf, kernelsOf(tf), groups, isDepthwise);
		const [n, h, w] = x.shape as Shape4Like;
		const c = (shape[1] as number) * groups;
		const { strides, dilations, pads } = windowOf(x.shape, filter.shape);
		const size = ([h, w] as const).map((length, axis) => {
			const span =
				(dilations[axis] as number) * ((filter.shape[axis] as number) - 1) + 1;
			const around =
				(pads[2 * axis] as number) + (pads[2 * axis + 1] as number);
			const end = outputPadding[axis] ?? 0;
			return (strides[axis] as number) * (length - 1) + span - around + end;
		});
		const [rows = 0, columns = 0] = outputShape ?? size;
		const window = { strides, dilations, pads };
		const plain = kind.input([n, rows, columns, c], filter, x, window);
		return {
			output: bias ? kernelsOf(tf).addBias(plain, bias) : plain,
			keeps: [x, weight],
			gradient(g, wanted) {
				const byFilter = () =>
					kind.filter(g, filter.shape as Shape4Like, x, window);
				return [
					wanted[0] ? kind.forward(g, filter, window) : undefined,
					wanted[1]
						? isHeld
							? byFilter()
							: restored(tf, byFilter(), shape, holding)
						: undefined,
					wanted[2] ? kernelsOf(tf).sumChannels(g) : undefined,
				];
			},
		};
	};
};

type Shape4Like = [number, number, number, number];

interface Kind {
	readonly forward: Kernels["conv"];
	readonly input: Kernels["convInput"];
	readonly filter: Kernels["convFilter"];
}

function kindOf(
	tf: Tf,
	kernels: Kernels,
	groups: number,
	isDepthwise: boolean,
): Kind {
	if (isDepthwise)
		return {
			forward: kernels.depthwise,
			input: kernels.depthwiseInput,
			filter: kernels.depthwiseFilter,
		};
	const { conv: forward, convInput: input, convFilter: filter } = kernels;
	if (groups === 1) return { forward, input, filter };
	const split = (x: Tensor) => tf.split(x, groups, 3);
	return {
		forward(x, filters, window) {
			const parts = split(filters);
			return tf.concat(
				split(x).map((part, i) => forward(part, parts[i] as Tensor, window)),
				3,
			);
		},
		input([n, h, w, c], filters, upstream, window) {
			const own: Shape4 = [n, h, w, c / groups];
			const parts = split(filters);
			return tf.concat(
				split(upstream).map((g, i) =>
					input(own, parts[i] as Tensor, g, window),
				),
				3,
			);
		},
		filter(x, [kh, kw, ci, co], upstream, window) {
			const own: Shape4 = [kh, kw, ci, co / groups];
			const parts = split(upstream);
			return tf.concat(
				split(x).map((part, i) =>
					filter(part, own, parts[i] as Tensor, window),
				),
				3,
			);
		},
	};
}

/** The bias, and the factor of each output channel where a BatchNormalization is folded in. */
function foldedOf(
	tf: Tf,
	view: NodeView,
	inputs: readonly (Tensor | undefined)[],
): { readonly bias: Tensor | undefined; readonly scale: Tensor | undefined } {
	const bias = inputs[2];
	if (!(FOLDED in view.node.attributes)) return { bias, scale: undefined };
	const [gamma, beta, mean, variance] = [3, 4, 5, 6].map((index) =>
		need(inputs, index),
	) as [Tensor, Tensor, Tensor, Tensor];
	const epsilon = view.number(FOLDED, 1e-5);
	const scale = view.derived("scale", () =>
		tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon))),
	);
	const shift = view.derived("shift", () => tf.sub(beta, tf.mul(mean, scale)));
	return {
		bias: bias ? tf.add(tf.mul(bias, scale), shift) : shift,
		scale,
	};
}

/** The filter times its factors: once, where it is frozen. */
function folded(
	tf: Tf,
	view: NodeView,
	filter: Tensor,
	factors: Tensor,
): Tensor {
	return view.isFixed(1)
		? view.derived("filter", () => tf.mul(filter, factors))
		: tf.mul(filter, factors);
}

/** [n, c, l] → [n, l, 1, c]. */
function asMap(tf: Tf, x: Tensor): Tensor {
	if (x.shape.length === 4) return x;
	const [n, c, l] = x.shape as [number, number, number];
	return tf.reshape(tf.transpose(x, [0, 2, 1]), [n, l, 1, c]);
}

/** [n, l, 1, c] → [n, c, l], where that is the rank that was given. */
function asLine(tf: Tf, x: Tensor, rank: number): Tensor {
	if (rank === 4) return x;
	const [n, l, , c] = x.shape as [number, number, number, number];
	return tf.transpose(tf.reshape(x, [n, l, c]), [0, 2, 1]);
}
