/**
 * Writes resample-kernel.gen.ts: the inner loops of the resampler as a WebAssembly module with SIMD,
 * assembled by hand. Run with `npx tsx src/data/resample-kernel-make.ts`; a test holds that the generated
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

type Code = readonly (number | Code)[];

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

const I32 = 0x7f;
const V128 = 0x7b;

const get = (local: number): Code => [0x20, unsigned(local)];
const set = (local: number, value: Code): Code => [
	value,
	0x21,
	unsigned(local),
];
const constant = (value: number): Code => [0x41, signed(value)];
const add = (a: Code, b: Code): Code => [a, b, 0x6a];
const multiply = (a: Code, b: Code): Code => [a, b, 0x6c];
const increase = (local: number, by: Code): Code =>
	set(local, add(get(local), by));
/** Runs the body at least once, again while `condition` holds. */
const loopWhile = (condition: Code, body: Code): Code => [
	[0x03, 0x40],
	body,
	condition,
	[0x0d, 0],
	0x0b,
];
const lessThan = (a: Code, b: Code): Code => [a, b, 0x49];
const loadInt = (address: Code): Code => [address, 0x28, 2, 0];

const simd = (opcode: number, ...rest: number[]): Code => [
	0xfd,
	unsigned(opcode),
	rest,
];
const loadVector = (address: Code, offset = 0): Code => [
	address,
	simd(0x00, 0, ...unsigned(offset)),
];
const loadSplat = (address: Code, offset: number): Code => [
	address,
	simd(0x09, 2, ...unsigned(offset)),
];
const loadHalf = (address: Code): Code => [address, simd(0x5d, 0, 0)];
const storeVector = (address: Code, value: Code): Code => [
	address,
	value,
	simd(0x0b, 0, 0),
];
const storeLane = (address: Code, value: Code, lane: number): Code => [
	address,
	value,
	simd(0x5a, 0, 0, lane),
];
const vector = (bytes: readonly number[]): Code => simd(0x0c, ...bytes);
const zero = vector(new Array(16).fill(0));
const swizzle = (value: Code, mask: Code): Code => [value, mask, simd(0x0e)];
const shuffle = (a: Code, b: Code, lanes: readonly number[]): Code => [
	a,
	b,
	simd(0x0d, ...lanes),
];
const dot = (a: Code, b: Code): Code => [a, b, simd(0xba)];
const addVector = (a: Code, b: Code): Code => [a, b, simd(0xae)];
const extendLow = (a: Code): Code => [a, simd(0x89)];
const extendHigh = (a: Code): Code => [a, simd(0x8a)];
const narrow32 = (a: Code, b: Code): Code => [a, b, simd(0x85)];
const narrow16 = (a: Code, b: Code): Code => [a, b, simd(0x66)];

/** (hi * 2^15 + lo + 2^21) >> 22; the narrowing that follows clips to 0 ... 255. */
const join = (low: number, high: number): Code => [
	addVector([get(high), constant(15), simd(0xab)], get(low)),
	[constant(1 << 21), simd(0x11), simd(0xae)],
	[constant(22), simd(0xac)],
];

interface Function {
	readonly parameters: number;
	readonly locals: readonly [count: number, type: number][];
	readonly body: Code;
}

/**
 * horizontal(source, sourceStride, target, targetStride, rows, offsets, weights, columns, pairs)
 * rows: a multiple of 4. offsets: int32 [columns], the byte in a row where a column's input begins.
 * weights: [columns, pairs, 2] of (int16, int16): the low halves, then the high halves.
 */
function horizontal(): Function {
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
function vertical(): Function {
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

function assemble(functions: Readonly<Record<string, Function>>): Uint8Array {
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
