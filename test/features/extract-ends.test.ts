import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { ExtractorOptions } from "../../src/features/extract.ts";
import { scratch } from "../data/dataset/folders.ts";
import {
	copyPhotos,
	efficientNet,
	extractFeatures,
	PHOTOS,
	pixelsOnly,
	resize,
	samplesIn,
	TO_TENSOR,
} from "./pieces.ts";

const fail = { onCorrupt: "fail" } as const;

test("photos of two sizes after the transforms are named, with the way out", async () => {
	const options: ExtractorOptions = {
		...pixelsOnly(PHOTOS),
		transforms: [resize(16), TO_TENSOR],
	};
	await assert.rejects(
		extractFeatures(samplesIn(PHOTOS).slice(0, 9), { ...options, ...fail }),
		{
			code: "sizes-differ",
			message: /jpg" is 3 x \d+ x \d+/,
			fix: /CenterCrop/,
		},
	);
});

test("a photo that changes under the run, or goes, ends it by name", async (t) => {
	const root = scratch(t);
	copyPhotos(root, 2);
	const samples = samplesIn(root);
	writeFileSync(join(root, "1.jpg"), "other");
	const run = () => extractFeatures(samples, { ...pixelsOnly(root), ...fail });
	await assert.rejects(run(), { code: "photo-changed", message: /^1\.jpg: / });
	rmSync(join(root, "1.jpg"));
	await assert.rejects(run(), {
		code: "photo-unreadable",
		message: /^1\.jpg: /,
	});
});

test("an aborted extraction ends with the signal's reason and keeps the rows it has", async (t) => {
	const cacheFolder = scratch(t);
	const controller = new AbortController();
	const options = {
		...(await efficientNet(PHOTOS)),
		...fail,
		cacheFolder,
		featureKey: "k",
	};
	const samples = samplesIn(PHOTOS);
	const reason = new Error("Ctrl-C");
	const running = extractFeatures(samples, {
		...options,
		signal: controller.signal,
		onProgress: ({ done }) => {
			if (done > 3) controller.abort(reason);
		},
	});
	await assert.rejects(running, reason);
	const some = await extractFeatures(samples.slice(0, 5), options);
	assert.ok(some.cached > 0, `${some.cached} rows were kept`);
});

test("a failed network ends the extraction with its reason", async () => {
	const options = await efficientNet(PHOTOS);
	await assert.rejects(
		extractFeatures(samplesIn(PHOTOS).slice(0, 3), {
			...options,
			...fail,
			loadWeights: () => Promise.reject(new Error("the weights are gone")),
		}),
		/the weights are gone/,
	);
});
