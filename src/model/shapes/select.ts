import { sizeOf } from "../dtypes.ts";
import { positiveAxis, type Rule } from "./rule.ts";
import { cutOf } from "./slice-places.ts";

/** Operators that pick elements by place, and follow small constants: exporters compute the amounts of Pad so. */

/** ONNX Transpose: axes in the order of `perm`, reversed without it. */
export const transpose: Rule = (view) => {
	const { shape, dtype, values } = view.input(0);
	const order = view.ints("perm") ?? shape?.map((_, axis) => axis).reverse();
	if (!shape || !order) return [{ dtype }];
	const result = order.map((axis) => shape[axis] ?? 1);
	return [
		{
			dtype,
			shape: result,
			values:
				values &&
				picked(values, shape, result, (at) =>
					shape.map((_, axis) => at[order.indexOf(axis)] ?? 0),
				),
		},
	];
};

/** ONNX Slice: starts, ends, axes and steps from inputs, or from attributes before opset 10. */
export const slice: Rule = (view) => {
	const { shape, dtype, values } = view.input(0);
	const starts = view.ints("starts") ?? view.input(1).values;
	const ends = view.ints("ends") ?? view.input(2).values;
	if (!shape || !starts || !ends) return [{ dtype }];
	const axes =
		view.ints("axes") ??
		view.input(3).values ??
		starts.map((_, index) => index);
	const steps = view.input(4).values;
	if ((view.node.inputs[3] && !axes) || (view.node.inputs[4] && !steps))
		return [{ dtype }];
	const result = [...shape];
	const from = shape.map(() => ({ start: 0, step: 1 }));
	axes.forEach((given, index) => {
		const axis = positiveAxis(given, shape.length);
		const size = shape[axis] ?? 1;
		const step = steps?.[index] ?? 1;
		const cut = cutOf(size, starts[index] ?? 0, ends[index] ?? size, step);
		result[axis] = cut.count;
		from[axis] = { start: cut.from, step };
	});
	return [
		{
			dtype,
			shape: result,
			values:
				values &&
				picked(values, shape, result, (at) =>
					from.map(({ start, step }, axis) => start + (at[axis] ?? 0) * step),
				),
		},
	];
};

/** A row-major array broadcast to the shape of the result. */
export function repeated(
	values: readonly number[],
	shape: readonly number[],
	result: readonly number[],
): readonly number[] {
	const thin = result.map(
		(_, axis) => shape[shape.length - result.length + axis] ?? 1,
	);
	return picked(values, thin, result, (at) =>
		at.map((place, axis) => (thin[axis] === 1 ? 0 : place)),
	);
}

/** The elements of a row-major array for every place of the result. */
function picked(
	values: readonly number[],
	shape: readonly number[],
	result: readonly number[],
	source: (at: readonly number[]) => readonly number[],
): readonly number[] {
	return Array.from({ length: sizeOf(result) }, (_, index) => {
		let rest = index;
		const at = result.map(() => 0);
		for (let axis = result.length - 1; axis >= 0; axis--) {
			const size = result[axis] ?? 1;
			at[axis] = rest % size;
			rest = Math.floor(rest / size);
		}
		const offset = source(at).reduce(
			(sum, place, axis) => sum * (shape[axis] ?? 1) + place,
			0,
		);
		return values[offset] ?? 0;
	});
}
