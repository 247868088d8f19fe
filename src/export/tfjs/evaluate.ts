import { sizeOf } from "../../model/dtypes.ts";
import {
	floats,
	ints,
	picked,
	reshaped,
	stridesOf,
	transposed,
} from "./constants.ts";
import { resizedConstant } from "./operators/resize.ts";
import type { Place } from "./place.ts";
import type { Constant } from "./types.ts";

/** What needs no photos is computed when the network is written: biases gathered from tables, masks, turned weights. */
type Evaluate = (
	place: Place,
	inputs: readonly Constant[],
) => Constant | undefined;

/** Undefined for an operator that is left to tfjs. */
export function evaluate(
	place: Place,
	inputs: readonly Constant[],
): Constant | undefined {
	return EVALUATORS[place.node.op]?.(place, inputs);
}

const asShape: Evaluate = (place, [x]) => x && reshaped(x, place.shape());

/** numpy's broadcasting of two tensors of numbers. */
function binary(
	compute: (a: number, b: number) => number,
	isTest = false,
): Evaluate {
	return (place, [a, b]) => {
		if (!a || !b || a.dtype !== b.dtype) return undefined;
		const shape = place.shape();
		const [left, right] = [spread(a, shape).data, spread(b, shape).data];
		const values = Array.from(left, (value, at) =>
			compute(value, right[at] as number),
		);
		if (isTest) return { dtype: "bool", shape, data: Uint8Array.from(values) };
		if (a.dtype === "bool") return undefined;
		return a.dtype === "float32" ? floats(shape, values) : ints(shape, values);
	};
}

/** Repeated to a shape that it broadcasts to. */
function spread(x: Constant, shape: readonly number[]): Constant {
	const lead = shape.length - x.shape.length;
	const strides = stridesOf(x.shape);
	return picked(
		x,
		shape,
		shape.map((_, axis) =>
			axis < lead || x.shape[axis - lead] === 1
				? 0
				: (strides[axis - lead] as number),
		),
	);
}

/** Of float32 alone. */
function unary(compute: (value: number) => number): Evaluate {
	return (_place, [x]) =>
		x?.dtype === "float32" ? floats(x.shape, x.data.map(compute)) : undefined;
}

/** Places of one axis; the others whole. */
function taken(
	x: Constant,
	axis: number,
	places: readonly number[],
	shape: readonly number[],
): Constant {
	const before = sizeOf(x.shape.slice(0, axis));
	const after = sizeOf(x.shape.slice(axis + 1));
	const size = x.shape[axis] as number;
	const to = new (x.data.constructor as Float32ArrayConstructor)(
		before * places.length * after,
	);
	for (let row = 0; row < before; row++)
		places.forEach((place, at) => {
			const from = (row * size + (place < 0 ? place + size : place)) * after;
			to.set(
				x.data.subarray(from, from + after) as unknown as Float32Array,
				(row * places.length + at) * after,
			);
		});
	return { ...x, shape, data: to } as Constant;
}

const EVALUATORS: Readonly<Record<string, Evaluate>> = {
	Identity: (_place, [x]) => x,
	Reshape: asShape,
	Flatten: asShape,
	Squeeze: asShape,
	Unsqueeze: asShape,
	Expand: (place, [x]) => x && spread(x, place.shape()),
	Transpose: (place, [x]) =>
		x &&
		transposed(
			x,
			place.ints("perm") ?? x.shape.map((_, axis) => axis).reverse(),
		),
	Gather(place, [x, indices]) {
		if (!x || !indices) return undefined;
		const axis = place.number("axis", 0);
		const at = axis < 0 ? axis + x.shape.length : axis;
		return taken(x, at, [...indices.data], place.shape());
	},
	Resize: (place, [x]) =>
		x?.dtype === "float32" ? resizedConstant(place, x) : undefined,
	Where(place, [condition, a, b]) {
		if (!condition || a?.dtype !== "float32" || b?.dtype !== "float32")
			return undefined;
		const shape = place.shape();
		const [yes, no] = [spread(a, shape).data, spread(b, shape).data];
		return floats(
			shape,
			Array.from(spread(condition, shape).data, (is, at) =>
				Number(is ? yes[at] : no[at]),
			),
		);
	},
	Equal: binary((a, b) => Number(a === b), true),
	Add: binary((a, b) => a + b),
	Sub: binary((a, b) => a - b),
	Mul: binary((a, b) => a * b),
	Div: (place, inputs) =>
		inputs[0]?.dtype === "float32"
			? binary((a, b) => a / b)(place, inputs)
			: undefined,
	Neg: unary((value) => -value),
	Sqrt: unary(Math.sqrt),
	Reciprocal: unary((value) => 1 / value),
	Exp: unary(Math.exp),
};
