import { sizeOf } from "../dtypes.ts";
import type { DType, Tensor } from "../types.ts";

/** Element types that become float32 where a network wants it, as torch's load_state_dict copies them. */
export const CONVERTIBLE: readonly DType[] = [
	"float64",
	"float16",
	"bfloat16",
	"int64",
	"int32",
	"int16",
	"int8",
	"uint64",
	"uint32",
	"uint16",
	"uint8",
	"bool",
];

/** A tensor as float32, in memory that threads share; one that is not convertible is returned as it is. */
export function asFloat32(tensor: Tensor): Tensor {
	const { dtype, shape, data } = tensor;
	if (!CONVERTIBLE.includes(dtype)) return tensor;
	const result = new Float32Array(new SharedArrayBuffer(4 * sizeOf(shape)));
	const convert =
		dtype === "float16" ? float16 : dtype === "bfloat16" ? bfloat16 : Number;
	for (let index = 0; index < result.length; index++)
		result[index] = convert(data[index] as number);
	return { dtype: "float32", shape, data: result };
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
export function float16(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 1023;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new Uint32Array(1);
const real = new Float32Array(word.buffer);

/** The upper half of a float32. */
function bfloat16(bits: number): number {
	word[0] = bits << 16;
	return real[0] ?? 0;
}
