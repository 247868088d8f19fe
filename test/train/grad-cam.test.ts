import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { openTfjs } from "../../src/engine/backend.ts";
import { createSession } from "../../src/engine/ort.ts";
import { appendHead, subgraph } from "../../src/model/edit.ts";
import { readOnnx } from "../../src/model/onnx/read.ts";
import { writeOnnx } from "../../src/model/onnx/write.ts";
import { seenMap } from "../../src/model/seen-map.ts";
import type { Graph, Weights } from "../../src/model/types.ts";
import { readSafetensors } from "../../src/model/weights/safetensors.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { openGradCam } from "../../src/train/grad-cam.ts";
import { folderFor, root } from "../support/graft.ts";
import { needs } from "../support/needs.ts";

/** Grad-CAM against PyTorch's gradients on the same layers of the same weights; see grad_cam.py. */

const torch = needs("torch");
const here = fileURLToPath(new URL(".", import.meta.url));

const LITE0 = join(root, "src/model/zoo/efficientnet_lite0.safetensors");

interface Case {
	readonly of: number;
	readonly grid: readonly number[];
	readonly heat: readonly number[];
	readonly scores: readonly number[];
}

test("heat is PyTorch's within a thousandth of its greatest value, in convolutions, transformers and .onnx files", {
	skip: torch.missing ?? false,
}, async (context) => {
	const folder = folderFor(context);
	const lite0 = zooGraph("efficientnet_lite0", 96);
	const embedded = (await readSafetensors(LITE0)).tensors;
	const file = join(folder, "lite0.onnx");
	writeFileSync(file, writeOnnx(lite0, embedded));
	const seen = seenMap(lite0, [3, 96, 96]);
	assert.ok(typeof seen !== "string", String(seen));
	execFileSync(torch.path, [
		join(here, "grad_cam.py"),
		...[folder, file, seen.tensor],
	]);
	const expected: Readonly<Record<string, readonly Case[]>> = JSON.parse(
		readFileSync(join(folder, "expected.json"), "utf8"),
	);
	const onnx = (name: string) => readOnnx(join(folder, `${name}.onnx`));
	const networks: Readonly<Record<string, [Graph, Weights | undefined]>> = {
		resnet18: [zooGraph("resnet18", 96), undefined],
		vgg16: [vgg16(), undefined],
		efficientnet_lite0: [lite0, embedded],
		vit: await onnx("vit").then((read) => [read.graph, read.weights]),
		log_softmax: await onnx("log_softmax").then((read) => [
			read.graph,
			read.weights,
		]),
	};
	assert.deepEqual(Object.keys(expected).sort(), Object.keys(networks).sort());
	for (const [name, cases] of Object.entries(expected)) {
		const { tensors } = await readSafetensors(
			join(folder, `${name}.safetensors`),
		);
		const [graph, own] = networks[name] as [Graph, Weights | undefined];
		const heats = await heatsOf(graph, own ?? tensors, tensors);
		assert.equal(heats.length, cases.length);
		heats.forEach((heat, index) => {
			const { of, grid, heat: theirs, scores } = cases[index] as Case;
			assert.equal(heat.of, of, name);
			assert.deepEqual([heat.height, heat.width], grid, name);
			near(heat.values, theirs, `${name}: heat`);
			near(heat.scores, scores, `${name}: scores`);
			assert.ok(Math.max(...theirs) > 0, `${name}: a heat of nothing`);
		});
	}
});

function near(
	ours: Float32Array,
	theirs: readonly number[],
	what: string,
): void {
	const most = Math.max(...theirs.map(Math.abs));
	assert.equal(ours.length, theirs.length, what);
	ours.forEach((value, index) => {
		const off = Math.abs(value - (theirs[index] as number)) / most;
		assert.ok(off <= 1e-3, `${what} is off by ${off}`);
	});
}

function zooGraph(name: string, side: number): Graph {
	return zooEntry(name)?.build([side, side]) as Graph;
}

/** Its convolutions under a small head: the whole has a hundred million weights more. */
function vgg16(): Graph {
	const graph = zooGraph("vgg16", 96);
	const made = appendHead(graph, "features.30", {
		...{ numClasses: 3, bias: true, globalPool: "avg" },
		featureShape: [512, 3, 3],
	});
	assert.ok(made.ok);
	return made.value.graph;
}

async function heatsOf(graph: Graph, weights: Weights, tensors: Weights) {
	const pixels = tensors.get("pixels");
	assert.ok(pixels);
	const [n = 0, ...photo] = pixels.shape;
	const seen = seenMap(graph, photo);
	if (typeof seen === "string") throw new Error(seen);
	const rest = subgraph(graph, [seen.tensor], [seen.scores]);
	assert.ok(rest.ok);
	const { tf } = await openTfjs();
	const session = await createSession(graph, weights, {
		...{ outputs: [seen.tensor], intraOpThreads: 1 },
	});
	const gradCam = openGradCam(tf, rest.value, weights, seen);
	let live: number | undefined;
	const heats = [];
	const length = pixels.data.length / n;
	for (let index = 0; index < n; index++) {
		const data = (pixels.data as Float32Array).slice(
			index * length,
			(index + 1) * length,
		);
		const map = (await session.run(data, [1, ...photo])).get(seen.tensor);
		assert.ok(map);
		heats.push(gradCam.heatOf(map.data, map.dims));
		live ??= tf.memory().numTensors;
		assert.equal(tf.memory().numTensors, live, "nothing stays behind");
	}
	gradCam.dispose();
	await session.close();
	return heats;
}
