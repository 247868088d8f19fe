import assert from "node:assert/strict";
import test from "node:test";
import { createSession } from "../../src/engine/ort.ts";
import { asMap } from "../../src/model/as-map.ts";
import { appendHead } from "../../src/model/edit.ts";
import { resolveTensor } from "../../src/model/resolve.ts";
import { photoShapes } from "../../src/model/shapes.ts";
import type { Graph } from "../../src/model/types.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { photo, weightsOf } from "./formula.ts";

const SIZE = [64, 96] as const;

function mapped(name: string, place: string) {
	const graph = zooEntry(name)?.build(SIZE) as Graph;
	const found = resolveTensor(graph, place);
	assert.ok(found.ok, place);
	const { tensor } = found;
	const shapes = photoShapes(graph, [3, ...SIZE]);
	const shape = shapes.get(tensor)?.slice(1) ?? [];
	return { graph, tensor, shape, ...{ map: asMap(graph, tensor, shape) } };
}

for (const [name, place, before, after] of [
	// Channels last: turned.
	["swin_t", "features.1", [16, 24, 96], [96, 16, 24]],
	["swin_t", "features.0", [16, 24, 96], [96, 16, 24]],
	["swin_t", "features.6", [2, 3, 768], [768, 2, 3]],
	["swin_t", "norm", [2, 3, 768], [768, 2, 3]],
	["convnext_tiny", "features.1.0.block.4", [16, 24, 384], [384, 16, 24]],
	// Tokens.
	["vit_b_32", "encoder.layers.encoder_layer_4", [7, 768], [768, 7, 1]],
	// Channels first, and vectors: left as they are.
	["swin_t", "permute", [768, 2, 3], undefined],
	["convnext_tiny", "features.3", [192, 8, 12], undefined],
	["convnext_tiny", "features.0", [96, 16, 24], undefined],
	["vgg11", "avgpool.columns", [512, 2, 7], undefined],
	["resnet18", "layer2", [128, 8, 12], undefined],
	["densenet121", "features", [1024, 2, 3], undefined],
	["efficientnet_b0", "features.3", [40, 8, 12], undefined],
	["vit_b_32", "cls", [768], undefined],
] as const)
	test(`${place} of ${name}, [${before}], is ${after ? `turned to [${after}]` : "left as it is"}`, () => {
		const { graph, tensor, shape, map } = mapped(name, place);
		assert.deepEqual(shape, before);
		assert.deepEqual(map.shape, after ?? before);
		if (after) {
			const shapes = photoShapes(map.graph, [3, ...SIZE]);
			assert.deepEqual(shapes.get(map.tensor), [1, ...after]);
		} else assert.deepEqual([map.graph, map.tensor], [graph, tensor]);
	});

test("a head on tokens takes their mean, one on a Swin's map that of its places", async () => {
	for (const [name, place] of [
		["vit_b_32", "encoder.layers.encoder_layer_0"],
		["swin_t", "features.1"],
	] as const) {
		const { tensor, shape, map } = mapped(name, place);
		const edit = appendHead(map.graph, map.tensor, {
			numClasses: 2,
			bias: true,
			globalPool: "avg",
			featureShape: map.shape,
		});
		assert.ok(edit.ok);
		const { graph } = edit.value;
		const session = await createSession(graph, weightsOf(graph), {
			outputs: [tensor, "head.flatten"],
			intraOpThreads: 1,
		});
		const dims = [1, 3, ...SIZE];
		const outputs = await session.run(photo(dims), dims);
		await session.close();
		const pooled = outputs.get("head.flatten");
		const values = outputs.get(tensor)?.data ?? [];
		const channels = shape.at(-1) ?? 0;
		assert.deepEqual(pooled?.dims, [1, channels]);
		const places = values.length / channels;
		for (let channel = 0; channel < channels; channel += 37) {
			let sum = 0;
			for (let at = channel; at < values.length; at += channels)
				sum += values[at] ?? 0;
			const apart = Math.abs(sum / places - (pooled?.data[channel] ?? 0));
			assert.ok(apart < 1e-4, `${name} ${channel}: ${apart}`);
		}
	}
});
