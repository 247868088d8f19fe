import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import type { Weights } from "../../src/model/types.ts";
import { readSafetensors } from "../../src/model/weights/safetensors.ts";
import { applyFreeze } from "../../src/plan/freeze.ts";
import { fit } from "../../src/train/fit.ts";
import { needs } from "../support/needs.ts";
import { optionsOf } from "../train/support.ts";
import { python } from "./python.ts";
import { zooSuffix } from "./zoo-suffix.ts";

/**
 * The loss of each of 50 steps, with the same weights on the same batches, is PyTorch's: SGD with momentum,
 * BatchNorm with the statistics of the batch, no Dropout.
 */
const torch = needs("torch");
const native = needs("native");

interface Training {
	readonly network: string;
	readonly classes: number;
	/** Where the suffix begins; undefined: the whole network. */
	readonly from?: string;
	/** Of one row. */
	readonly shape: readonly number[];
	readonly batch: number;
	/** Different ones. */
	readonly batches: number;
	readonly steps: number;
	readonly learning_rate: number;
	/** PyTorch trains so long before, with this rate: drawn weights of a deep network are chaotic. */
	readonly warm_steps?: number;
	readonly warm_rate?: number;
	/** Of PyTorch's loss, at the last step. */
	readonly tolerance: number;
}

const RESNET: Training = {
	network: "resnet18",
	classes: 10,
	from: "layer3.1.relu_1",
	shape: [256, 4, 4],
	batch: 8,
	batches: 5,
	steps: 50,
	learning_rate: 0.01,
	tolerance: 1e-3,
};

const MOBILENET: Training = {
	network: "mobilenet_v2",
	classes: 10,
	shape: [3, 32, 32],
	batch: 16,
	batches: 5,
	steps: 50,
	learning_rate: 0.001,
	warm_steps: 60,
	warm_rate: 0.01,
	tolerance: 1e-3,
};

const VGG: Training = {
	network: "vgg16",
	classes: 1000,
	from: "flatten",
	shape: [25088],
	batch: 4,
	batches: 5,
	// Half a gigabyte of weights: all 50 steps take a minute (GRAFT_PROOF=1), and are as near.
	steps: process.env.GRAFT_PROOF ? 50 : 6,
	learning_rate: 0.001,
	tolerance: 1e-3,
};

for (const [backend, training] of [
	["node", RESNET],
	["node", MOBILENET],
	["node", VGG],
	["wasm", { ...RESNET, shape: [256, 3, 3], batch: 4, steps: 20 }],
	["wasm", { ...MOBILENET, shape: [3, 32, 32], batch: 8, steps: 10 }],
] as const) {
	const { network, from, steps } = training;
	const what =
		from === undefined ? `whole ${network}` : `${network} after ${from}`;
	test(`${backend}: the loss of each of ${steps} steps of ${what} is PyTorch's`, {
		skip: torch.missing ?? (backend === "node" ? native.missing : undefined),
	}, async (context) => {
		if (backend === "node") process.env.GRAFT_NATIVE = native.path;
		const { name } = await openTfjs(backend);
		assert.match(name, backend === "node" ? /^tfjs-node/ : /^wasm$/);
		const folder = mkdtempSync(join(tmpdir(), "graft-suffix-"));
		context.after(() => rmSync(folder, { recursive: true }));
		const expected = await python<{ losses: number[]; ms: number }>(
			torch.path,
			"suffix_training.py",
			{ ...training, folder, seed: 7, positive: from !== undefined },
		);
		const read = async (file: string): Promise<Weights> =>
			(await readSafetensors(join(folder, `${file}.safetensors`))).tensors;
		const start = performance.now();
		const { losses, trained } = await train(
			training,
			await read("start"),
			await read("batches"),
		);
		context.diagnostic(
			`${((performance.now() - start) / steps).toFixed(0)} ms a step, PyTorch ${expected.ms.toFixed(0)} ms`,
		);
		const off = losses.map((loss, step) =>
			Math.abs(loss / expected.losses[step] - 1),
		);
		context.diagnostic(
			`last loss ${losses.at(-1)}, off by ${off.at(-1)}, most ${Math.max(...off)}`,
		);
		assert.equal(losses.length, steps);
		assert.ok((losses.at(-1) as number) < losses[0], "nothing was learnt");
		assert.ok((off.at(-1) as number) <= training.tolerance);
		assert.ok(Math.max(...off) <= 10 * training.tolerance);
		assert.deepEqual(
			[...trained.keys()].sort(),
			[...(await read("end")).keys()].sort(),
		);
	});
}

/** Each epoch is one batch. */
async function train(
	{ network, classes, from, steps, shape, batches, ...training }: Training,
	weights: Weights,
	rows: Weights,
) {
	const graph = zooSuffix(network, from, classes);
	const frozen = applyFreeze(graph, "none", new Set());
	const batchOf = (epoch: number) => {
		const at = (epoch - 1) % batches;
		return {
			features: rows.get(`x${at}`)?.data as Float32Array,
			labels: rows.get(`y${at}`)?.data as Int32Array,
			shape,
		};
	};
	const first = batchOf(1);
	const width = shape.reduce((a, b) => a * b, 1);
	const losses: number[] = [];
	for await (const event of fit({
		trainSuffix: graph,
		evalSuffix: graph,
		weights,
		trainable: frozen.trainable,
		buffers: frozen.buffers,
		options: optionsOf({
			...{ loss: "cross_entropy", epochs: steps },
			batch_size: training.batch,
			learning_rate: training.learning_rate,
			optimizer: {
				sgd: { momentum: 0.9, dampening: 0, nesterov: false, weight_decay: 0 },
			},
		}),
		seed: 0,
		trainRows: async (epoch) => batchOf(epoch),
		validRows: {
			...{ shape, labels: first.labels.slice(0, 1) },
			features: first.features.slice(0, width),
		},
	})) {
		if (event.type === "step") losses.push(event.loss);
		if (event.type === "end") return { losses, trained: event.trained };
	}
	throw new Error("training did not end");
}
