import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
	coefficients,
	type Filter,
} from "../../../src/data/resample/resample-coefficients.ts";
import { kernelSource } from "../../../src/data/resample/resample-kernel-make.ts";
import { resamplePlain, resize } from "../../../src/data/resample.ts";
import { crop } from "../../../src/data/transforms/crop.ts";
import type { Pixels } from "../../../src/data/types.ts";
import { random } from "../../../src/random.ts";

const FILTERS: readonly Filter[] = [
	"bilinear",
	"bicubic",
	"box",
	"hamming",
	"lanczos",
];

function noise(height: number, width: number, channels: 1 | 3 = 3): Pixels {
	const draws = random(0, "noise", height, width);
	const size = height * width * channels;
	const data = Uint8Array.from({ length: size }, () => draws.integer(256));
	return { data, height, width, channels };
}

function plain(
	image: Pixels,
	height: number,
	width: number,
	filter: Filter,
): Pixels {
	const axis = (from: number, to: number) =>
		from === to
			? undefined
			: { coefficients: coefficients(from, to, filter), start: 0, length: to };
	const shrunk = image.height - height;
	return resamplePlain(
		image,
		axis(image.width, width),
		axis(image.height, height),
		shrunk > 0 && shrunk > (image.width - width) * 2,
	);
}

test("the generated kernel is what its generator writes", () => {
	const url = new URL(
		"../../../src/data/resample/resample-kernel.gen.ts",
		import.meta.url,
	);
	assert.equal(readFileSync(url, "utf8"), kernelSource());
});

test("the kernel gives the plain loops' bytes for any size and filter", () => {
	const draws = random(1, "sizes");
	const side = () => 1 + draws.integer(70);
	for (let round = 0; round < 60; round++) {
		const image = noise(side(), side());
		const filter = FILTERS[round % FILTERS.length];
		const [height, width] = [side(), side()];
		const expected = plain(image, height, width, filter);
		const label = `${image.width}x${image.height} to ${width}x${height} ${filter}`;
		assert.deepEqual(resize(image, height, width, filter), expected, label);
	}
});

test("photos larger than one band of memory are resized alike", () => {
	const image = noise(701, 900);
	const expected = plain(image, 40, 30, "bilinear");
	assert.deepEqual(resize(image, 40, 30, "bilinear"), expected);
});

test("a window of a resize is what a crop of it would keep", () => {
	const window = { top: 3, left: 5, height: 9, width: 4 };
	const modes = [...FILTERS, "nearest", "nearest-exact"] as const;
	for (const image of [noise(33, 27), noise(33, 27, 1)])
		for (const [height, width] of [
			[20, 21],
			[33, 12],
			[50, 27],
			[33, 27],
		])
			for (const mode of modes) {
				const whole = resize(image, height, width, mode);
				assert.deepEqual(
					resize(image, height, width, mode, window),
					crop(whole, 3, 5, 9, 4),
					`${mode} ${height} ${width}`,
				);
			}
});

test("an image that has the size already is returned as it is", () => {
	const image = noise(5, 6);
	assert.equal(resize(image, 5, 6, "bicubic"), image);
});
