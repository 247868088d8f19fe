import assert from "node:assert/strict";
import test from "node:test";
import type { ExtractorOptions } from "../../src/features/extract.ts";
import { rowsFor } from "../../src/features/feature-set.ts";
import { initialWeights } from "../../src/model/init.ts";
import { photoShapes } from "../../src/model/shapes.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import {
	efficientNet,
	extractFeatures,
	PHOTOS,
	pixelsOnly,
	samplesIn,
} from "./pieces.ts";

/** A network of the zoo on photos of 64 pixels, its weights drawn, cut at its features. */
function drawn(name: string, cutTensor: string): ExtractorOptions {
	const graph = zooEntry(name)?.build([64, 64]);
	assert.ok(graph);
	const names = graph.initializers.map(({ name }) => name);
	const shape = photoShapes(graph, [3, 64, 64]).get(cutTensor);
	assert.ok(shape);
	return {
		...pixelsOnly(PHOTOS, 64),
		graph,
		cutTensor,
		featureShape: shape.slice(1),
		loadWeights: async () => initialWeights(graph, names, 3),
	};
}

const networks: readonly [string, () => Promise<ExtractorOptions>][] = [
	["efficientnet_lite0 with its weights", () => efficientNet(PHOTOS)],
	["resnet18", async () => drawn("resnet18", "flatten")],
	["mobilenet_v3_small", async () => drawn("mobilenet_v3_small", "flatten")],
];

for (const [name, options] of networks)
	test(`prefix_engine: tfjs makes the rows of ${name} that onnxruntime makes, within 1e-4`, async () => {
		const samples = samplesIn(PHOTOS).slice(0, 3);
		const given = { ...(await options()), onCorrupt: "fail" as const };
		const expected = rowsFor(await extractFeatures(samples, given), samples);
		const provider = "tfjs:wasm";
		const found = await extractFeatures(samples, { ...given, provider });
		const rows = rowsFor(found, samples);
		assert.equal(rows.length, expected.length);
		const largest = expected.reduce(
			(most, v) => Math.max(most, Math.abs(v)),
			0,
		);
		assert.ok(largest > 0);
		rows.forEach((value, index) => {
			const off = Math.abs(value - (expected[index] as number)) / largest;
			assert.ok(off <= 1e-4, `number ${index} is off by ${off} of the largest`);
		});
	});
