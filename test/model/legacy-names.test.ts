import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { openBackbone } from "../../src/model/backbone.ts";
import type { Graph } from "../../src/model/types.ts";
import { matchWeights, mismatch } from "../../src/model/weights/match.ts";
import { writeSafetensors } from "../../src/model/weights/safetensors-write.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { folderFor } from "../support/graft.ts";
import { parameters } from "./formula.ts";

/** Files that torchvision published under names its code no longer has. */

const build = (name: string) => zooEntry(name)?.build([224, 224]) as Graph;

for (const [name, rename] of [
	[
		"densenet121",
		(key: string) => key.replace(/(norm|conv)([12])\./, "$1.$2."),
	],
	[
		"vit_b_32",
		(key: string) =>
			key
				.replace(".mlp.0.", ".mlp.linear_1.")
				.replace(".mlp.3.", ".mlp.linear_2."),
	],
] as const)
	test(`a file of ${name} with the names it was published under is read`, () => {
		const graph = build(name);
		const keys = parameters(graph);
		const renamed = keys.filter(([key]) => rename(key) !== key);
		assert.ok(renamed.length > 40);
		const infos = keys.map(([key, shape]) => ({
			name: rename(key),
			dtype: "float32" as const,
			shape,
		}));
		assert.equal(mismatch(graph, infos, "published.pth"), undefined);
		const zeros = { dtype: "float32" as const, data: new Float32Array() };
		const tensors = new Map(
			infos.map(({ name, shape }) => [name, { ...zeros, shape }]),
		);
		const matched = matchWeights(graph, tensors, "published.pth");
		assert.deepEqual(
			[...matched.keys()].sort(),
			keys.map(([key]) => key),
		);
	});

test("weights of densenet121 with the names they were published under are opened and loaded", async (context) => {
	const graph = build("densenet121");
	const keys = parameters(graph);
	const tensors = new Map(
		keys.map(([key, shape]) => {
			const size = shape.reduce((a, b) => a * b, 1);
			const data = new Float32Array(size).fill(size);
			const name = key.replace(/(norm|conv)([12])\./, "$1.$2.");
			return [name, { dtype: "float32" as const, shape, data }];
		}),
	);
	const folder = folderFor(context);
	const path = join(folder, "published.safetensors");
	await writeFile(path, writeSafetensors(tensors));
	const backbone = await openBackbone(
		{
			backbone: "densenet121",
			weights: path,
			global_pool: "avg",
			freeze: "all",
		},
		0,
		{ cache: folder },
	);
	const weights = await backbone.loadWeights();
	for (const [key, shape] of keys)
		assert.deepEqual(weights.get(key)?.shape, shape, key);
});
