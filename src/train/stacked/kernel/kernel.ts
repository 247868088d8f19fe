import { RunError } from "../../../diagnostic.ts";
import { KERNEL } from "./kernel.gen.ts";

/**
 * The arithmetic of heads in WebAssembly, on matrices that lie in its memory: float32, each row `stride` numbers after
 * the last. What lies between the rows is never part of a result.
 */
export interface Matrix {
	/** The numbers themselves, rows · stride. */
	readonly data: Float32Array;
	readonly rows: number;
	readonly columns: number;
	/** Numbers from row to row. */
	readonly stride: number;
}

/** A memory of its own, and what is computed in it. Sums are float32, term by term in order. */
export interface Kernel {
	/** A matrix of zeros. */
	readonly matrix: (rows: number, columns: number) => Matrix;
	/** out[c][r] = Σ_d x[d][r] · w[c][d], for the first `photos` r. */
	readonly product: (x: Matrix, w: Matrix, photos: number, out: Matrix) => void;
	/** out[c][r] = Σ_d x[d][r] · w[d][c]: the same with w as it lies transposed. */
	readonly productTransposed: Kernel["product"];
	/** out[c][d] = Σ_r x[r][d] · g[c][r], over the first `photos` r. */
	readonly outer: (x: Matrix, g: Matrix, photos: number, out: Matrix) => void;
	/** out[d][r] = x[r][d] of the first `rows` and `columns` of x. */
	readonly transpose: (
		x: Matrix,
		rows: number,
		columns: number,
		out: Matrix,
	) => void;
	/** One step of an optimizer on matrices of one shape; what they and the numbers mean, optimizers-make.ts says. */
	readonly step: (
		optimizer: "sgd" | "adam" | "rmsprop" | "adagrad",
		numbers: readonly number[],
		matrices: readonly Matrix[],
	) => void;
}

type Call = (...operands: number[]) => void;

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
	readonly product: Call;
	readonly productPair: Call;
	readonly outer: Call;
	readonly outerPair: Call;
	readonly transpose: Call;
	readonly sgd: Call;
	readonly adam: Call;
	readonly rmsprop: Call;
	readonly adagrad: Call;
}

const PAGE_BYTES = 1 << 16;

/** Numbers that a matrix of this shape takes: what to add up for `openKernel`. */
export function spaceOf(rows: number, columns: number): number {
	// Rows are transposed by fours, and summed sixteen numbers at a time.
	return roundUp(rows, 4) * roundUp(columns, 16);
}

function roundUp(value: number, unit: number): number {
	return Math.ceil(value / unit) * unit;
}

/**
 * @param space numbers (float32) that all matrices together may take.
 * @throws RunError "out-of-memory" where the system has not that much memory, and beyond 4 GiB.
 */
export function openKernel(space: number): Kernel {
	const module = new WebAssembly.Module(Buffer.from(KERNEL, "base64"));
	const wasm = new WebAssembly.Instance(module).exports as Exports;
	const { product, productPair, outer, outerPair } = wasm;
	// The memory never grows later, for that would cut off every view of it.
	reserve(wasm.memory, space * 4);
	const { buffer } = wasm.memory;
	// The first numbers are the optimizers'.
	const scalars = new Float32Array(buffer, 0, 16);
	let free = scalars.byteLength;

	function matrix(rows: number, columns: number): Matrix {
		const stride = roundUp(columns, 16);
		const data = new Float32Array(buffer, free, rows * stride);
		free += spaceOf(rows, columns) * 4;
		return { data, rows, columns, stride };
	}

	const address = ({ data, stride }: Matrix, row: number) =>
		data.byteOffset + row * stride * 4;

	/** Rows of `out` by twos; a row's factors begin `next` bytes after those of the row before and lie `step` apart. */
	function products(
		x: Matrix,
		w: Matrix,
		photos: number,
		out: Matrix,
		step: number,
		next: number,
	): void {
		const from = address(x, 0);
		const stride = x.stride * 4;
		const bytes = roundUp(photos, 16) * 4;
		let factor = address(w, 0);
		let to = address(out, 0);
		const width = out.stride * 4;
		let row = 0;
		for (; row + 1 < out.rows; row += 2) {
			const [two, toTwo] = [factor + next, to + width];
			productPair(from, stride, step, x.rows, bytes, factor, two, to, toTwo);
			factor = two + next;
			to = toTwo + width;
		}
		if (row < out.rows) product(from, stride, step, x.rows, bytes, factor, to);
	}

	function outers(x: Matrix, g: Matrix, photos: number, out: Matrix): void {
		const from = address(x, 0);
		const stride = x.stride * 4;
		const width = out.stride * 4;
		const next = g.stride * 4;
		let factor = address(g, 0);
		let to = address(out, 0);
		let row = 0;
		for (; row + 1 < out.rows; row += 2) {
			const [two, toTwo] = [factor + next, to + width];
			outerPair(from, stride, photos, width, factor, two, to, toTwo);
			factor = two + next;
			to = toTwo + width;
		}
		if (row < out.rows) outer(from, stride, photos, width, factor, to);
	}

	return {
		matrix,
		product: (x, w, photos, out) =>
			products(x, w, photos, out, 4, w.stride * 4),
		productTransposed: (x, w, photos, out) =>
			products(x, w, photos, out, w.stride * 4, 4),
		outer: outers,
		transpose: (x, rows, columns, out) =>
			wasm.transpose(
				address(x, 0),
				x.stride * 4,
				roundUp(rows, 4) * 4,
				roundUp(columns, 4) * 4,
				address(out, 0),
				out.stride * 4,
			),
		step(optimizer, numbers, matrices) {
			scalars.set(numbers);
			const places = matrices.map((matrix) => address(matrix, 0));
			const bytes = matrices[0]?.data.byteLength ?? 0;
			wasm[optimizer](scalars.byteOffset, bytes, ...places);
		},
	};
}

function reserve(memory: Exports["memory"], bytes: number): void {
	try {
		memory.grow(Math.ceil(bytes / PAGE_BYTES));
	} catch (cause) {
		throw new RunError(
			"out-of-memory",
			`the heads need ${Math.ceil(bytes / 2 ** 20)} MB at once, which this machine does not give (out of memory)`,
			{
				fix: "lower train.batch_size or the width of hidden layers, or let fewer processes work at once",
				cause,
			},
		);
	}
}
