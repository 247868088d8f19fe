import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { openFeatureCache, shardNames } from "../../src/features/cache.ts";
import { verifyCache } from "../../src/features/cache-care.ts";
import { fromHalves, toHalves } from "../../src/features/half.ts";
import { random } from "../../src/random.ts";
import { folderFor } from "../support/graft.ts";

/** Bits by numpy 2: np.array([…], "f4").astype("f2").view("u2"). */
const BY_NUMPY: readonly (readonly [number, number])[] = [
	[0, 0x0000],
	[-0, 0x8000],
	[1, 0x3c00],
	[-2, 0xc000],
	[65504, 0x7bff],
	[65519.996, 0x7bff],
	[2 ** -24, 0x0001],
	[2 ** -25, 0x0000],
	[1.5 * 2 ** -24, 0x0002],
	[2 ** -14, 0x0400],
	[2 ** -14 - 2 ** -25, 0x0400],
	[1 + 2 ** -11, 0x3c00],
	[1 + 3 * 2 ** -11, 0x3c02],
	[0.1, 0x2e66],
];

test("halves have numpy's bits, ties to even, subnormals included", () => {
	const values = Float32Array.from(BY_NUMPY, ([value]) => value);
	assert.deepEqual(
		[...toHalves(values)],
		BY_NUMPY.map(([, bits]) => bits),
	);
});

test("every half that is a number comes back from float32 as it was", () => {
	const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
	const finite = all.filter((bits) => (bits & 0x7c00) !== 0x7c00);
	assert.deepEqual(toHalves(fromHalves(finite)), finite);
});

test("a number that no half comes near is refused with a fix", () => {
	for (const value of [65520, -1e10, Number.POSITIVE_INFINITY])
		assert.throws(() => toHalves(Float32Array.of(1, value)), {
			code: "feature-overflow",
			fix: "write feature_dtype: float32",
		});
});

test("a cache in halves takes half the disk and gives float32 rows, the nearest halves of what went in", async (context) => {
	const folder = folderFor(context);
	const draw = random(0, "rows");
	const rows = new Map(
		Array.from({ length: 20 }, (_, photo) => [
			String(photo).padStart(64, "0"),
			Float32Array.from({ length: 1001 }, draw.normal),
		]),
	);
	const sizes = (["float32", "float16"] as const).map((dtype) => {
		const cache = openFeatureCache(folder, dtype, [1001], { dtype });
		cache.append(rows);
		const [name = ""] = shardNames(cache.folder);
		return statSync(join(cache.folder, name)).size;
	});
	assert.ok(sizes[1] < 0.55 * sizes[0], `${sizes[1]} of ${sizes[0]} bytes`);
	const cache = openFeatureCache(folder, "float16", [1001], {
		dtype: "float16",
	});
	const data = new Float32Array(20 * 1001);
	const order = new Map([...rows.keys()].map((photo, row) => [photo, row]));
	assert.deepEqual(await cache.read(order, data), []);
	[...rows.values()].forEach((row, index) => {
		const read = data.subarray(index * 1001, (index + 1) * 1001);
		assert.deepEqual(read, fromHalves(toHalves(row)));
	});
	assert.deepEqual((await verifyCache(folder)).damaged, []);
});
