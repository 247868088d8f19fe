import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { decodePhoto } from "../../../src/data/decode.ts";
import { trace } from "../../../src/data/preview/trace.ts";
import { preview } from "../../../src/data/preview.ts";
import { applyTransforms } from "../../../src/data/transforms.ts";
import type { Pixels } from "../../../src/data/types.ts";
import type { Transform } from "../../../src/experiment/types.ts";
import { random } from "../../../src/random.ts";

/** Every pixel says where it is: red its row, green its column. */
function grid(height: number, width: number): Pixels {
	const data = new Uint8Array(height * width * 3);
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++) data.set([y, x, 200], (y * width + x) * 3);
	return { data, height, width, channels: 3 };
}

const one = (name: string, params: Transform["params"]): Transform => ({
	name,
	params,
});
const resize = (size: number | readonly number[]) =>
	one("Resize", { size, interpolation: "bilinear", max_size: null });
const centerCrop = one("CenterCrop", { size: [10, 12] });
const toTensor = one("ToTensor", {});
const normalize = one("Normalize", {
	mean: [103.9, 116.8, 123.7],
	std: [57, 58, 59],
	scale: 255,
	channels: "BGR",
});
const randomCrop = one("RandomCrop", {
	size: [8, 9],
	padding: null,
	pad_if_needed: false,
	fill: 0,
	padding_mode: "constant",
});
const randomResizedCrop = one("RandomResizedCrop", {
	size: [16, 16],
	scale: [0.2, 0.9],
	ratio: [0.75, 4 / 3],
	interpolation: "bilinear",
});

test("the part of the photo that a chain keeps is followed exactly", () => {
	const keep = (...chain: readonly Transform[]) =>
		trace(grid(40, 60), chain, () => random(0)).kept;
	assert.deepEqual(keep(resize([7, 9])), {
		top: 0,
		left: 0,
		height: 40,
		width: 60,
	});
	assert.deepEqual(keep(centerCrop), {
		top: 15,
		left: 24,
		height: 10,
		width: 12,
	});
	assert.deepEqual(keep(resize(20), one("CenterCrop", { size: 20 })), {
		top: 0,
		left: 10,
		height: 40,
		width: 40,
	});
	const pad = one("Pad", {
		padding: [1, 2],
		fill: 0,
		padding_mode: "constant",
	});
	assert.deepEqual(keep(pad), { top: -2, left: -1, height: 44, width: 62 });
});

test("random crops and flips are followed draw by draw, and the image is that of applyTransforms", () => {
	const chain = [
		one("RandomHorizontalFlip", { p: 0.5 }),
		one("RandomApply", {
			p: 0.5,
			transforms: [one("RandomVerticalFlip", { p: 0.5 })],
		}),
		one("ColorJitter", { brightness: 0, contrast: 0, saturation: 0, hue: 0 }),
		randomCrop,
	];
	for (let draw = 0; draw < 40; draw++) {
		const stream = () => random(draw, "trace");
		const photo = grid(40, 60);
		const { image, kept } = trace(photo, chain, stream);
		assert.deepEqual(image, applyTransforms(photo, chain, stream()));
		const at = (index: number) =>
			[0, 1].map((channel) => image.data[index * 3 + channel]);
		const [first, last] = [at(0), at(image.width * image.height - 1)];
		assert.deepEqual(
			[kept.top, kept.left],
			[Math.min(first[0], last[0]), Math.min(first[1], last[1])],
		);
		assert.deepEqual([kept.height, kept.width], [8, 9]);
	}
});

test("a random resized crop shows the part it says", () => {
	for (let draw = 0; draw < 20; draw++) {
		const photo = grid(100, 120);
		const { image, kept } = trace(photo, [randomResizedCrop], () =>
			random(draw, "trace"),
		);
		const middle = (8 * 16 + 8) * 3;
		const [y, x] = [image.data[middle], image.data[middle + 1]];
		assert.ok(Math.abs(y - (kept.top + (kept.height * 8.5) / 16)) < 1.5);
		assert.ok(Math.abs(x - (kept.left + (kept.width * 8.5) / 16)) < 1.5);
	}
});

async function inFolder<T>(use: (root: string) => Promise<T>): Promise<T> {
	const root = mkdtempSync(join(tmpdir(), "graft-preview-"));
	try {
		const ppm = (image: Pixels) =>
			Buffer.concat([
				Buffer.from(`P6 ${image.width} ${image.height} 255\n`),
				image.data,
			]);
		writeFileSync(join(root, "wide & <b>.ppm"), ppm(grid(40, 60)));
		writeFileSync(join(root, "草莓.ppm"), ppm(grid(60, 40)));
		writeFileSync(join(root, "bad.jpg"), "<html>");
		return await use(root);
	} finally {
		rmSync(root, { recursive: true });
	}
}

const policies = [
	{ name: "train", transforms: [randomResizedCrop, toTensor, normalize] },
	{
		name: "eval",
		transforms: [resize([16, 16]), toTensor, one("Normalize", {})],
	},
];

test("a preview is a PNG, or a page that needs nothing beside it, the same for the same seed", () =>
	inFolder(async (root) => {
		const photos = ["wide & <b>.ppm", "bad.jpg", "草莓.ppm"];
		const options = {
			root,
			photos,
			policies,
			exif: "apply",
			draws: 2,
		} as const;
		const png = await preview({ ...options, seed: 1 }, "png");
		const { width, height } = await decodePhoto(png, { exif: "ignore" });
		assert.ok(width > 600 && height > 800);
		const again = await preview({ ...options, seed: 1 }, "png");
		assert.ok(Buffer.from(png).equals(again));
		const other = await preview({ ...options, seed: 2 }, "png");
		assert.ok(!Buffer.from(png).equals(other));

		const page = Buffer.from(
			await preview({ ...options, seed: 1 }, "html"),
		).toString();
		assert.match(page, /wide &amp; &lt;b&gt;\.ppm <small>60 x 40<\/small>/);
		assert.match(page, /草莓\.ppm <small>40 x 60<\/small>/);
		assert.match(page, /bad\.jpg <small>it is an HTML page<\/small>/);
		assert.equal(page.match(/<img/g)?.length, 2 * (3 + 2));
		assert.doesNotMatch(page, /https?:|<script|<link/);
	}));

test("Normalize is undone for the eye, channels in their order", () =>
	inFolder(async (root) => {
		const photos = ["wide & <b>.ppm"];
		const draw = (transforms: readonly Transform[]) => {
			const policies = [{ name: "all", transforms }];
			const options = { root, photos, policies, seed: 0, draws: 1 };
			return preview({ ...options, exif: "apply" }, "html");
		};
		const images = (page: Uint8Array) =>
			Buffer.from(page)
				.toString()
				.match(/base64,[^"]*/g);
		const plain = await draw([centerCrop]);
		const normalized = await draw([centerCrop, toTensor, normalize]);
		assert.deepEqual(images(plain), images(normalized));
	}));
