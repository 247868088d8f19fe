import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { subgraph } from "../../src/model/edit.ts";
import type { Graph, Weights } from "../../src/model/types.ts";
import { readSafetensors } from "../../src/model/weights/safetensors.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { applyFreeze } from "../../src/plan/freeze.ts";
import { fit } from "../../src/train/fit.ts";
import { needs } from "../support/needs.ts";
import { optionsOf } from "../train/support.ts";
import { python } from "./python.ts";

/** vit_b_16 with its last block, its last LayerNorm and its head unfrozen, against torchvision's on the same tokens. */
const torch = needs("torch");
const native = needs("native");

const CLASSES = 10;
/** Of a photo of 32 x 32: four patches and the class token. */
const TOKENS = 5;
const BATCH = 4;
const BATCHES = 5;
const LEARNING_RATE = 1e-4;

for (const [backend, steps] of [
	["node", 50],
	["wasm", 5],
] as const)
	test(`${backend}: the loss of each of ${steps} steps of vit_b_16's last block is PyTorch's`, {
		skip: torch.missing ?? (backend === "node" ? native.missing : undefined),
	}, async (context) => {
		if (backend === "node") process.env.GRAFT_NATIVE = native.path;
		await openTfjs(backend);
		const folder = mkdtempSync(join(tmpdir(), "graft-vit-"));
		context.after(() => rmSync(folder, { recursive: true }));
		const expected = await python<{ losses: number[]; ms: number }>(
			torch.path,
			"vit_training.py",
			{
				...{ folder, seed: 3, classes: CLASSES, tokens: TOKENS, batch: BATCH },
				...{ batches: BATCHES, steps, learning_rate: LEARNING_RATE },
			},
		);
		const read = async (file: string): Promise<Weights> =>
			(await readSafetensors(join(folder, `${file}.safetensors`))).tensors;
		const began = performance.now();
		const { losses, trained } = await train(
			await read("start"),
			await read("batches"),
			steps,
		);
		const ms = (performance.now() - began) / steps;
		const off = losses.map((loss, step) =>
			Math.abs(loss / (expected.losses[step] as number) - 1),
		);
		context.diagnostic(
			`${ms.toFixed(0)} ms a step, PyTorch ${expected.ms.toFixed(0)}; last loss ${losses.at(-1)}, off by ${off.at(-1)}, most ${Math.max(...off)}`,
		);
		assert.equal(losses.length, steps);
		// Once every batch has come again, it is the better known.
		if (steps > BATCHES)
			assert.ok(
				(losses.at(-1) as number) < (losses[(steps - 1) % BATCHES] as number),
			);
		assert.ok((off.at(-1) as number) <= 1e-3, `${off.at(-1)} at the end`);
		assert.ok(Math.max(...off) <= 1e-3, `${Math.max(...off)} at most`);
		assert.deepEqual(
			[...trained.keys()].sort(),
			[...(await read("end")).keys()].sort(),
		);
	});

/** Each epoch is one batch. */
async function train(weights: Weights, rows: Weights, steps: number) {
	const graph = lastBlock();
	const { trainable } = applyFreeze(graph, "none", new Set());
	const batchOf = (epoch: number) => {
		const at = (epoch - 1) % BATCHES;
		return {
			features: rows.get(`x${at}`)?.data as Float32Array,
			labels: rows.get(`y${at}`)?.data as Int32Array,
			shape: [TOKENS, 768],
		};
	};
	const first = batchOf(1);
	const losses: number[] = [];
	for await (const event of fit({
		...{ trainSuffix: graph, evalSuffix: graph, weights, trainable, seed: 0 },
		options: optionsOf({
			...{ loss: "cross_entropy", epochs: steps, batch_size: BATCH },
			learning_rate: LEARNING_RATE,
			optimizer: {
				adamw: { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.05 },
			},
		}),
		trainRows: async (epoch) => batchOf(epoch),
		validRows: {
			...{ shape: first.shape, labels: first.labels.slice(0, 1) },
			features: first.features.slice(0, TOKENS * 768),
		},
	})) {
		if (event.type === "step") losses.push(event.loss);
		if (event.type === "end") return { losses, trained: event.trained };
	}
	throw new Error("training did not end");
}

/** What follows the eleventh block, for photos of 32 x 32 and fewer classes. */
function lastBlock(): Graph {
	const whole = zooEntry("vit_b_16")?.build([32, 32]);
	assert.ok(whole);
	const part = subgraph(
		whole,
		["encoder.layers.encoder_layer_10.add_1"],
		["heads.head"],
	);
	assert.ok(part.ok);
	return {
		...part.value,
		initializers: part.value.initializers.map((item) =>
			item.name.startsWith("heads.head.")
				? { ...item, shape: [CLASSES, ...item.shape.slice(1)] }
				: item,
		),
		outputs: [{ name: "heads.head", dtype: "float32", shape: ["n", CLASSES] }],
	};
}
