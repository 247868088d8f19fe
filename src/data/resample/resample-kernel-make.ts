/**
 * Writes resample-kernel.gen.ts: the inner loops of the resampler as a WebAssembly module with SIMD,
 * assembled by hand. Run with `npx tsx src/data/resample/resample-kernel-make.ts`; a test holds that the generated
 * file is current.
 *
 * A weight k of 22 fractional bits does not fit the 16-bit factors of i32x4.dot_i16x8_s, so it is split as
 * k = hi * 2^15 + lo with 0 <= lo < 2^15. Both halves are summed apart and joined at the end; sums wrap
 * modulo 2^32 as Pillow's do, so results are equal to the last bit.
 *
 *   horizontal: four rows at once; two RGB pixels -> lanes (r0 r1)(g0 g1)(b0 b1)(0 0) -> dot with (k0 k1)
 *   vertical:   sixteen bytes of two rows -> lanes (a0 b0)(a1 b1)... -> dot with (k0 k1)
 */
import { writeFileSync } from "node:fs";
import {
	add,
	addVector,
	assemble,
	type Code,
	constant,
	dot,
	extendHigh,
	extendLow,
	get,
	I32,
	increase,
	lessThan,
	loadHalf,
	loadInt,
	loadSplat,
	loadVector,
	loopWhile,
	multiply,
	narrow16,
	narrow32,
	set,
	shuffle,
	simd,
	storeLane,
	storeVector,
	swizzle,
	V128,
	vector,
	type WasmFunction,
	zero,
} from "./resample-assembler.ts";

/** (hi * 2^15 + lo + 2^21) >> 22; the narrowing that follows clips to 0 ... 255. */
const join = (low: number, high: number): Code => [
	addVector([get(high), constant(15), simd(0xab)], get(low)),
	[constant(1 << 21), simd(0x11), simd(0xae)],
	[constant(22), simd(0xac)],
];

/**
 * horizontal(source, sourceStride, target, targetStride, rows, offsets, weights, columns, pairs)
 * rows: a multiple of 4. offsets: int32 [columns], the byte in a row where a column's input begins.
 * weights: [columns, pairs, 2] of (int16, int16): the low halves, then the high halves.
 */
function horizontal(): WasmFunction {
	const [source, sourceStride, target, targetStride, rows] = [0, 1, 2, 3, 4];
	const [offsets, weights, columns, pairs] = [5, 6, 7, 8];
	const [input, output, weight, column, pair, end] = [9, 10, 11, 12, 13, 14];
	const first = 15;
	const [low, high] = [0, 4].map((base) =>
		[0, 1, 2, 3].map((row) => first + base + row),
	);
	const [weightLow, weightHigh, pixels] = [first + 8, first + 9, first + 10];
	const x = 0x80;
	const spread = vector([0, x, 3, x, 1, x, 4, x, 2, x, 5, x, x, x, x, x]);
	const row = (base: number, stride: number, index: number): Code =>
		index === 0
			? get(base)
			: add(get(base), multiply(get(stride), constant(index)));
	const tap = [0, 1, 2, 3].map((index) => [
		set(pixels, swizzle(loadHalf(row(input, sourceStride, index)), spread)),
		set(
			low[index],
			addVector(get(low[index]), dot(get(pixels), get(weightLow))),
		),
		set(
			high[index],
			addVector(get(high[index]), dot(get(pixels), get(weightHigh))),
		),
	]);
	const onePair: Code = [
		set(weightLow, loadSplat(get(weight), 0)),
		set(weightHigh, loadSplat(get(weight), 4)),
		tap,
		increase(input, constant(6)),
		increase(weight, constant(8)),
		increase(pair, constant(1)),
	];
	const oneColumn: Code = [
		set(
			input,
			add(
				get(source),
				loadInt(add(get(offsets), multiply(get(column), constant(4)))),
			),
		),
		[...low, ...high].map((local) => set(local, zero)),
		set(pair, constant(0)),
		loopWhile(lessThan(get(pair), get(pairs)), onePair),
		set(
			pixels,
			narrow16(
				narrow32(join(low[0], high[0]), join(low[1], high[1])),
				narrow32(join(low[2], high[2]), join(low[3], high[3])),
			),
		),
		[0, 1, 2, 3].map((index) =>
			storeLane(row(output, targetStride, index), get(pixels), index),
		),
		increase(output, constant(3)),
		increase(column, constant(1)),
	];
	const fourRows: Code = [
		set(output, get(target)),
		set(weight, get(weights)),
		set(column, constant(0)),
		loopWhile(lessThan(get(column), get(columns)), oneColumn),
		increase(source, multiply(get(sourceStride), constant(4))),
		increase(target, multiply(get(targetStride), constant(4))),
	];
	return {
		parameters: 9,
		locals: [
			[6, I32],
			[11, V128],
		],
		body: [
			set(end, add(get(source), multiply(get(rows), get(sourceStride)))),
			loopWhile(lessThan(get(source), get(end)), fourRows),
		],
	};
}

/**
 * vertical(source, sourceStride, target, targetStride, rows, firsts, weights, bytes, pairs)
 * rows: of the output. firsts: int32 [rows], the first input row of each. bytes of a row: rounded up to 16.
 */
function vertical(): WasmFunction {
	const [source, sourceStride, target, targetStride, rows] = [0, 1, 2, 3, 4];
	const [firsts, weights, bytes, pairs] = [5, 6, 7, 8];
	const [input, start, weight, at, pair, row] = [9, 10, 11, 12, 13, 14];
	const first = 15;
	const [low, high] = [0, 4].map((base) =>
		[0, 1, 2, 3].map((part) => first + base + part),
	);
	const [weightLow, weightHigh, a, b] = [8, 9, 10, 11].map((n) => first + n);
	const lanes = (base: number) =>
		Array.from({ length: 16 }, (_, lane) =>
			lane % 2 === 0 ? base + lane / 2 : 16 + base + (lane - 1) / 2,
		);
	const part = (
		index: number,
		interleaved: number,
		half: (v: Code) => Code,
	) => [
		set(pixels, half(get(interleaved))),
		set(
			low[index],
			addVector(get(low[index]), dot(get(pixels), get(weightLow))),
		),
		set(
			high[index],
			addVector(get(high[index]), dot(get(pixels), get(weightHigh))),
		),
	];
	const pixels = first + 12;
	const both = first + 13;
	const onePair: Code = [
		set(weightLow, loadSplat(get(weight), 0)),
		set(weightHigh, loadSplat(get(weight), 4)),
		set(a, loadVector(get(input))),
		set(b, loadVector(add(get(input), get(sourceStride)))),
		set(both, shuffle(get(a), get(b), lanes(0))),
		part(0, both, extendLow),
		part(1, both, extendHigh),
		set(both, shuffle(get(a), get(b), lanes(8))),
		part(2, both, extendLow),
		part(3, both, extendHigh),
		increase(input, multiply(get(sourceStride), constant(2))),
		increase(weight, constant(8)),
		increase(pair, constant(1)),
	];
	const sixteenBytes: Code = [
		set(input, add(get(start), get(at))),
		set(
			weight,
			add(get(weights), multiply(multiply(get(row), get(pairs)), constant(8))),
		),
		[...low, ...high].map((local) => set(local, zero)),
		set(pair, constant(0)),
		loopWhile(lessThan(get(pair), get(pairs)), onePair),
		storeVector(
			add(get(target), get(at)),
			narrow16(
				narrow32(join(low[0], high[0]), join(low[1], high[1])),
				narrow32(join(low[2], high[2]), join(low[3], high[3])),
			),
		),
		increase(at, constant(16)),
	];
	const oneRow: Code = [
		set(
			start,
			add(
				get(source),
				multiply(
					loadInt(add(get(firsts), multiply(get(row), constant(4)))),
					get(sourceStride),
				),
			),
		),
		set(at, constant(0)),
		loopWhile(lessThan(get(at), get(bytes)), sixteenBytes),
		increase(target, get(targetStride)),
		increase(row, constant(1)),
	];
	return {
		parameters: 9,
		locals: [
			[6, I32],
			[14, V128],
		],
		body: loopWhile(lessThan(get(row), get(rows)), oneRow),
	};
}

/** The text of resample-kernel.gen.ts. */
export function kernelSource(): string {
	const bytes = assemble({ horizontal: horizontal(), vertical: vertical() });
	return [
		"// Generated by resample-kernel-make.ts; do not edit.",
		"",
		"/** The WebAssembly module with `horizontal`, `vertical` and their `memory`, base64. */",
		`export const KERNEL = "${Buffer.from(bytes).toString("base64")}";`,
		"",
	].join("\n");
}

if (process.argv[1]?.endsWith("resample-kernel-make.ts"))
	writeFileSync(
		new URL("./resample-kernel.gen.ts", import.meta.url),
		kernelSource(),
	);
