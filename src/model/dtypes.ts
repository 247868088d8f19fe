import type { DType, Tensor } from "./types.ts";

/** What the element types are called and how they are stored; little-endian everywhere. */
interface Kind {
	readonly bytes: number;
	/** TensorProto.DataType of onnx.proto. */
	readonly onnx: number;
	/** https://github.com/huggingface/safetensors, `Dtype`. */
	readonly safetensors: string;
	readonly array: ArrayConstructor;
}

type ArrayConstructor = new (
	buffer: ArrayBuffer,
	byteOffset: number,
	length: number,
) => Tensor["data"];

/** One row for each element type. */
export const KINDS: Readonly<Record<DType, Kind>> = {
	float32: { bytes: 4, onnx: 1, safetensors: "F32", array: Float32Array },
	float64: { bytes: 8, onnx: 11, safetensors: "F64", array: Float64Array },
	float16: { bytes: 2, onnx: 10, safetensors: "F16", array: Uint16Array },
	bfloat16: { bytes: 2, onnx: 16, safetensors: "BF16", array: Uint16Array },
	float8e4m3fn: {
		bytes: 1,
		onnx: 17,
		safetensors: "F8_E4M3",
		array: Uint8Array,
	},
	float8e5m2: { bytes: 1, onnx: 19, safetensors: "F8_E5M2", array: Uint8Array },
	int64: { bytes: 8, onnx: 7, safetensors: "I64", array: BigInt64Array },
	int32: { bytes: 4, onnx: 6, safetensors: "I32", array: Int32Array },
	int16: { bytes: 2, onnx: 5, safetensors: "I16", array: Int16Array },
	int8: { bytes: 1, onnx: 3, safetensors: "I8", array: Int8Array },
	uint64: { bytes: 8, onnx: 13, safetensors: "U64", array: BigUint64Array },
	uint32: { bytes: 4, onnx: 12, safetensors: "U32", array: Uint32Array },
	uint16: { bytes: 2, onnx: 4, safetensors: "U16", array: Uint16Array },
	uint8: { bytes: 1, onnx: 2, safetensors: "U8", array: Uint8Array },
	bool: { bytes: 1, onnx: 9, safetensors: "BOOL", array: Uint8Array },
};

const DTYPES = Object.keys(KINDS) as DType[];

/** The element type with this TensorProto.DataType; undefined for strings, complex numbers and 4-bit kinds. */
export function dtypeOfOnnx(code: number): DType | undefined {
	return DTYPES.find((dtype) => KINDS[dtype].onnx === code);
}

/** The element type that safetensors spells so. */
export function dtypeOfSafetensors(word: string): DType | undefined {
	return DTYPES.find((dtype) => KINDS[dtype].safetensors === word);
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
	return shape.reduce((product, dim) => product * dim, 1);
}

/** The bytes as a typed array of `length` elements: a view where the alignment allows it, else a copy. */
export function typedArray(
	dtype: DType,
	bytes: Uint8Array,
	length: number,
): Tensor["data"] {
	const { bytes: width, array } = KINDS[dtype];
	// Not bytes.slice(): a Buffer's is a view again.
	const aligned =
		bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
	return new array(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
}

/** The stored bytes of a tensor, without a copy. */
export function bytesOf(data: Tensor["data"]): Uint8Array {
	return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** A tensor of ordinary numbers as the element type wants them (bool as 0 or 1). */
export function tensorOf(
	dtype: DType,
	shape: readonly number[],
	values: readonly number[],
): Tensor {
	const { bytes, array } = KINDS[dtype];
	const data = new array(
		new ArrayBuffer(values.length * bytes),
		0,
		values.length,
	);
	if (data instanceof BigInt64Array || data instanceof BigUint64Array)
		values.forEach((value, index) => {
			data[index] = bigint(value, dtype);
		});
	else data.set(values);
	return { dtype, shape, data };
}

/** Numbers hold 2^63 - 1 ("to the end" in Slice) only as 2^63, which would wrap. */
function bigint(value: number, dtype: DType): bigint {
	return dtype === "int64" && value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value);
}
