import assert from "node:assert/strict";
import test from "node:test";
import {
	drawRandAugment,
	drawTrivialAugment,
} from "../../../src/data/transforms/augment.ts";
import { drawJitter } from "../../../src/data/transforms/random-color.ts";
import { randomResizedBox } from "../../../src/data/transforms/random-crop.ts";
import { randomErasingBox } from "../../../src/data/transforms/random-erasing.ts";
import { toTensor } from "../../../src/data/transforms/tensor.ts";
import {
	applyTransforms,
	hasRandom,
	outputShape,
} from "../../../src/data/transforms.ts";
import type { Pixels } from "../../../src/data/types.ts";
import type { Transform } from "../../../src/experiment/types.ts";
import { type Random, random } from "../../../src/random.ts";

const DRAWS = 2000;

function draw<T>(purpose: string, make: (stream: Random) => T): readonly T[] {
	return Array.from({ length: DRAWS }, (_, index) =>
		make(random(5, purpose, index)),
	);
}

/** Largest gap between the sorted values' distribution and the uniform one on [low, high]. */
function unevenness(
	values: readonly number[],
	low: number,
	high: number,
): number {
	const sorted = [...values].sort((a, b) => a - b);
	const gaps = sorted.map((value, index) =>
		Math.abs((value - low) / (high - low) - (index + 0.5) / sorted.length),
	);
	return Math.max(...gaps);
}

/** Kolmogorov-Smirnov at about 1 in 1000 for 2000 draws. */
const EVEN = 0.044;

function share(values: readonly boolean[]): number {
	return values.filter(Boolean).length / values.length;
}

function near(value: number, expected: number, tolerance = 0.045): void {
	const gap = Math.abs(value - expected);
	assert.ok(gap < tolerance, `${value} is not near ${expected}`);
}

/** Every pixel says where it was: red its row, green its column. */
function grid(height: number, width: number): Pixels {
	const data = new Uint8Array(height * width * 3);
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) data.set([y, x, 7], (y * width + x) * 3);
	return { data, height, width, channels: 3 };
}

const one = (name: string, params: Transform["params"]): Transform => ({
	name,
	params,
});

test("RandomResizedCrop draws area evenly, shape evenly in its logarithm, place evenly", () => {
	const image = { height: 1000, width: 1000 };
	const boxes = draw("resized crop", (stream) =>
		randomResizedBox(image, [0.1, 0.5], [0.75, 4 / 3], stream),
	);
	const areas = boxes.map((box) => (box.height * box.width) / 1e6);
	assert.ok(unevenness(areas, 0.1, 0.5) < EVEN);
	const shapes = boxes.map((box) => Math.log(box.width / box.height));
	assert.ok(unevenness(shapes, Math.log(0.75), Math.log(4 / 3)) < EVEN);
	const tops = boxes.map((box) => box.top / (1000 - box.height));
	const lefts = boxes.map((box) => box.left / (1000 - box.width));
	assert.ok(unevenness(tops, 0, 1) < EVEN);
	assert.ok(unevenness(lefts, 0, 1) < EVEN);
});

test("RandomResizedCrop falls back to the largest central box of an allowed shape", () => {
	const box = (height: number, width: number) =>
		randomResizedBox({ height, width }, [1, 1], [0.75, 4 / 3], random(0));
	assert.deepEqual(box(100, 1000), {
		top: 0,
		left: 433,
		height: 100,
		width: 133,
	});
	assert.deepEqual(box(1000, 100), {
		top: 433,
		left: 0,
		height: 133,
		width: 100,
	});
});

test("RandomCrop reaches every place equally often", () => {
	const image = grid(9, 13);
	const crop = [
		one("RandomCrop", {
			size: [5, 5],
			padding: null,
			pad_if_needed: false,
			fill: 0,
			padding_mode: "constant",
		}),
	];
	const corners = draw("crop", (stream) => {
		const { data } = applyTransforms(image, crop, stream);
		return [data[0], data[1]];
	});
	for (let top = 0; top < 5; top++)
		near(share(corners.map(([y]) => y === top)), 1 / 5);
	for (let left = 0; left < 9; left++)
		near(share(corners.map(([, x]) => x === left)), 1 / 9);
});

test("RandomCrop pads where asked, and says when a photo is too small", () => {
	const params = {
		size: [6, 8],
		padding: null,
		fill: 9,
		padding_mode: "constant",
	};
	const crop = (pad: boolean) =>
		applyTransforms(
			grid(3, 20),
			[one("RandomCrop", { ...params, pad_if_needed: pad })],
			random(0),
		);
	assert.deepEqual([crop(true).height, crop(true).width], [6, 8]);
	assert.throws(() => crop(false), {
		code: "photo-too-small",
		message: "RandomCrop needs 8 x 6 pixels, the photo has 20 x 3",
	});
});

test("flips happen with their probability, and alone", () => {
	for (const [name, first] of [
		["RandomHorizontalFlip", [0, 2, 7]],
		["RandomVerticalFlip", [1, 0, 7]],
	] as const) {
		const flipped = draw(name, (stream) => {
			const image = applyTransforms(
				grid(2, 3),
				[one(name, { p: 0.3 })],
				stream,
			);
			const start = Array.from(image.data.subarray(0, 3));
			const same = start.join() === "0,0,7";
			assert.ok(same || start.join() === first.join());
			return !same;
		});
		near(share(flipped), 0.3);
	}
});

test("ColorJitter draws each factor evenly and the order of all four equally often", () => {
	const params = {
		brightness: 0.4,
		contrast: [0.2, 1.9],
		saturation: 2,
		hue: 0.1,
	};
	const drawn = draw("jitter", (stream) => drawJitter(params, stream));
	const ranges = {
		brightness: [0.6, 1.4],
		contrast: [0.2, 1.9],
		saturation: [0, 3],
		hue: [-0.1, 0.1],
	};
	for (const [name, [low, high]] of Object.entries(ranges)) {
		const factors = drawn.flatMap((steps) =>
			steps.filter(([other]) => other === name).map(([, factor]) => factor),
		);
		assert.equal(factors.length, DRAWS);
		assert.ok(unevenness(factors, low, high) < EVEN, name);
	}
	const orders = drawn.map((steps) => steps.map(([name]) => name[0]).join(""));
	assert.equal(new Set(orders).size, 24);
	for (const order of new Set(orders))
		near(share(orders.map((other) => other === order)), 1 / 24, 0.02);
});

test("RandomRotation draws its angle evenly", () => {
	// A rotation about a far centre shifts the photo: two bytes tell the angle.
	const rotation = [
		one("RandomRotation", {
			degrees: [0, 360],
			interpolation: "nearest",
			expand: false,
			center: [50.5, 50.5],
			fill: 255,
		}),
	];
	const image = grid(101, 101);
	const quadrants = draw("rotation", (stream) => {
		const { data } = applyTransforms(image, rotation, stream);
		const at = (50 * 101 + 90) * 3;
		const [y, x] = [data[at] - 50, data[at + 1] - 50];
		return Math.floor(((Math.atan2(y, x) / Math.PI + 1) / 2) * 8) % 8;
	}).slice(0, DRAWS);
	for (let part = 0; part < 8; part++)
		near(share(quadrants.map((other) => other === part)), 1 / 8);
});

test("RandomErasing draws area evenly, shape evenly in its logarithm, place evenly", () => {
	const image = { height: 1000, width: 1000 };
	const boxes = draw("erasing", (stream) =>
		randomErasingBox(image, [0.02, 0.33], [0.3, 3.3], stream),
	).flatMap((box) => (box ? [box] : []));
	assert.ok(boxes.length > DRAWS * 0.98);
	const areas = boxes.map((box) => (box.height * box.width) / 1e6);
	assert.ok(unevenness(areas, 0.02, 0.33) < EVEN);
	const shapes = boxes.map((box) => Math.log(box.height / box.width));
	assert.ok(unevenness(shapes, Math.log(0.3), Math.log(3.3)) < EVEN);
	const tops = boxes.map((box) => box.top / (1000 - box.height));
	assert.ok(unevenness(tops, 0, 1) < EVEN);
});

test("RandomErasing erases with its probability, with a number, a list or noise", () => {
	const tensor = toTensor(grid(20, 20));
	const erase = (value: unknown, stream: Random) =>
		applyTransforms(
			tensor,
			[
				one("RandomErasing", {
					p: 0.5,
					scale: [0.1, 0.2],
					ratio: [0.5, 2],
					value,
				}),
			],
			stream,
		);
	const changed = (value: unknown) =>
		draw("erase", (stream) => erase(value, stream)).flatMap(({ data }) => [
			Array.from(data).filter((number, index) => number !== tensor.data[index]),
		]);
	const constant = changed(5);
	near(share(constant.map((numbers) => numbers.length > 0)), 0.5);
	assert.deepEqual(new Set(constant.flat()), new Set([5]));
	assert.deepEqual(new Set(changed([5, 6, 8]).flat()), new Set([5, 6, 8]));
	const noise = changed("random").flat();
	near(noise.reduce((a, b) => a + b, 0) / noise.length, 0);
	near(noise.reduce((a, b) => a + b * b, 0) / noise.length, 1);
});

test("RandomApply applies its whole list with its probability", () => {
	const list = [
		one("RandomApply", {
			p: 0.25,
			transforms: [one("Grayscale", { num_output_channels: 3 })],
		}),
	];
	const grey = draw("apply", (stream) => {
		const { data } = applyTransforms(grid(2, 2), list, stream);
		return data[3] === data[4];
	});
	near(share(grey), 0.25);
});

test("RandAugment and TrivialAugmentWide draw every operation equally often, half of them turned", () => {
	const params = { num_ops: 2, magnitude: 9, num_magnitude_bins: 31 };
	const policies = {
		rand: draw("rand", (stream) =>
			drawRandAugment({ height: 50, width: 60 }, params, stream),
		).flat(),
		trivial: draw("trivial", (stream) => drawTrivialAugment(params, stream)),
	};
	for (const [name, drawn] of Object.entries(policies)) {
		const operations = new Set(drawn.map((step) => step.name));
		assert.equal(operations.size, 14);
		for (const operation of operations)
			near(share(drawn.map((step) => step.name === operation)), 1 / 14, 0.02);
		const rotations = drawn.filter((step) => step.name === "Rotate");
		near(share(rotations.map((step) => step.magnitude < 0)), 0.5, 0.15);
		const sizes = new Set(rotations.map((step) => Math.abs(step.magnitude)));
		assert.ok(name === "rand" ? sizes.size === 1 : sizes.size > 20);
	}
});

test("p of 0 or 1, equal bounds and idle jitter leave nothing random", () => {
	const random = (name: string, params: Transform["params"]) =>
		hasRandom([one(name, params)]);
	assert.equal(random("RandomHorizontalFlip", { p: 0.5 }), true);
	assert.equal(random("RandomHorizontalFlip", { p: 1 }), false);
	assert.equal(random("RandomVerticalFlip", { p: 0 }), false);
	assert.equal(random("RandomRotation", { degrees: [90, 90] }), false);
	assert.equal(random("RandomRotation", { degrees: 5 }), true);
	const idle = { brightness: 0, contrast: [1, 1], saturation: 0, hue: 0 };
	assert.equal(random("ColorJitter", idle), false);
	assert.equal(random("ColorJitter", { ...idle, hue: 0.1 }), true);
	const flip = [one("RandomHorizontalFlip", { p: 0.5 })];
	assert.equal(random("RandomApply", { p: 1, transforms: flip }), true);
	assert.equal(random("RandomApply", { p: 0, transforms: flip }), false);
	assert.equal(random("RandomApply", { p: 1, transforms: [] }), false);
	assert.equal(random("Resize", { size: 3 }), false);
});

test("a size that depends on chance or on the photo is shown as ?", () => {
	const shape = (name: string, params: Transform["params"]) =>
		outputShape(["?", "?", 3], [one(name, params)]);
	const resize = { interpolation: "bilinear", max_size: null };
	assert.deepEqual(shape("Resize", { ...resize, size: 256 }), ["?", "?", 3]);
	assert.deepEqual(shape("Resize", { ...resize, size: [4, 5] }), [4, 5, 3]);
	const gray = [one("Grayscale", { num_output_channels: 1 })];
	assert.deepEqual(shape("RandomApply", { p: 0.5, transforms: gray }), [
		"?",
		"?",
		"?",
	]);
	assert.deepEqual(
		outputShape(
			[40, 30, 3],
			[
				one("RandomRotation", { degrees: 5, expand: true }),
				one("ToTensor", {}),
			],
		),
		[3, "?", "?"],
	);
});

test("the same stream gives the same bytes", () => {
	const chain = [
		one("RandomResizedCrop", {
			size: [8, 8],
			scale: [0.2, 1],
			ratio: [0.75, 4 / 3],
			interpolation: "bilinear",
		}),
		one("TrivialAugmentWide", {
			num_magnitude_bins: 31,
			interpolation: "nearest",
			fill: null,
		}),
		one("ColorJitter", {
			brightness: 0.4,
			contrast: 0.4,
			saturation: 0.4,
			hue: 0.1,
		}),
		one("ToTensor", {}),
	];
	const run = (index: number) =>
		applyTransforms(grid(30, 40), chain, random(3, "photo", index));
	assert.deepEqual(run(1), run(1));
	assert.notDeepEqual(run(1), run(2));
});
