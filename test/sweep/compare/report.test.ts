import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { shortValue } from "../../../src/sweep/compare/words.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../../support/graft.ts";

test("graft report SWEEP tells the plan, the curves, what failed and why, and the best trial's photos, from the folder alone", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const file = experimentIn(
		folder,
		`name: heads
description: How fast to learn.
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [{ Resize: { size: [64, 64] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, head: linear }
train: { optimizer: sgd, learning_rate: 0.01, epochs: 3 }
sweep: { grid: { train.learning_rate: [0.1, 0.01, 1.0e+38] }, on_failure: continue }
`,
	);
	const ran = await graft(["run", file], env);
	assert.equal(ran.code, 1, ran.stderr);
	const [sweep = ""] = readdirSync(join(folder, "runs"));
	const made = await graft(["report", sweep], env);
	assert.equal(made.code, 0, made.stderr);
	assert.match(made.stdout, /^page: .*compare\.html$/m);
	const page = readFileSync(
		join(folder, "runs", sweep, "compare.html"),
		"utf8",
	);
	const text = page
		.replace(/<(style|script)[^>]*>.*?<\/\1>/gs, "")
		.replace(/<[^>]+>/g, " ")
		.replace(/\s+/g, " ");
	assert.match(text, /How fast to learn\./);
	assert.match(text, /1 failed/);
	assert.match(text, /3 trials: 1 pass over the photos, 3 heads stacked/);
	assert.match(
		text,
		/train\.learning_rate 1e\+38 diverged the loss is not finite/,
	);
	assert.match(text, /The best trial, photo by photo/);
	assert.match(text, /104 photos train, 43 photos valid/);
	assert.match(text, /Where the network looked|where the network looked/);
	assert.match(text, /What graft data check found/);
	assert.match(page, /<pre class="yaml"[^>]*>.*on_failure/s);
	assert.match(page, /aria-label="valid\/accuracy by epoch of \d trials/);
	assert.match(page, /src="data:image\/jpeg;base64,/);
	assert.equal(/undefined|NaN|\[object/.test(text), false);
});

test("a page shows lists of transforms by what tells them apart, and drawn numbers by four digits", () => {
	const cases = [
		[
			[{ Resize: { size: [224, 224] } }, "ToTensor", "Normalize"],
			"Resize 224×224",
		],
		[
			[{ Resize: { size: 256 } }, { CenterCrop: { size: 224 } }, "ToTensor"],
			"Resize 256, CenterCrop 224",
		],
		[["ToTensor", "Normalize"], "ToTensor, Normalize"],
		[
			[{ Resize: 64 }, { RandomHorizontalFlip: {} }],
			"Resize 64, RandomHorizontalFlip",
		],
		[
			[{ Resize: { size: 64, interpolation: "bicubic" } }],
			"Resize 64 interpolation bicubic",
		],
		[[1, 2], "[1, 2]"],
		[0.0021544346900318843, "0.002154"],
		[123456789, "123456789"],
		[null, "null"],
		[true, "true"],
		["sgd", "sgd"],
		[undefined, "–"],
		[{ cosine: { warmup_epochs: 1 } }, "{ cosine: { warmup_epochs: 1 } }"],
	] as const;
	for (const [value, text] of cases)
		assert.equal(shortValue(value as never), text);
});
