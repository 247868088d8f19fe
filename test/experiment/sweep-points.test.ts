import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import {
	HALTON_DIMENSIONS,
	haltonPoints,
} from "../../src/experiment/sweep/halton.ts";
import {
	SOBOL_DIMENSIONS,
	sobolPoints,
} from "../../src/experiment/sweep/sobol.ts";
import { packageRoot } from "../../src/paths.ts";
import { random } from "../../src/random.ts";

/** Made by golden/make_qmc.py. */
const golden = JSON.parse(
	readFileSync(join(packageRoot(), "test/experiment/golden/qmc.json"), "utf8"),
) as { readonly sobol: number[][]; readonly halton: number[][] };

test("Sobol points are those of scipy.stats.qmc in 32 dimensions", () => {
	assert.equal(SOBOL_DIMENSIONS, 32);
	assert.deepEqual(sobolPoints(64, 32), golden.sobol);
});

test("Halton points are those of scipy.stats.qmc in 32 dimensions", () => {
	assert.equal(HALTON_DIMENSIONS, 32);
	const points = haltonPoints(50, 32);
	for (const [row, point] of points.entries())
		for (const [column, value] of point.entries())
			assert.ok(Math.abs(value - (golden.halton[row]?.[column] ?? -1)) < 1e-14);
});

test("a shift keeps 2^k Sobol points one to each of 2^k equal intervals, in every dimension", () => {
	const draw = random(0, "shifts");
	const shifts = Array.from({ length: 8 }, () => draw.integer(2 ** 32));
	const points = sobolPoints(64, 8, shifts);
	for (let dimension = 0; dimension < 8; dimension++) {
		const hit = new Set(
			points.map((point) => Math.floor((point[dimension] ?? 0) * 64)),
		);
		assert.equal(hit.size, 64);
	}
	assert.notDeepEqual(points, sobolPoints(64, 8));
});

test("permuted Halton points stay one to each interval of their base", () => {
	const points = haltonPoints(27, 2, (dimension, digit, base) =>
		random(3, dimension, digit).permutation(base),
	);
	const thirds = new Set(points.map(([, y = 0]) => Math.floor(y * 27)));
	assert.equal(thirds.size, 27);
	for (const point of points)
		for (const value of point) assert.ok(value >= 0 && value < 1);
});
