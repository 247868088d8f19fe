import { sizeOf } from "../dtypes.ts";
import type { DType, Tensor } from "../types.ts";

/** Element types that become float32. */
export const CONVERTIBLE: readonly DType[] = ["float64", "float16", "bfloat16"];

/** A tensor as float32, where it is half precision or double; any other is returned as it is. */
export function asFloat32(tensor: Tensor): Tensor {
	const { dtype, shape, data } = tensor;
	switch (dtype) {
		case "float64":
			return {
				dtype: "float32",
				shape,
				data: Float32Array.from(data as Float64Array),
			};
		case "float16":
		case "bfloat16": {
			const result = new Float32Array(sizeOf(shape));
			const bits = data as Uint16Array;
			const convert = dtype === "float16" ? float16 : bfloat16;
			for (let index = 0; index < result.length; index++)
				result[index] = convert(bits[index] ?? 0);
			return { dtype: "float32", shape, data: result };
		}
		default:
			return tensor;
	}
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
function float16(bits: number): number {
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
