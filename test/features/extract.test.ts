import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { Sample } from "../../src/data/types.ts";
import {
	type ExtractorOptions,
	openExtractor,
} from "../../src/features/extract.ts";
import { type FeatureSet, rowsFor } from "../../src/features/feature-set.ts";
import { scratch } from "../data/dataset/folders.ts";
import {
	copyPhotos,
	efficientNet,
	extractFeatures,
	matrixNetwork,
	PHOTOS,
	pixelsOnly,
	resize,
	samplesIn,
	TO_TENSOR,
} from "./pieces.ts";

const fail = { onCorrupt: "fail" } as const;
const row = (set: FeatureSet, sample: Sample) => rowsFor(set, [sample]);

test("rows do not depend on the number of workers, on the company or on the order", async () => {
	const options = await efficientNet(PHOTOS);
	const samples = samplesIn(PHOTOS).slice(0, 9);
	const all = await extractFeatures(samples, {
		...options,
		...fail,
		workers: 1,
	});
	assert.equal(all.computed, 9);
	const reversed = [...samples].reverse();
	const again = await extractFeatures(reversed, {
		...options,
		...fail,
		workers: 3,
	});
	assert.deepEqual(rowsFor(again, samples), rowsFor(all, samples));
	const alone = await extractFeatures([samples[5]], { ...options, ...fail });
	assert.deepEqual(row(alone, samples[5]), row(all, samples[5]));
	assert.ok(row(all, samples[5]).some((value) => value > 0.1));
});

test("a network that only takes batches of four is given them, and no row depends on its company", async () => {
	const { graph, weights } = matrixNetwork(16, 64);
	const [input] = graph.inputs;
	const options: ExtractorOptions = {
		...pixelsOnly(PHOTOS, 16),
		graph: { ...graph, inputs: [{ ...input, shape: [4, 3, 16, 16] }] },
		cutTensor: "out",
		featureShape: [64],
		loadWeights: async () => weights,
	};
	const samples = samplesIn(PHOTOS).slice(0, 11);
	const run = { ...fail, workers: 2 };
	const all = await extractFeatures(samples, { ...options, ...run });
	for (const sample of [samples[0], samples[6], samples[10]]) {
		const alone = await extractFeatures([sample], { ...options, ...fail });
		assert.deepEqual(row(alone, sample), row(all, sample));
	}
});

test("a second extraction computes nothing and opens neither photo nor weights", async (t) => {
	const [root, cacheFolder] = [scratch(t), scratch(t)];
	copyPhotos(root, 6);
	writeFileSync(join(root, "broken.jpg"), "");
	const samples = samplesIn(root);
	const run = { onCorrupt: "skip", cacheFolder, featureKey: "k" } as const;
	const first = await extractFeatures(samples, {
		...(await efficientNet(root)),
		...run,
	});
	rmSync(root, { recursive: true });
	const second = await extractFeatures(samples, {
		...(await efficientNet(root)),
		...run,
		loadWeights: () => assert.fail("weights were read"),
	});
	assert.deepEqual([first.computed, first.cached], [6, 0]);
	assert.deepEqual([second.computed, second.cached], [0, 6]);
	assert.deepEqual(second.corrupt, first.corrupt);
	const whole = samples.filter(({ path }) => path !== "broken.jpg");
	assert.deepEqual(rowsFor(second, whole), rowsFor(first, whole));
});

test("only photos that are new are computed; copies share a row; names do not matter", async (t) => {
	const [root, cacheFolder] = [scratch(t), scratch(t)];
	const run = { ...fail, cacheFolder, featureKey: "k" };
	copyPhotos(root, 4);
	await extractFeatures(samplesIn(root), { ...pixelsOnly(root), ...run });
	copyPhotos(root, 6, (index) => `照片 ${index}/小 狗🐕.JPG`);
	const samples = samplesIn(root);
	const set = await extractFeatures(samples, { ...pixelsOnly(root), ...run });
	assert.equal(samples.length, 10);
	assert.deepEqual([set.cached, set.computed], [4, 2]);
	const copy = samples.find(({ path }) => path.startsWith("照片 3/"));
	const original = samples.find(({ path }) => path === "3.jpg");
	assert.ok(copy && original);
	assert.deepEqual(row(set, copy), row(set, original));
});

test("corrupt photos are all named with their reasons; the policy decides what becomes of the run", async (t) => {
	const [root, cacheFolder] = [scratch(t), scratch(t)];
	copyPhotos(root, 8);
	const [whole] = samplesIn(root);
	const bytes = readFileSync(join(root, whole.path));
	writeFileSync(join(root, "cut.jpg"), bytes.subarray(0, bytes.length / 2));
	writeFileSync(join(root, "empty.png"), "");
	writeFileSync(join(root, "page.jpg"), "<html>not found</html>");
	const samples = samplesIn(root);
	const run = { ...pixelsOnly(root), cacheFolder, featureKey: "k" };
	await assert.rejects(
		extractFeatures(samples, { ...run, onCorrupt: "fail" }),
		(error: Error & { code: string }) => {
			assert.equal(error.code, "corrupt-photo");
			assert.match(
				error.message,
				/3 photos.*\n.*cut\.jpg: .+\n.*empty\.png: .+\n.*page\.jpg: .+/,
			);
			return true;
		},
	);
	for (const onCorrupt of ["skip", "quarantine"] as const) {
		const set = await extractFeatures(samples, { ...run, onCorrupt });
		assert.deepEqual([set.cached, set.computed], [8, 0]);
		assert.deepEqual(
			set.corrupt.map(({ path }) => path),
			["cut.jpg", "empty.png", "page.jpg"],
		);
	}
	assert.throws(
		() => rowsFor({ ...pixelsSet, rowOf: new Map() }, samples),
		/internal/,
	);
});
const pixelsSet: FeatureSet = {
	shape: [1],
	data: new Float32Array(1),
	rowOf: new Map(),
	corrupt: [],
	cached: 0,
	computed: 0,
};

test("random transforms depend on seed, photo and view alone", async (t) => {
	const crop = {
		name: "RandomCrop",
		params: {
			size: [16, 16],
			padding: null,
			pad_if_needed: true,
			fill: 0,
			padding_mode: "constant",
		},
	};
	const options: ExtractorOptions = {
		...pixelsOnly(PHOTOS),
		transforms: [resize(40, 40), crop, TO_TENSOR],
	};
	const samples = samplesIn(PHOTOS).slice(0, 12);
	const extractor = openExtractor(options);
	t.after(extractor.close);
	const first = await extractor.extract(samples, { ...fail, view: 1 });
	const second = await extractor.extract(samples, { ...fail, view: 2 });
	assert.notDeepEqual(second.data, first.data);
	const again = await extractFeatures([...samples].reverse(), {
		...options,
		...fail,
		view: 2,
		workers: 3,
	});
	assert.deepEqual(rowsFor(again, samples), second.data);
	const other = await extractFeatures(samples, {
		...options,
		...fail,
		view: 2,
		seed: 1,
	});
	assert.notDeepEqual(other.data, second.data);
});
