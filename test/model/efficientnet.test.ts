import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test, { after, before } from "node:test";
import sharp from "sharp";
import { createSession, type OrtSession } from "../../src/engine/ort.ts";
import type { ModelOptions } from "../../src/experiment/types.ts";
import { openBackbone } from "../../src/model/backbone.ts";
import { initializersByName } from "../../src/model/graph.ts";
import { flops, inferShapes, parameterCount } from "../../src/model/shapes.ts";

/**
 * golden.json: a right forward pass on two photos of scikit-image (public domain) and a formula, by the
 * PyTorch package the weights come from.
 */
const FOLDER = join(import.meta.dirname, "golden/efficientnet_lite0");

interface Expected {
	readonly top5?: readonly (readonly [number, string, number])[];
	readonly argmax?: number;
	readonly logits_first8: readonly number[];
	readonly logits_l2: number;
	readonly features_first8?: readonly number[];
}

const golden = JSON.parse(
	await readFile(join(FOLDER, "golden.json"), "utf8"),
) as {
	readonly photos: Readonly<Record<string, Expected>>;
	readonly synthetic: Expected;
};

const MODEL: ModelOptions = {
	backbone: "efficientnet_lite0",
	weights: "default",
	global_pool: "avg",
	freeze: "all",
};

let session: OrtSession;

before(async () => {
	const { graph, loadWeights, features } = await openBackbone(MODEL, 0);
	session = await createSession(graph, await loadWeights(), {
		outputs: [features, "_fc"],
		intraOpThreads: 1,
	});
});

after(() => session.close());

async function check(input: Float32Array, expected: Expected): Promise<void> {
	const outputs = await session.run(input, [1, 3, 224, 224]);
	const logits = outputs.get("_fc")?.data ?? new Float32Array();
	const features = outputs.get("_flatten")?.data;
	assert.deepEqual([logits.length, features?.length], [1000, 1280]);
	const largest = Math.max(...logits.map(Math.abs));
	expected.logits_first8.forEach((value, index) => {
		assert.ok(Math.abs((logits[index] ?? NaN) - value) < 1e-4 * largest);
	});
	expected.features_first8?.forEach((value, index) => {
		assert.ok(Math.abs((features?.[index] ?? NaN) - value) < 1e-4 * largest);
	});
	assert.ok(Math.abs(Math.hypot(...logits) - expected.logits_l2) < 1e-3);
	const order = [...logits.keys()].sort(
		(a, b) => (logits[b] ?? 0) - (logits[a] ?? 0),
	);
	if (expected.argmax !== undefined) assert.equal(order[0], expected.argmax);
	const top5 = expected.top5?.map(([index]) => index);
	if (top5) assert.deepEqual(order.slice(0, 5), top5);
}

for (const [photo, expected] of Object.entries(golden.photos))
	test(`EfficientNet-Lite0 sees in ${photo} what the reference sees`, async () => {
		const pixels = await sharp(join(FOLDER, photo)).raw().toBuffer();
		const input = new Float32Array(3 * 224 * 224);
		for (let at = 0; at < 224 * 224; at++)
			for (let channel = 0; channel < 3; channel++)
				input[channel * 224 * 224 + at] =
					((pixels[3 * at + channel] ?? 0) - 127) / 128;
		await check(input, expected);
	});

test("EfficientNet-Lite0 gives the reference's logits for a formula", async () => {
	await check(
		Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => Math.sin(0.001 * i)),
		golden.synthetic,
	);
});

test("a photo's features do not depend on its place in a batch or the batch's size", async () => {
	const photos = Float32Array.from({ length: 3 * 3 * 96 * 96 }, (_, i) =>
		Math.sin(i * 0.37),
	);
	const size = photos.length / 3;
	const all = await session.run(photos, [3, 3, 96, 96]);
	for (let row = 0; row < 3; row++) {
		const photo = photos.slice(row * size, (row + 1) * size);
		const alone = await session.run(photo, [1, 3, 96, 96]);
		assert.deepEqual(
			all.get("_flatten")?.data.slice(row * 1280, (row + 1) * 1280),
			alone.get("_flatten")?.data,
		);
	}
});

test("EfficientNet-Lite0 has 4.65 million weights and 0.77 GFLOPs at 224", async () => {
	const { graph } = await openBackbone(MODEL, 0);
	const shapes = inferShapes(graph, new Map([["input", [1, 3, 224, 224]]]));
	const statistics = graph.initializers
		.filter(({ name }) => name.includes(".running_"))
		.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
	assert.equal(
		parameterCount(initializersByName(graph), graph.nodes) - statistics,
		4_652_008,
	);
	const total = graph.nodes.reduce((sum, node) => sum + flops(node, shapes), 0);
	assert.equal(Math.round(total / 1e7), 77);
	assert.deepEqual(shapes.get("_flatten"), [1, 1280]);
	assert.deepEqual(shapes.get("_blocks.15._bn2"), [1, 320, 7, 7]);
});
