import { placesOf } from "../../../model/shapes/slice-places.ts";
import { FLOAT } from "../builder.ts";
import { ints } from "../constants.ts";
import { orderOf } from "../order.ts";
import {
	axisOf,
	type Convert,
	heldShape,
	made,
	numbersOf,
	numbersOrInts,
	type Place,
	Refusal,
} from "../place.ts";
import type { Value } from "../types.ts";

/** Operators that pick, cut and join by place. */

/** The elements at these places of one axis, held as it is. */
function taken(
	{ net, node }: Place,
	x: string,
	axis: number,
	places: readonly number[],
): string {
	return net.add("GatherV2", node.layer, [x, net.ints(places), net.int(axis)], {
		Tparams: FLOAT,
		batch_dims: { i: "0" },
	});
}

/** [begin, size] along each axis of what is held; -1 is all that is left. */
function sliced(
	{ net, node }: Place,
	x: string,
	begin: readonly number[],
	size: readonly number[],
): string {
	return net.add("Slice", node.layer, [x, net.ints(begin), net.ints(size)]);
}

/** https://onnx.ai/onnx/operators/onnx__Slice.html: negative places count from the end, and all are clamped. */
export const slice: Convert = (place) => {
	const { net } = place;
	const x = place.input(0);
	const starts = numbersOrInts(place, "starts", 1) ?? [];
	const ends = numbersOrInts(place, "ends", 2) ?? [];
	const axes =
		numbersOrInts(place, "axes", 3) ?? starts.map((_, index) => index);
	const steps = numbersOf(place, 4) ?? starts.map(() => 1);
	const held = heldShape(x.shape, x.nhwc);
	const begin = held.map(() => 0);
	const size = [...held];
	let name = net.inOrder(x, x.nhwc);
	axes.forEach((wished, index) => {
		const axis = axisOf(wished, x);
		const length = held[axis] as number;
		const [start = 0, end = 0, step = 1] = [
			...[starts[index], ends[index], steps[index]],
		];
		if (length === -1) {
			if (start === 0 && end > 2 ** 30 && step === 1) return;
			throw new Refusal("cuts the batch");
		}
		const places = placesOf(length, start, end, step);
		if (step === 1) {
			begin[axis] = places[0] ?? 0;
			size[axis] = places.length;
		} else name = taken(place, name, axis, places);
	});
	const isCut = size.some(
		(length, axis) => length !== held[axis] || begin[axis] !== 0,
	);
	if (isCut) {
		const wanted = steps.every((step) => step === 1)
			? size
			: heldShape(place.shape(), x.nhwc);
		name = sliced(place, name, begin, wanted);
	}
	return made(name, place.shape(), x.nhwc, x.isPositive);
};

/** Parts of one axis, each a Slice. */
export const split: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	const axis = axisOf(place.number("axis", 0), x);
	const held = heldShape(x.shape, x.nhwc);
	if (held[axis] === -1) throw new Refusal("splits the batch");
	let from = 0;
	return node.outputs.map((_, index) => {
		const shape = place.shape(index);
		const size = [...held];
		size[axis] = heldShape(shape, x.nhwc)[axis] as number;
		const begin = held.map((_, at) => (at === axis ? from : 0));
		from += size[axis] as number;
		const name = sliced(place, net.inOrder(x, x.nhwc), begin, size);
		return made(name, shape, x.nhwc, x.isPositive);
	});
};

/** Side by side along one axis, in the order of the largest. */
export const concat: Convert = (place) => {
	const { net, node, count } = place;
	const values = Array.from({ length: count }, (_, index) =>
		place.input(index),
	);
	const nhwc = orderOf(values);
	const [first] = values as [Value];
	const axis = axisOf(place.number("axis", 0), { ...first, nhwc });
	const inputs = values.map((value) => net.inOrder(value, nhwc));
	const name =
		count === 1
			? (inputs[0] as string)
			: net.add("ConcatV2", node.layer, [...inputs, net.int(axis)], {
					...{ T: FLOAT, N: { i: String(count) } },
				});
	const isPositive = values.every((value) => value.isPositive);
	return made(name, place.shape(), nhwc, isPositive);
};

/** Indices are constants; where they keep the rank a map stays in its order. */
export const gather: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	const indices = place.input(1);
	if (x.constant !== undefined && indices.constant === undefined)
		throw new Refusal("looks up places that are computed from the photos");
	const numbers = numbersOf(place, 1) ?? [];
	const keepsRank = indices.shape.length === 1;
	const nhwc = x.nhwc && keepsRank;
	const axis = axisOf(place.number("axis", 0), { ...x, nhwc });
	const size = heldShape(x.shape, nhwc)[axis] as number;
	if (size === -1) throw new Refusal("picks photos out of the batch");
	const places = numbers.map((at) => (at < 0 ? at + size : at));
	const input = net.inOrder(x, nhwc);
	const shape = place.shape();
	if (keepsRank)
		return made(taken(place, input, axis, places), shape, nhwc, x.isPositive);
	const at = net.constant(ints(indices.shape, places), `${node.layer}/places`);
	const name = net.add("GatherV2", node.layer, [input, at, net.int(axis)], {
		...{ Tparams: FLOAT, batch_dims: { i: "0" } },
	});
	return made(name, shape, false, x.isPositive);
};

/** Room around: of one value, mirrored, or of the edge. Negative amounts cut off. */
export const pad: Convert = (place) => {
	const { net, node } = place;
	const x = place.input(0);
	const rank = x.shape.length;
	const pads = numbersOrInts(place, "pads", 1) ?? [];
	const fill = numbersOf(place, 2)?.[0] ?? place.number("value", 0);
	const axes = numbersOf(place, 3) ?? x.shape.map((_, axis) => axis);
	const { mode = "constant" } = node.attributes;
	const amounts = x.shape.map((): [number, number] => [0, 0]);
	axes.forEach((axis, index) => {
		amounts[axisOf(axis < 0 ? axis + rank : axis, x)] = [
			...([pads[index] ?? 0, pads[index + axes.length] ?? 0] as const),
		];
	});
	const held = heldShape(x.shape, x.nhwc);
	if (amounts.some(([a, b], axis) => held[axis] === -1 && (a !== 0 || b !== 0)))
		throw new Refusal("adds to the batch");
	let name = net.inOrder(x, x.nhwc);
	if (amounts.flat().some((amount) => amount < 0)) {
		const begin = amounts.map(([before]) => Math.max(0, -before));
		const size = held.map((length, axis) => {
			const [a, b] = amounts[axis] as [number, number];
			return length === -1 ? -1 : length + Math.min(0, a) + Math.min(0, b);
		});
		name = sliced(place, name, begin, size);
	}
	const room = amounts.map(([a, b]): [number, number] => [
		...([Math.max(0, a), Math.max(0, b)] as const),
	]);
	const shape = place.shape();
	if (room.flat().every((amount) => amount === 0))
		return made(name, shape, x.nhwc, x.isPositive);
	if (mode === "edge" || mode === "wrap") {
		room.forEach(([before, after], axis) => {
			const size = held[axis] as number;
			if (before === 0 && after === 0) return;
			const places = Array.from({ length: before + size + after }, (_, at) =>
				mode === "edge"
					? Math.min(Math.max(at - before, 0), size - 1)
					: (((at - before) % size) + size) % size,
			);
			name = taken(place, name, axis, places);
		});
		return made(name, shape, x.nhwc, x.isPositive);
	}
	const amountsNode = net.constant(
		{
			...{ dtype: "int32", shape: [rank, 2] },
			data: Int32Array.from(room.flat()),
		},
		"paddings",
	);
	if (mode === "reflect")
		name = net.add("MirrorPad", node.layer, [name, amountsNode], {
			...{ T: FLOAT, mode: { s: Buffer.from("REFLECT").toString("base64") } },
		});
	else
		name = net.add("PadV2", node.layer, [name, amountsNode, net.float(fill)]);
	return made(name, shape, x.nhwc, x.isPositive && fill >= 0);
};
