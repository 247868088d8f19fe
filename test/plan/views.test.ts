import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { applyTransforms } from "../../src/data/transforms.ts";
import type { Pixels } from "../../src/data/types.ts";
import type { Pipeline } from "../../src/plan/types.ts";
import { viewsOf } from "../../src/plan/views.ts";
import { random } from "../../src/random.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";

/** Test-time augmentation: torchvision's crops and flips, each view cached under a key of its own. */

const height = 9;
const width = 11;
const image: Pixels = {
	...{ height, width, channels: 3 },
	data: Uint8Array.from({ length: height * width * 3 }, (_, at) => {
		const [c, x, y] = [
			at % 3,
			Math.floor(at / 3) % width,
			Math.floor(at / 3 / width),
		];
		return (y * 23 + x * 7 + c * 61) % 256;
	}),
};

const pipeline = {
	transforms: [{ name: "CenterCrop", params: { size: [5, 6] } }],
	featureSource: { transforms: [], cut: "x" },
	featureKey: "k",
} as unknown as Pipeline;

test("ten crops are torchvision's, five of them plain and five mirrored", () => {
	const golden = JSON.parse(
		readFileSync(new URL("golden/ten_crop.json", import.meta.url), "utf8"),
	) as readonly (readonly number[])[];
	const views = viewsOf(pipeline, "ten_crop").map(({ transforms }) => [
		...(applyTransforms(image, transforms, random(0, "views"))
			.data as Uint8Array),
	]);
	assert.deepEqual(views, golden);
	assert.equal(viewsOf(pipeline, "five_crop").length, 5);
	assert.equal(viewsOf(pipeline, "hflip").length, 2);
});

test("each view has a key of its own, and the photo itself keeps its own", () => {
	const keys = viewsOf(pipeline, "ten_crop").map(
		({ featureKey }) => featureKey,
	);
	assert.equal(new Set(keys).size, 10);
	assert.ok(keys.includes("k"));
});

test("a run tells the accuracy of the mean of its views; without CenterCrop corner crops are refused", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const text = (transforms: string, tta: string) =>
		`data: { root: ${JSON.stringify(tuxpaint)} }\ntransforms: [${transforms}, ToTensor, Normalize]\nmodel: { backbone: efficientnet_lite0, head: nearest_mean }\nevaluation: { tta: ${tta} }\n`;
	const squash = "{ Resize: { size: [224, 224] } }";
	const file = experimentIn(folder, text(squash, "hflip"));
	const ended = await graft(["run", file, "--format", "json"], env);
	assert.equal(ended.code, 0, ended.stderr);
	const { metrics } = JSON.parse(ended.stdout);
	assert.ok(metrics["valid/accuracy_tta"] > 0.8);
	assert.ok(metrics["valid/loss_tta"] > 0);
	const refused = await graft(
		["check", experimentIn(folder, text(squash, "five_crop"))],
		env,
	);
	assert.equal(refused.code, 2);
	assert.match(refused.stderr, /4:\d+ error tta-needs-crop/);
});
