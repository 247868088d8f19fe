/**
 * Just enough of a WebAssembly assembler for resample-kernel-make.ts: each function gives the bytes of one
 * instruction with its operands (https://webassembly.github.io/spec/core/binary/).
 */

/** Bytes, nested as the instructions are. */
export type Code = readonly (number | Code)[];

function flat(code: Code): number[] {
	return code.flatMap((part) =>
		typeof part === "number" ? [part] : flat(part),
	);
}

function unsigned(value: number): number[] {
	const bytes: number[] = [];
	let rest = value;
	do {
		const low = rest & 0x7f;
		rest >>>= 7;
		bytes.push(rest ? low | 0x80 : low);
	} while (rest);
	return bytes;
}

function signed(value: number): number[] {
	const bytes: number[] = [];
	let rest = value;
	for (;;) {
		const low = rest & 0x7f;
		rest >>= 7;
		const done =
			(rest === 0 && !(low & 0x40)) || (rest === -1 && (low & 0x40) !== 0);
		bytes.push(done ? low : low | 0x80);
		if (done) return bytes;
	}
}

/** Value type int32. */
export const I32 = 0x7f;
/** Value type of 128-bit vectors. */
export const V128 = 0x7b;

/** local.get */
export const get = (local: number): Code => [0x20, unsigned(local)];
/** local.set of a value. */
export const set = (local: number, value: Code): Code => [
	value,
	0x21,
	unsigned(local),
];
/** i32.const */
export const constant = (value: number): Code => [0x41, signed(value)];
/** i32.add */
export const add = (a: Code, b: Code): Code => [a, b, 0x6a];
/** i32.mul */
export const multiply = (a: Code, b: Code): Code => [a, b, 0x6c];
/** Adds to a local. */
export const increase = (local: number, by: Code): Code =>
	set(local, add(get(local), by));
/** Runs the body at least once, again while `condition` holds. */
export const loopWhile = (condition: Code, body: Code): Code => [
	[0x03, 0x40],
	body,
	condition,
	[0x0d, 0],
	0x0b,
];
/** i32.lt_u */
export const lessThan = (a: Code, b: Code): Code => [a, b, 0x49];
/** i32.load */
export const loadInt = (address: Code): Code => [address, 0x28, 2, 0];

/** An instruction of the vector group. */
export const simd = (opcode: number, ...rest: number[]): Code => [
	0xfd,
	unsigned(opcode),
	rest,
];
/** v128.load */
export const loadVector = (address: Code, offset = 0): Code => [
	address,
	simd(0x00, 0, ...unsigned(offset)),
];
/** v128.load32_splat: one int32 in all four lanes. */
export const loadSplat = (address: Code, offset: number): Code => [
	address,
	simd(0x09, 2, ...unsigned(offset)),
];
/** v128.load64_zero: eight bytes, the rest zero. */
export const loadHalf = (address: Code): Code => [address, simd(0x5d, 0, 0)];
/** v128.store */
export const storeVector = (address: Code, value: Code): Code => [
	address,
	value,
	simd(0x0b, 0, 0),
];
/** v128.store32_lane: one of four lanes. */
export const storeLane = (address: Code, value: Code, lane: number): Code => [
	address,
	value,
	simd(0x5a, 0, 0, lane),
];
/** v128.const */
export const vector = (bytes: readonly number[]): Code => simd(0x0c, ...bytes);
/** A vector of zeros. */
export const zero = vector(new Array(16).fill(0));
/** i8x16.swizzle: bytes picked by a mask, zero where its top bit is set. */
export const swizzle = (value: Code, mask: Code): Code => [
	value,
	mask,
	simd(0x0e),
];
/** i8x16.shuffle: bytes picked from two vectors. */
export const shuffle = (a: Code, b: Code, lanes: readonly number[]): Code => [
	a,
	b,
	simd(0x0d, ...lanes),
];
/** i32x4.dot_i16x8_s: products of int16, added by pairs. */
export const dot = (a: Code, b: Code): Code => [a, b, simd(0xba)];
/** i32x4.add */
export const addVector = (a: Code, b: Code): Code => [a, b, simd(0xae)];
/** i16x8.extend_low_i8x16_u */
export const extendLow = (a: Code): Code => [a, simd(0x89)];
/** i16x8.extend_high_i8x16_u */
export const extendHigh = (a: Code): Code => [a, simd(0x8a)];
/** i16x8.narrow_i32x4_s, saturating. */
export const narrow32 = (a: Code, b: Code): Code => [a, b, simd(0x85)];
/** i8x16.narrow_i16x8_u, saturating. */
export const narrow16 = (a: Code, b: Code): Code => [a, b, simd(0x66)];

/** One function of the module: int32 parameters, no result. */
export interface WasmFunction {
	readonly parameters: number;
	readonly locals: readonly [count: number, type: number][];
	readonly body: Code;
}

/** A module that exports these functions and one `memory` (WebAssembly core specification, chapter 5). */
export function assemble(
	functions: Readonly<Record<string, WasmFunction>>,
): Uint8Array {
	const named = Object.entries(functions);
	const list = (items: readonly Code[]): Code => [
		unsigned(items.length),
		items,
	];
	const sized = (code: Code): Code => [unsigned(flat(code).length), code];
	const section = (id: number, content: Code): Code => [id, sized(content)];
	const name = (text: string): Code => [
		unsigned(text.length),
		[...Buffer.from(text)],
	];
	const types = named.map(([, { parameters }]) => [
		0x60,
		list(new Array(parameters).fill([I32])),
		[0],
	]);
	const exported: Code[] = named.map(([key], index) => [name(key), 0, index]);
	const bodies = named.map(([, { locals, body }]) =>
		sized([list(locals.map(([n, type]) => [unsigned(n), type])), body, 0x0b]),
	);
	return Uint8Array.from(
		flat([
			[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
			section(1, list(types)),
			section(3, list(named.map((_, index) => [index]))),
			section(5, list([[0, 1]])),
			section(7, list([[name("memory"), 2, 0], ...exported])),
			section(10, list(bodies)),
		]),
	);
}
