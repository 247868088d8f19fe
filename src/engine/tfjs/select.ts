import type { Tensor } from "@tensorflow/tfjs-core";
import { placesOf } from "../../model/shapes/slice-places.ts";
import type { Tf } from "../backend.ts";
import { hostValues, intsOf } from "./host-values.ts";
import { need, type Operator } from "./operator.ts";
import { take, untake } from "./take.ts";

/** Operators that pick elements by place. */

/** Places of one axis. */
interface Taken {
	readonly axis: number;
	readonly places: readonly number[];
}

function takeAll(tf: Tf, x: Tensor, taken: readonly Taken[]) {
	let y = x;
	const sizes: number[] = [];
	for (const { axis, places } of taken) {
		sizes.push(y.shape[axis] as number);
		y = take(tf, y, axis, places);
	}
	const gradient = (g: Tensor) => {
		let back = g;
		for (let index = taken.length - 1; index >= 0; index--) {
			const { axis, places } = taken[index] as Taken;
			back = untake(tf, back, axis, places, sizes[index] as number);
		}
		return [back];
	};
	return { output: y, gradient };
}

/** ONNX Slice: starts, ends, axes and steps, inputs since opset 10. */
export const slice: Operator = (tf, view) => {
	const startsOf = intsOf(view, "starts", 1);
	const endsOf = intsOf(view, "ends", 2);
	const axesOf = intsOf(view, "axes", 3);
	const stepsOf = hostValues(view, 4);
	return (inputs) => {
		const x = need(inputs, 0);
		const starts = startsOf(inputs) ?? [];
		const ends = endsOf(inputs) ?? [];
		const axes = axesOf(inputs) ?? starts.map((_, index) => index);
		const steps = stepsOf(inputs);
		const taken = axes.flatMap((given, index): Taken[] => {
			const axis = view.axis(given, x.shape.length);
			const size = x.shape[axis] as number;
			const places = placesOf(
				size,
				starts[index] ?? 0,
				ends[index] ?? size,
				steps?.[index] ?? 1,
			);
			return places.length === size && places[0] === 0
				? []
				: [{ axis, places }];
		});
		return takeAll(tf, x, taken);
	};
};

/** x at the indices along one axis; the indices' shape takes the axis's place. */
export const gather: Operator = (tf, view) => {
	const wished = view.number("axis", 0);
	const indicesOf = hostValues(view, 1);
	return (inputs) => {
		const x = need(inputs, 0);
		const { shape } = need(inputs, 1);
		const axis = wished < 0 ? wished + x.shape.length : wished;
		const size = x.shape[axis] as number;
		const places = (indicesOf(inputs) ?? []).map((place) =>
			place < 0 ? place + size : place,
		);
		const y = take(tf, x, axis, places);
		return {
			output: tf.reshape(y, [
				...x.shape.slice(0, axis),
				...shape,
				...x.shape.slice(axis + 1),
			]),
			gradient: (g) => [untake(tf, tf.reshape(g, y.shape), axis, places, size)],
		};
	};
};

/** Room around x: of one value, of the edge, or mirrored. Negative amounts cut off. */
export const pad: Operator = (tf, view) => {
	const padsOf = intsOf(view, "pads", 1);
	const fill = view.constant(2)?.[0] ?? view.number("value", 0);
	const axesOf = hostValues(view, 3);
	const { mode = "constant" } = view.node.attributes;
	return (inputs) => {
		const x = need(inputs, 0);
		const rank = x.shape.length;
		const pads = padsOf(inputs) ?? [];
		const axes = axesOf(inputs) ?? x.shape.map((_, axis) => axis);
		const amounts = x.shape.map((): [number, number] => [0, 0]);
		axes.forEach((given, index) => {
			amounts[view.axis(given, rank)] = [
				pads[index] ?? 0,
				pads[index + axes.length] ?? 0,
			];
		});
		if (mode !== "constant" || amounts.flat().some((amount) => amount < 0))
			return filled(tf, x, amounts, String(mode), fill);
		return {
			output: tf.pad(x, amounts, fill),
			gradient: (g) => [
				tf.slice(
					g,
					amounts.map(([before]) => before),
					x.shape,
				),
			],
		};
	};
};

function filled(
	tf: Tf,
	x: Tensor,
	amounts: readonly (readonly [number, number])[],
	mode: string,
	value: number,
) {
	const taken = amounts.flatMap(([before, after], axis): Taken[] => {
		const size = x.shape[axis] as number;
		const kept = mode === "constant" ? Math.min(before, 0) : before;
		const end = mode === "constant" ? Math.min(after, 0) : after;
		if (kept === 0 && end === 0) return [];
		const places = Array.from({ length: kept + size + end }, (_, index) =>
			source(index - kept, size, mode),
		);
		return [{ axis, places }];
	});
	const inner = takeAll(tf, x, taken);
	if (mode !== "constant") return inner;
	const room = amounts.map(([before, after]): [number, number] => [
		Math.max(before, 0),
		Math.max(after, 0),
	]);
	return {
		output: tf.pad(inner.output, room, value),
		gradient: (g: Tensor) =>
			inner.gradient(
				tf.slice(
					g,
					room.map(([before]) => before),
					inner.output.shape,
				),
			),
	};
}

/** Where a place beyond the edge takes its value from. */
function source(at: number, size: number, mode: string): number {
	if (mode === "edge") return Math.min(Math.max(at, 0), size - 1);
	if (mode === "wrap") return ((at % size) + size) % size;
	if (mode !== "reflect" || size === 1) return at;
	const period = 2 * (size - 1);
	const place = ((at % period) + period) % period;
	return place < size ? place : period - place;
}

/** x with other values at different places, which name all axes or the first of them. */
export const scatterNd: Operator = (tf, { node }) => {
	const { reduction = "none" } = node.attributes;
	return (inputs) => {
		const x = need(inputs, 0);
		const given = tf.cast(need(inputs, 1), "int32");
		const updates = need(inputs, 2);
		const depth = given.shape.at(-1) as number;
		const limits = tf.tensor1d(x.shape.slice(0, depth), "int32");
		const places = tf.where(tf.less(given, 0), tf.add(given, limits), given);
		const spread = (tensor: Tensor) => tf.scatterND(places, tensor, x.shape);
		if (reduction === "add")
			return {
				output: tf.add(x, spread(updates)),
				gradient: (g) => [g, undefined, tf.gatherND(g, places)],
			};
		// Not tensorScatterUpdate: on the cpu backend it writes into its input.
		const hit = tf.greater(spread(tf.onesLike(updates)), 0);
		return {
			output: tf.where(hit, spread(updates), x),
			gradient: (g) => [
				tf.where(hit, tf.zerosLike(g), g),
				undefined,
				tf.gatherND(g, places),
			],
		};
	};
};

/** Sums of all elements up to each place of an axis. */
export const cumSum: Operator = (tf, view) => {
	const axisOf = hostValues(view, 1);
	const exclusive = view.number("exclusive", 0) !== 0;
	const reverse = view.number("reverse", 0) !== 0;
	return (inputs) => {
		const x = need(inputs, 0);
		const wished = axisOf(inputs)?.[0] ?? 0;
		const axis = wished < 0 ? wished + x.shape.length : wished;
		return {
			output: tf.cumsum(x, axis, exclusive, reverse),
			gradient: (g) => [tf.cumsum(g, axis, exclusive, !reverse)],
		};
	};
};
