import type { Pixels } from "../types.ts";
import type { Coefficients } from "./resample-coefficients.ts";
import { KERNEL } from "./resample-kernel.gen.ts";

/**
 * RGB resampling in WebAssembly: the two passes, each on its own. The
 * horizontal pass copies the photo in by bands of rows, so that memory stays small for large photos:
 *
 *   tables | band of input rows -horizontal-> output rows
 *   tables | input rows         -vertical->   output rows
 */

type Pass = (
	source: number,
	sourceStride: number,
	target: number,
	targetStride: number,
	rows: number,
	starts: number,
	weights: number,
	length: number,
	pairs: number,
) => void;

/** What is used of WebAssembly here; its types are in TypeScript's DOM library only. */
declare const WebAssembly: {
	readonly Module: new (bytes: Uint8Array) => object;
	readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports {
	readonly memory: {
		readonly buffer: ArrayBuffer;
		readonly grow: (pages: number) => number;
	};
	readonly horizontal: Pass;
	readonly vertical: Pass;
}

/** One axis of a resize: all weights, and which output pixels are wanted. */
export interface Axis {
	readonly coefficients: Coefficients;
	/** First wanted output pixel, and how many. */
	readonly start: number;
	readonly length: number;
}

let loaded: Exports | undefined;

function kernel(): Exports {
	if (!loaded) {
		// atob rather than Buffer: the web page of an export resizes photos with this kernel, too.
		const bytes = Uint8Array.from(atob(KERNEL), (one) => one.charCodeAt(0));
		const module = new WebAssembly.Module(bytes);
		loaded = new WebAssembly.Instance(module).exports as Exports;
	}
	return loaded;
}

const BAND_BYTES = 1 << 20;
const PAGE_BYTES = 1 << 16;
const MASK_15 = 0x7fff;

const packed = new WeakMap<Coefficients, Int32Array>();

/** Weights by pairs of taps: (low halves, high halves) as int16 pairs; see resample-kernel-make.ts. */
function packWeights(coefficients: Coefficients): Int32Array {
	const known = packed.get(coefficients);
	if (known) return known;
	const { taps, weights, first } = coefficients;
	const pairs = (taps + 1) >> 1;
	const result = new Int32Array(first.length * pairs * 2);
	for (let out = 0; out < first.length; out++) {
		for (let pair = 0; pair < pairs; pair++) {
			const a = weights[out * taps + 2 * pair];
			const b = 2 * pair + 1 < taps ? weights[out * taps + 2 * pair + 1] : 0;
			const at = (out * pairs + pair) * 2;
			result[at] = (a & MASK_15) | ((b & MASK_15) << 16);
			result[at + 1] = ((a >> 15) & 0xffff) | ((b >> 15) << 16);
		}
	}
	packed.set(coefficients, result);
	return result;
}

function roundUp(value: number, unit: number): number {
	return Math.ceil(value / unit) * unit;
}

/** The input rows (or columns) that the wanted outputs are made of: [first, end). */
export function inputRange(axis: Axis): [first: number, end: number] {
	const { first, count } = axis.coefficients;
	const last = axis.start + axis.length - 1;
	return [first[axis.start], first[last] + count[last]];
}

interface Table {
	readonly starts: number;
	readonly weights: number;
	readonly pairs: number;
	readonly end: number;
	readonly write: (memory: ArrayBuffer) => void;
}

/** Where the tables of an axis lie, and how to write them: starts * unit - base, and weights. */
function table(at: number, axis: Axis, unit: number, base: number): Table {
	const { coefficients, start, length } = axis;
	const pairs = (coefficients.taps + 1) >> 1;
	const weights = at + length * 4;
	return {
		starts: at,
		weights,
		pairs,
		end: roundUp(weights + length * pairs * 8, 16),
		write(memory) {
			const starts = new Int32Array(memory, at, length);
			for (let out = 0; out < length; out++)
				starts[out] = (coefficients.first[start + out] - base) * unit;
			const all = packWeights(coefficients);
			new Int32Array(memory, weights, length * pairs * 2).set(
				all.subarray(start * pairs * 2, (start + length) * pairs * 2),
			);
		},
	};
}

/** Makes the memory at least `bytes` long and gives a view of it. */
function reserve(memory: Exports["memory"], bytes: number): Uint8Array {
	const missing = bytes - memory.buffer.byteLength;
	if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
	return new Uint8Array(memory.buffer);
}

/** Rows `from` to `to` of an image as they lie in memory. */
function rowsOf(image: Pixels, from: number, to: number): Uint8Array {
	const stride = image.width * 3;
	return image.data.subarray(from * stride, to * stride);
}

/** Takes `height` rows of `width` RGB pixels out of memory, where they lie `stride` bytes apart. */
function takeOut(
	bytes: Uint8Array,
	at: number,
	stride: number,
	height: number,
	width: number,
): Pixels {
	const row = width * 3;
	const data = new Uint8Array(height * row);
	if (stride === row) data.set(bytes.subarray(at, at + data.length));
	else
		for (let y = 0; y < height; y++)
			data.set(bytes.subarray(at + y * stride, at + y * stride + row), y * row);
	return { data, height, width, channels: 3 };
}

/** The last taps of a line may lie beyond it: their weight is zero, but they must be in memory. */
const spareColumns = (table: Table) => table.pairs * 6 + 8;
const spareRows = (table: Table) => table.pairs * 2 + 4;
/** Rows written by the horizontal pass: its last store reaches one byte beyond a row. */
const acrossStride = (width: number) => roundUp(width * 3 + 1, 16);

/** The horizontal pass alone, on the rows [first, end). */
export function resampleAcross(
	image: Pixels,
	axis: Axis,
	[first, end]: readonly [number, number] = [0, image.height],
): Pixels {
	const { memory, horizontal } = kernel();
	const columns = table(0, axis, 3, 0);
	const inStride = image.width * 3;
	const outStride = acrossStride(axis.length);
	const bandRows = Math.min(
		roundUp(end - first, 4),
		Math.max(4, Math.floor(BAND_BYTES / inStride / 4) * 4),
	);
	const band = columns.end;
	const output = roundUp(
		band + bandRows * inStride + spareColumns(columns),
		16,
	);
	const rows = roundUp(end - first, 4);
	const bytes = reserve(memory, output + rows * outStride);
	columns.write(memory.buffer);
	for (let row = first; row < end; row += bandRows) {
		const bandEnd = Math.min(end, row + bandRows);
		bytes.set(rowsOf(image, row, bandEnd), band);
		horizontal(
			band,
			inStride,
			output + (row - first) * outStride,
			outStride,
			roundUp(bandEnd - row, 4),
			columns.starts,
			columns.weights,
			axis.length,
			columns.pairs,
		);
	}
	return takeOut(bytes, output, outStride, end - first, axis.length);
}

/** The vertical pass alone; row 0 of the image is row `base` for the axis. */
export function resampleDown(image: Pixels, axis: Axis, base = 0): Pixels {
	const { memory, vertical } = kernel();
	const rows = table(0, axis, 1, base);
	const stride = image.width * 3;
	const source = rows.end;
	const output = source + (image.height + spareRows(rows)) * stride + 16;
	const bytes = reserve(memory, output + axis.length * stride + 16);
	rows.write(memory.buffer);
	bytes.set(image.data, source);
	vertical(
		source,
		stride,
		output,
		stride,
		axis.length,
		rows.starts,
		rows.weights,
		stride,
		rows.pairs,
	);
	return takeOut(bytes, output, stride, axis.length, image.width);
}
