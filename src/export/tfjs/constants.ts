import { sizeOf } from "../../model/dtypes.ts";
import type { Tensor } from "../../model/types.ts";
import { asFloat32 } from "../../model/weights/convert.ts";
import type { Constant } from "./types.ts";

/** Tensors with known values. */

const LARGEST = 2 ** 31 - 1;

/** A tensor of the network as tfjs has them: all integers are int32, clamped ("to the end" is 2^63 - 1). */
export function constantOf(tensor: Tensor): Constant {
	const { shape, dtype, data } = tensor;
	if (dtype === "bool")
		return { dtype: "bool", shape, data: Uint8Array.from(data as Uint8Array) };
	if (/float/.test(dtype))
		return floats(shape, asFloat32(tensor).data as Float32Array);
	return ints(
		shape,
		Array.from(data as ArrayLike<number | bigint>, (value) => Number(value)),
	);
}

/** float32 of this shape. */
export function floats(
	shape: readonly number[],
	data: Float32Array | readonly number[],
): Constant {
	return {
		...{ dtype: "float32", shape },
		data: data instanceof Float32Array ? data : Float32Array.from(data),
	};
}

/** int32 of this shape, clamped. */
export function ints(
	shape: readonly number[],
	values: readonly number[],
): Constant {
	const data = Int32Array.from(values, (value) =>
		Math.max(-LARGEST - 1, Math.min(LARGEST, value)),
	);
	return { dtype: "int32", shape, data };
}

/** The same values in another shape. */
export function reshaped(
	constant: Constant,
	shape: readonly number[],
): Constant {
	return { ...constant, shape };
}

/** The dimensions in another order. */
export function transposed(
	constant: Constant,
	perm: readonly number[],
): Constant {
	if (perm.every((axis, at) => axis === at)) return constant;
	const shape = perm.map((axis) => constant.shape[axis] as number);
	const strides = stridesOf(constant.shape);
	return picked(
		constant,
		shape,
		perm.map((axis) => strides[axis] as number),
	);
}

/** Values at begin + Σ index · stride, row-major: transposes, slices, broadcasts. */
export function picked(
	constant: Constant,
	shape: readonly number[],
	strides: readonly number[],
	begin = 0,
): Constant {
	const size = sizeOf(shape);
	const from = constant.data;
	const to = new (from.constructor as Float32ArrayConstructor)(size);
	const rank = shape.length;
	const inner = rank === 0 ? 1 : (shape[rank - 1] as number);
	const step = rank === 0 ? 0 : (strides[rank - 1] as number);
	const index = new Array<number>(Math.max(0, rank - 1)).fill(0);
	let at = begin;
	for (let row = 0; row < size; row += inner) {
		for (let i = 0; i < inner; i++) to[row + i] = from[at + i * step] as number;
		for (let axis = rank - 2; axis >= 0; axis--) {
			at += strides[axis] as number;
			index[axis] = (index[axis] as number) + 1;
			if ((index[axis] as number) < (shape[axis] as number)) break;
			at -= (shape[axis] as number) * (strides[axis] as number);
			index[axis] = 0;
		}
	}
	return { ...constant, shape, data: to } as Constant;
}

/** Row-major steps of each dimension. */
export function stridesOf(shape: readonly number[]): readonly number[] {
	return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}
