import { type Code, simd } from "../../../data/resample/resample-assembler.ts";

/** Instructions on four floats at once, for kernel-make.ts; no fused or relaxed ones, so that every machine rounds alike. */

/** f32x4.sqrt */
export const root = (a: Code): Code => [a, simd(0xe3)];
/** f32x4.add */
export const addFloats = (a: Code, b: Code): Code => [a, b, simd(0xe4)];
/** f32x4.sub */
export const subtractFloats = (a: Code, b: Code): Code => [a, b, simd(0xe5)];
/** f32x4.mul */
export const multiplyFloats = (a: Code, b: Code): Code => [a, b, simd(0xe6)];
/** f32x4.div */
export const divideFloats = (a: Code, b: Code): Code => [a, b, simd(0xe7)];
/** v128.load32_splat: one float in all four lanes. */
export const loadAll = (address: Code, offset = 0): Code => [
	address,
	simd(0x09, 2, ...offsetBytes(offset)),
];
/** v128.store */
export const store = (address: Code, value: Code, offset = 0): Code => [
	address,
	value,
	simd(0x0b, 0, ...offsetBytes(offset)),
];

/** Offsets below 2^14 as LEB128. */
function offsetBytes(offset: number): number[] {
	return offset < 0x80 ? [offset] : [(offset & 0x7f) | 0x80, offset >> 7];
}
