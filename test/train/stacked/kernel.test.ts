import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { random } from "../../../src/random.ts";
import {
	type Matrix,
	openKernel,
} from "../../../src/train/stacked/kernel/kernel.ts";
import { kernelSource } from "../../../src/train/stacked/kernel/kernel-make.ts";

const { fround } = Math;

test("the generated kernel is current", () => {
	const path = "../../../src/train/stacked/kernel/kernel.gen.ts";
	const text = readFileSync(new URL(path, import.meta.url), "utf8");
	assert.equal(text, kernelSource());
});

test("more memory than there is is said in words", () => {
	assert.throws(() => openKernel(2 ** 31), {
		code: "out-of-memory",
		message: /the heads need 8192 MB at once/,
	});
});

function drawn(matrix: Matrix, name: string): Matrix {
	const { normal } = random(0, name);
	for (let row = 0; row < matrix.rows; row++)
		for (let column = 0; column < matrix.columns; column++)
			matrix.data[row * matrix.stride + column] = normal();
	return matrix;
}

const at = ({ data, stride }: Matrix, row: number, column: number) =>
	data[row * stride + column] as number;

/** float32, one term after the other. */
function sum(terms: number, term: (index: number) => number): number {
	let total = 0;
	for (let index = 0; index < terms; index++)
		total = fround(total + term(index));
	return total;
}

for (const [photos, width, outs] of [
	[1, 1, 1],
	[5, 3, 2],
	[16, 17, 3],
	[33, 64, 7],
	[64, 130, 8],
] as const)
	test(`products of ${photos} photos, ${width} numbers, ${outs} outputs add term by term in float32`, () => {
		const kernel = openKernel(200_000);
		const x = drawn(kernel.matrix(photos, width), "x");
		const w = drawn(kernel.matrix(outs, width), "w");
		const turned = kernel.matrix(width, photos);
		const y = kernel.matrix(outs, photos);
		const g = kernel.matrix(outs, width);
		const back = kernel.matrix(width, photos);
		kernel.transpose(x, photos, width, turned);
		kernel.product(turned, w, photos, y);
		kernel.outer(x, y, photos, g);
		kernel.productTransposed(y, w, photos, back);
		for (let row = 0; row < photos; row++)
			for (let out = 0; out < outs; out++)
				assert.equal(
					at(y, out, row),
					sum(width, (d) => fround(at(x, row, d) * at(w, out, d))),
				);
		for (let d = 0; d < width; d++) {
			for (let out = 0; out < outs; out++)
				assert.equal(
					at(g, out, d),
					sum(photos, (row) => fround(at(x, row, d) * at(y, out, row))),
				);
			for (let row = 0; row < photos; row++) {
				assert.equal(at(turned, d, row), at(x, row, d));
				assert.equal(
					at(back, d, row),
					sum(outs, (out) => fround(at(y, out, row) * at(w, out, d))),
				);
			}
		}
	});
