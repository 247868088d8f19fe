import { RunError } from "../diagnostic.ts";
import { float16 } from "../model/weights/convert.ts";

/** IEEE 754 binary16 and back, as features are kept under `feature_dtype: float16`. */

/** float32 of each of the 65536 halves; made once. */
let table: Float32Array | undefined;

/** float32 of halves given by their bits: exact. */
export function fromHalves(bits: Uint16Array): Float32Array {
	table ??= Float32Array.from({ length: 65536 }, (_, half) => float16(half));
	const known = table;
	const values = new Float32Array(bits.length);
	for (let at = 0; at < bits.length; at++)
		values[at] = known[bits[at] as number] as number;
	return values;
}

/**
 * Bits of the nearest halves, ties to even, as numpy's astype(float16).
 * @throws RunError "feature-overflow" for a number that no half comes near: 65520 and more.
 */
export function toHalves(values: Float32Array): Uint16Array {
	const all = new Uint32Array(values.buffer, values.byteOffset, values.length);
	const halves = new Uint16Array(values.length);
	for (let at = 0; at < all.length; at++) {
		const bits = all[at] as number;
		const sign = (bits >>> 16) & 0x8000;
		const size = bits & 0x7fffffff;
		if (size >= 0x477ff000) {
			if (size <= 0x7f800000) throw overflow(values[at] as number);
			halves[at] = sign | 0x7e00;
		} else if (size >= 0x38800000) {
			// Normal: the exponent rebased, 13 bits rounded off.
			const rounded = size + 0xfff + ((size >>> 13) & 1);
			halves[at] = sign | ((rounded - 0x38000000) >>> 13);
		} else if (size > 0x33000000) {
			// Subnormal: so many steps of 2^-24.
			const shift = 126 - (size >>> 23);
			const mantissa = (size & 0x7fffff) | 0x800000;
			const whole = mantissa >>> shift;
			const rest = mantissa & ((1 << shift) - 1);
			const middle = 1 << (shift - 1);
			const up = rest > middle || (rest === middle && (whole & 1) === 1);
			halves[at] = sign | (whole + (up ? 1 : 0));
		} else halves[at] = sign;
	}
	return halves;
}

function overflow(value: number): RunError {
	return new RunError(
		"feature-overflow",
		`a feature is ${value}, and the largest float16 is 65504`,
		{ fix: "write feature_dtype: float32" },
	);
}
