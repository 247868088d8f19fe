import assert from "node:assert/strict";
import test from "node:test";
import {
	applyOperation,
	drawRandAugment,
	drawTrivialAugment,
} from "../../../src/data/transforms/augment.ts";
import * as color from "../../../src/data/transforms/color.ts";
import * as histogram from "../../../src/data/transforms/histogram.ts";
import { adjustHue } from "../../../src/data/transforms/hue.ts";
import { type Image, isPixels } from "../../../src/data/transforms/image.ts";
import { rotate } from "../../../src/data/transforms/rotate.ts";
import { adjustSharpness } from "../../../src/data/transforms/sharpness.ts";
import { erase, toTensor } from "../../../src/data/transforms/tensor.ts";
import { applyTransforms, outputShape } from "../../../src/data/transforms.ts";
import type { Pixels } from "../../../src/data/types.ts";
import type { Transform } from "../../../src/experiment/types.ts";
import { type Random, random } from "../../../src/random.ts";
import { type Entry, readPack } from "./golden.ts";

const golden = readPack("pixels");

function input(name: string): Pixels {
	const [height, width, channels] = golden.entry(`input ${name}`).shape;
	const data = Uint8Array.from(golden.bytes(`input ${name}`));
	return { data, height, width, channels: channels === 1 ? 1 : 3 };
}

function shapeOf(image: Image): readonly number[] {
	const { height, width, channels } = image;
	return isPixels(image)
		? [height, width, channels]
		: [channels, height, width];
}

// biome-ignore lint/suspicious/noExplicitAny: arguments as the JSON of the golden file has them
type Arguments = any;

const fillOf = (fill: number | readonly number[], channels: number) =>
	typeof fill === "number" ? new Array<number>(channels).fill(fill) : fill;

/** torchvision.transforms.functional's functions by the names used in golden/make_pixels.py. */
const CALLS: Record<string, (image: Pixels, given: Arguments) => Image> = {
	brightness: (image, { factor }) => color.adjustBrightness(image, factor),
	contrast: (image, { factor }) => color.adjustContrast(image, factor),
	saturation: (image, { factor }) => color.adjustSaturation(image, factor),
	sharpness: (image, { factor }) => adjustSharpness(image, factor),
	hue: (image, { factor }) => adjustHue(image, factor),
	posterize: (image, { bits }) => histogram.posterize(image, bits),
	solarize: (image, { threshold }) => histogram.solarize(image, threshold),
	autocontrast: (image) => histogram.autocontrast(image),
	equalize: (image) => histogram.equalize(image),
	rotate: (image, { center, fill, ...rest }) =>
		rotate(image, {
			...rest,
			center: center ?? undefined,
			fill: fillOf(fill, image.channels),
		}),
	operation: (image, { name, magnitude, interpolation }) =>
		applyOperation(image, name, magnitude, { interpolation, fill: [0, 0, 0] }),
	erase: (image, { value, ...box }) =>
		erase(toTensor(image), box, (channel) => value[channel]),
};

function run(entry: Entry): Image {
	const image = input(String(entry.image));
	if (entry.call)
		return CALLS[String(entry.call)](image, entry.arguments ?? {});
	const chain = entry.chain as readonly Transform[];
	return applyTransforms(image, chain, random(0, "golden"));
}

for (const name of golden.names.filter((key) => golden.entry(key).image)) {
	test(`torchvision agrees to the last bit: ${name}`, () => {
		const entry = golden.entry(name);
		const output = run(entry);
		assert.deepEqual(shapeOf(output), entry.shape);
		const expected =
			entry.dtype === "uint8" ? golden.bytes(name) : golden.floats(name);
		assert.deepEqual(Array.from(output.data), Array.from(expected));
	});
}

test("what does not fit into memory is said to be too large", () => {
	const photo = { height: 1, width: 1, channels: 3, data: new Uint8Array(3) };
	const crop = { name: "CenterCrop", params: { size: [200_000, 200_000] } };
	assert.throws(
		() => applyTransforms(photo as Image, [crop] as Transform[], random(0)),
		{ code: "photo-too-large", message: /CenterCrop .* 1 x 1 pixels/ },
	);
});

test("the shape told beforehand is the shape that comes out", () => {
	for (const name of golden.names.filter((key) => golden.entry(key).chain)) {
		const entry = golden.entry(name);
		const chain = entry.chain as readonly Transform[];
		const known = outputShape(shapeOf(input(String(entry.image))), chain);
		assert.deepEqual(known, entry.shape, name);
		const unknown = outputShape(["?", "?", 3], chain);
		for (const [axis, size] of unknown.entries())
			if (size !== "?" && entry.image !== "grey")
				assert.equal(size, entry.shape[axis], name);
	}
});

/** Draws `bin`, then operation, then sign as the policies ask for them. */
function fixed(numbers: readonly number[]): Random {
	const queue = [...numbers];
	return {
		...random(0),
		integer: (n) => {
			const next = queue.shift() ?? 0;
			assert.ok(next < n);
			return next;
		},
	};
}

for (const name of golden.names.filter((key) => golden.entry(key).policy)) {
	test(`operations and magnitudes are torchvision's: ${name}`, () => {
		const { policy, bins, names, signed, shape } = golden.entry(name);
		const table = golden.floats(name);
		const operations = names as readonly string[];
		const hasSign = signed as readonly boolean[];
		for (const [operation, title] of operations.entries()) {
			for (let bin = 0; bin < shape[1]; bin++) {
				const params = { num_magnitude_bins: bins, magnitude: bin, num_ops: 1 };
				const expected = table[operation * shape[1] + bin];
				const hasBins = table
					.subarray(operation * shape[1], (operation + 1) * shape[1])
					.some((value) => value !== 0);
				const binDraw = policy === "RandAugment" || !hasBins ? [] : [bin];
				const draws = fixed([operation, ...binDraw, 1]);
				const drawn =
					policy === "RandAugment"
						? drawRandAugment({ height: 33, width: 57 }, params, draws)[0]
						: drawTrivialAugment(params, draws);
				assert.equal(drawn.name, title);
				const sign = hasSign[operation] ? -1 : 1;
				assert.equal(
					Math.abs(drawn.magnitude - sign * expected),
					0,
					`${title} ${bin}`,
				);
			}
		}
	});
}
