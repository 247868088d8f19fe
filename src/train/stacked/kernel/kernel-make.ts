/**
 * Writes kernel.gen.ts: the matrix products and optimizer steps of stacked heads as a WebAssembly module with SIMD,
 * assembled by hand. Run with `npx tsx src/train/stacked/kernel/kernel-make.ts`; a test holds that the generated file is current.
 *
 * Four lanes are four numbers of the result, never four terms of one sum: every sum adds its terms one after the other
 * in float32, product and sum rounded apart, which is what the products of tfjs's wasm backend do. So a head trained in
 * a stack has the same bytes there as one trained alone.
 */
import { writeFileSync } from "node:fs";
import {
	add,
	assemble,
	type Code,
	constant,
	get,
	I32,
	increase,
	lessThan,
	loadVector,
	loopWhile,
	multiply,
	set,
	shuffle,
	V128,
	type WasmFunction,
	zero,
} from "../../../data/resample/resample-assembler.ts";
import { addFloats, loadAll, multiplyFloats, store } from "./floats-make.ts";
import { adagrad, adam, rmsprop, sgd } from "./optimizers-make.ts";

const FOUR = [0, 1, 2, 3] as const;

/**
 * acc[c][i] += vector i at `at` * splat of factor c, for 16 numbers and `factors.length` factors.
 * Locals from `free` on: 4 vectors of the operand, then 4 accumulators a factor.
 */
function accumulate(free: number, at: number, factors: readonly number[]) {
	const sum = (factor: number, index: number) => free + 5 + factor * 4 + index;
	const splat = free + 4;
	return {
		clear: factors.map((_, factor) =>
			FOUR.map((index) => set(sum(factor, index), zero)),
		),
		term: [
			FOUR.map((index) => set(free + index, loadVector(get(at), index * 16))),
			factors.map((address, factor) => [
				set(splat, loadAll(get(address))),
				FOUR.map((index) =>
					set(
						sum(factor, index),
						addFloats(
							get(sum(factor, index)),
							multiplyFloats(get(free + index), get(splat)),
						),
					),
				),
			]),
		],
		write: (outputs: readonly number[], offset: number) =>
			outputs.map((output, factor) =>
				FOUR.map((index) =>
					store(
						add(get(output), get(offset)),
						get(sum(factor, index)),
						index * 16,
					),
				),
			),
		locals: 5 + factors.length * 4,
	};
}

/**
 * out[c][r] = Σ_d x[d][r] · w[c][d] for one or two c.
 * (x, stride of d in x, step of d in w, depth, bytes of r: a multiple of 64, w0[, w1], out0[, out1])
 */
function product(count: number): WasmFunction {
	const [x, stride, step, depth, bytes] = [0, 1, 2, 3, 4];
	const pair = Array.from({ length: count }, (_, index) => index);
	const weights = pair.map((index) => 5 + index);
	const outputs = pair.map((index) => 5 + count + index);
	const parameters = 5 + 2 * count;
	const [offset, at, end] = FOUR.map((index) => parameters + index);
	const factors = pair.map((index) => parameters + 3 + index);
	const ints = 3 + count;
	const sums = accumulate(parameters + ints, at, factors);
	return {
		parameters,
		locals: [
			[ints, I32],
			[sums.locals, V128],
		],
		body: loopWhile(lessThan(get(offset), get(bytes)), [
			set(at, add(get(x), get(offset))),
			factors.map((factor, index) => set(factor, get(weights[index] ?? 0))),
			set(end, add(get(weights[0] ?? 0), multiply(get(depth), get(step)))),
			sums.clear,
			loopWhile(lessThan(get(factors[0] ?? 0), get(end)), [
				sums.term,
				increase(at, get(stride)),
				factors.map((factor) => increase(factor, get(step))),
			]),
			sums.write(outputs, offset),
			increase(offset, constant(64)),
		]),
	};
}

/**
 * out[c][d] = Σ_r x[r][d] · g[c][r] for one or two c.
 * (x, stride of r in x, rows, bytes of d: a multiple of 64, g0[, g1], out0[, out1])
 */
function outer(count: number): WasmFunction {
	const [x, stride, rows, bytes] = [0, 1, 2, 3];
	const pair = Array.from({ length: count }, (_, index) => index);
	const gradients = pair.map((index) => 4 + index);
	const outputs = pair.map((index) => 4 + count + index);
	const parameters = 4 + 2 * count;
	const [offset, at, end] = FOUR.map((index) => parameters + index);
	const factors = pair.map((index) => parameters + 3 + index);
	const ints = 3 + count;
	const sums = accumulate(parameters + ints, at, factors);
	return {
		parameters,
		locals: [
			[ints, I32],
			[sums.locals, V128],
		],
		body: loopWhile(lessThan(get(offset), get(bytes)), [
			set(at, add(get(x), get(offset))),
			factors.map((factor, index) => set(factor, get(gradients[index] ?? 0))),
			set(end, add(get(gradients[0] ?? 0), multiply(get(rows), constant(4)))),
			sums.clear,
			loopWhile(lessThan(get(factors[0] ?? 0), get(end)), [
				sums.term,
				increase(at, get(stride)),
				factors.map((factor) => increase(factor, constant(4))),
			]),
			sums.write(outputs, offset),
			increase(offset, constant(64)),
		]),
	};
}

/** Lanes (a0 b0 a1 b1) or (a2 b2 a3 b3), and halves of two vectors side by side. */
const lanes = (...words: readonly number[]) =>
	words.flatMap((word) => FOUR.map((byte) => word * 4 + byte));

/**
 * out[d][r] = x[r][d], four by four.
 * (x, stride of r, bytes of r in out: a multiple of 16, bytes of d in x: a multiple of 16, out, stride of d in out)
 */
function transpose(): WasmFunction {
	const [x, stride, across, down, out, outStride] = [0, 1, 2, 3, 4, 5];
	const [row, from, to, end] = [6, 7, 8, 9];
	const [a, b, c, d, low, high] = [10, 11, 12, 13, 14, 15];
	const input = (index: number): Code =>
		index === 0
			? get(from)
			: add(get(from), multiply(get(stride), constant(index)));
	const output = (first: number, second: number, half: readonly number[]) => [
		store(get(to), shuffle(get(first), get(second), half), 0),
		increase(to, get(outStride)),
	];
	const lower = lanes(0, 1, 4, 5);
	const upper = lanes(2, 3, 6, 7);
	const interleaved = (half: readonly number[]) => [
		set(low, shuffle(get(a), get(b), half)),
		set(high, shuffle(get(c), get(d), half)),
		output(low, high, lower),
		output(low, high, upper),
	];
	return {
		parameters: 6,
		locals: [
			[4, I32],
			[6, V128],
		],
		body: loopWhile(lessThan(get(row), get(across)), [
			set(from, get(x)),
			set(to, add(get(out), get(row))),
			set(end, add(get(x), get(down))),
			loopWhile(lessThan(get(from), get(end)), [
				[a, b, c, d].map((local, index) =>
					set(local, loadVector(input(index))),
				),
				interleaved(lanes(0, 4, 1, 5)),
				interleaved(lanes(2, 6, 3, 7)),
				increase(from, constant(16)),
			]),
			increase(x, multiply(get(stride), constant(4))),
			increase(row, constant(16)),
		]),
	};
}

/** The text of kernel.gen.ts. */
export function kernelSource(): string {
	const bytes = assemble({
		product: product(1),
		productPair: product(2),
		outer: outer(1),
		outerPair: outer(2),
		transpose: transpose(),
		sgd: sgd(),
		adam: adam(),
		rmsprop: rmsprop(),
		adagrad: adagrad(),
	});
	return [
		"// Generated by kernel-make.ts; do not edit.",
		"",
		"/** The WebAssembly module with the arithmetic of stacked heads and its `memory`, base64. */",
		`export const KERNEL = "${Buffer.from(bytes).toString("base64")}";`,
		"",
	].join("\n");
}

if (process.argv[1]?.endsWith("kernel-make.ts"))
	writeFileSync(new URL("./kernel.gen.ts", import.meta.url), kernelSource());
