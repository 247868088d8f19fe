import { windowsOf } from "../../../engine/tfjs/window.ts";
import { FLOAT, intList, text } from "../builder.ts";
import { floats } from "../constants.ts";
import { type Convert, made, type Place, Refusal } from "../place.ts";
import type { Value } from "../types.ts";

/** Pools. tfjs's know no padding of their own but SAME, which is another one than PyTorch's: PadV2 makes it. */

const LOWEST = -3.4028234663852886e38;

interface Window {
	readonly kernel: readonly [number, number];
	readonly strides: readonly number[];
	readonly pads: readonly number[];
}

function windowOf(place: Place, x: Value): Window {
	const kernel = place.ints("kernel_shape") ?? [];
	const [kh = 1, kw = 1] = kernel;
	if (kernel.length !== 2 || x.shape.length !== 4)
		throw new Refusal(`moves over ${kernel.length} dimensions, not two`);
	const [, , h = 0, w = 0] = x.shape;
	const { strides, dilations, pads } = windowsOf(place)([1, h, w, 1], [kh, kw]);
	if (Math.max(...dilations) > 1)
		throw new Refusal("has dilations, which the pools of tfjs have not");
	return { kernel: [kh, kw], strides, pads };
}

function padded(
	{ net, node }: Place,
	x: Value,
	pads: readonly number[],
	fill: number,
): string {
	const held = net.inOrder(x, true);
	if (pads.every((pad) => pad === 0)) return held;
	const amounts = net.constant(
		{
			...{ dtype: "int32", shape: [4, 2] },
			data: Int32Array.from([0, 0, ...pads, 0, 0]),
		},
		"paddings",
	);
	const inputs = [held, amounts, net.float(fill)];
	return net.add("PadV2", `${node.layer}/padded`, inputs);
}

function pool(
	op: "MaxPool" | "AvgPool",
	{ net, node }: Place,
	input: string,
	{ kernel, strides }: Window,
): string {
	return net.add(op, node.layer, [input], {
		T: FLOAT,
		ksize: intList([1, ...kernel, 1]),
		strides: intList([1, ...strides, 1]),
		padding: text("VALID"),
		data_format: text("NHWC"),
	});
}

/** Padding never wins: it is 0 where nothing is below, else the lowest number. */
export const maxPool: Convert = (place) => {
	const x = place.input(0);
	const window = windowOf(place, x);
	const fill = x.isPositive ? 0 : LOWEST;
	const input = padded(place, x, window.pads, fill);
	const name = pool("MaxPool", place, input, window);
	return made(name, place.shape(), true, x.isPositive);
};

/** The mean with zeros around, times what makes it the mean of the values that count. */
export const averagePool: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	const window = windowOf(place, x);
	const name = pool("AvgPool", place, padded(place, x, window.pads, 0), window);
	const shares = sharesOf(place, x, window);
	const isPlain = shares.every((share) => share === 1);
	const [, , h = 1, w = 1] = place.shape();
	const factor = () =>
		net.constant(floats([1, h, w, 1], shares), `${node.layer}/shares`);
	return made(
		isPlain ? name : net.add("Mul", `${node.layer}/counted`, [name, factor()]),
		...([place.shape(), true, x.isPositive] as const),
	);
};

/** Window's size by how many values count in it, window by window: see engine/tfjs/pooling.ts. */
function sharesOf(
	place: Place,
	x: Value,
	{ kernel, strides, pads: [top = 0, , left = 0] }: Window,
): readonly number[] {
	const counting = place.number("count_include_pad", 0) === 1;
	const given = place.ints("pads") ?? [];
	const [, , height = 1, width = 1] = x.shape;
	const [, , rows = 1, columns = 1] = place.shape();
	const along = (count: number, size: number, begin: number, axis: 0 | 1) => {
		const first = counting ? -begin : 0;
		const last = size + (counting ? (given[axis + 2] ?? 0) : 0);
		return Array.from({ length: count }, (_, at) => {
			const from = at * (strides[axis] as number) - begin;
			const to = from + kernel[axis];
			return Math.min(to, last) - Math.max(from, first);
		});
	};
	const wide = along(columns, width, left, 1);
	const area = kernel[0] * kernel[1];
	return along(rows, height, top, 0).flatMap((a) =>
		wide.map((b) => area / (a * b)),
	);
}

/** Over all places of a map, or of [n, c, …] of another rank. */
function globalPool(op: "Mean" | "Max"): Convert {
	return (place) => {
		const { net, node } = place;
		const x = place.input(0);
		const isMap = x.shape.length === 4;
		const axes = isMap ? [1, 2] : x.shape.map((_, axis) => axis).slice(2);
		const name = net.add(
			op,
			node.layer,
			[net.inOrder(x, isMap), net.ints(axes)],
			{ T: FLOAT, keep_dims: { b: true } },
		);
		return made(name, place.shape(), isMap, x.isPositive);
	};
}

export const globalAveragePool = globalPool("Mean");
export const globalMaxPool = globalPool("Max");
