import { KINDS, sizeOf, typedArray } from "../../dtypes.ts";
import type { Tensor } from "../../types.ts";
import type { PyTensor } from "./values.ts";

/**
 * A view of a storage as a row-major tensor: without a copy where it is one already, else gathered by its strides
 * into memory that threads share.
 * @param bytes of the whole storage
 */
export function stridedTensor(
	{ storage, offset, shape, stride }: PyTensor,
	bytes: Uint8Array,
): Tensor {
	const { dtype } = storage;
	const { bytes: width, array } = KINDS[dtype];
	const size = sizeOf(shape);
	if (isContiguous(shape, stride)) {
		const part = bytes.subarray(offset * width, (offset + size) * width);
		return { dtype, shape, data: typedArray(dtype, part, size) };
	}
	const all = typedArray(dtype, bytes, storage.size);
	const buffer = new SharedArrayBuffer(size * width);
	const data = new array(buffer as unknown as ArrayBuffer, 0, size);
	const index = shape.map(() => 0);
	let at = offset;
	for (let out = 0; out < size; out++) {
		data[out] = all[at] as number & bigint;
		// Like an odometer, the last axis first.
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			const step = stride[axis] as number;
			at += step;
			index[axis] = (index[axis] as number) + 1;
			if ((index[axis] as number) < (shape[axis] as number)) break;
			at -= step * (shape[axis] as number);
			index[axis] = 0;
		}
	}
	return { dtype, shape, data };
}

/** Whether the strides are those of row-major order; of axes with one element they do not matter. */
function isContiguous(
	shape: readonly number[],
	stride: readonly number[],
): boolean {
	if (shape.includes(0)) return true;
	let expected = 1;
	for (let axis = shape.length - 1; axis >= 0; axis--) {
		const dim = shape[axis] as number;
		if (dim !== 1 && stride[axis] !== expected) return false;
		expected *= dim;
	}
	return true;
}
