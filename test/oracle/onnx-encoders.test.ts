import assert from "node:assert/strict";
import {
	readdirSync,
	readFileSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { createSession } from "../../src/engine/ort.ts";
import { compileGraph } from "../../src/engine/tfjs/compile.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { scoped } from "../../src/engine/tfjs/scoped.ts";
import { unsupportedOps } from "../../src/engine/tfjs/supported.ts";
import { classToken } from "../../src/model/class-token.ts";
import { cutPoints } from "../../src/model/cuts.ts";
import { subgraph } from "../../src/model/edit.ts";
import { parametersOf } from "../../src/model/graph.ts";
import { openOnnxBackbone } from "../../src/model/onnx/backbone.ts";
import { photoShapes } from "../../src/model/shapes.ts";
import type { Backbone, Graph, Weights } from "../../src/model/types.ts";
import { readSafetensors } from "../../src/model/weights/safetensors.ts";
import { folderFor } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { python } from "./python.ts";

/** DINOv2 and CLIP of transformers, small and random, as torch.onnx exports them: run, cut, and trained from the cut. */
const transformers = needs("transformers");

interface Item {
	readonly name: "dinov2" | "clip";
	readonly opset: number;
	readonly dynamo: boolean;
	/** A batch of any size; else of the one photo that it was exported with. */
	readonly dynamic: boolean;
	/** Weights in a file beside the model. */
	readonly external: boolean;
	/** torch's fused attention is not exported below opset 14. */
	readonly attention: "eager" | "sdpa";
}

const ITEMS: readonly Item[] = [
	item("dinov2", 17, false, true),
	item("dinov2", 20, true, true, true),
	{ ...item("clip", 12, false, false), attention: "eager" },
	item("clip", 14, false, true),
	item("clip", 18, true, true),
];

function item(
	name: Item["name"],
	opset: number,
	dynamo: boolean,
	dynamic: boolean,
	external = false,
): Item {
	return { name, opset, dynamo, dynamic, external, attention: "sdpa" };
}

test("DINOv2 and CLIP towers give PyTorch's features, can be cut between their blocks, and their last block learns by PyTorch's gradients", {
	skip: transformers.missing,
}, async (context) => {
	const folder = folderFor(context);
	const items = ITEMS.map((item, index) => ({
		...item,
		path: join(folder, `${index}.onnx`),
	}));
	await python(transformers.path, "onnx_encoders.py", { items });
	for (const { path, ...item } of items) {
		const what = JSON.stringify(item);
		const side = item.name === "dinov2" ? 56 : 64;
		const backbone = await open(path, side);
		const weights = await backbone.loadWeights();
		const { graph } = backbone;
		const file = path.replace(/onnx$/, "safetensors");
		const { tensors } = await readSafetensors(file);
		const output = graph.outputs[0]?.name as string;
		const cuts = cutPoints(graph);
		const cut = lastBlockOf(graph, cuts, item.name);
		const token = classToken(graph, cut, [17, 48]);
		assert.ok(token && cuts.length >= 8, `${what}: ${cuts.length} cuts`);
		const session = await createSession(token.graph, weights, {
			outputs: [output, cut, token.tensor],
			intraOpThreads: 1,
		});
		const found = await session.run(floats(tensors, "x"), [3, 3, side, side]);
		await session.close();
		const y = found.get(output)?.data as Float32Array;
		assertClose(y, floats(tensors, "y"), 1e-5, `${what}: features`);
		const tokens = found.get(cut)?.data as Float32Array;
		assert.deepEqual(
			[...(found.get(token.tensor)?.data ?? [])],
			[0, 1, 2].flatMap((row) => [
				...tokens.subarray(row * 17 * 48, row * 17 * 48 + 48),
			]),
		);
		await assertLearns(
			part(graph, cut, output),
			weights,
			tensors,
			tokens,
			what,
		);
	}
	await assertDataFileCounts(items[1]?.path as string);
});

function open(path: string, side: number): Promise<Backbone> {
	return openOnnxBackbone(
		{
			onnx: path,
			preprocess: {
				...{ mean: [0, 0, 0], std: [1, 1, 1], scale: 1, channels: "RGB" },
				size: [side, side],
			},
		},
		undefined,
	);
}

/** The tokens that enter the third block: the last cut before its first parameter is read. */
function lastBlockOf(
	graph: Graph,
	cuts: readonly string[],
	name: Item["name"],
): string {
	const first =
		name === "dinov2" ? /layers?\.2\.norm1/ : /layers\.2\.layer_norm1/;
	const reads = graph.nodes.findIndex(({ inputs }) =>
		inputs.some((input) => first.test(input)),
	);
	assert.ok(reads > 0, `${name}: no third block`);
	const shapes = photoShapes(graph, [
		3,
		...(name === "dinov2" ? [56, 56] : [64, 64]),
	]);
	const before = new Set(
		graph.nodes.slice(0, reads).flatMap(({ outputs }) => outputs),
	);
	const cut = cuts.findLast(
		(tensor) => before.has(tensor) && shapes.get(tensor)?.length === 3,
	);
	assert.ok(cut);
	return cut;
}

function part(graph: Graph, from: string, to: string): Graph {
	const result = subgraph(graph, [from], [to]);
	assert.ok(result.ok, `${from} to ${to}`);
	return result.value;
}

async function assertLearns(
	suffix: Graph,
	weights: Weights,
	expected: Weights,
	tokens: Float32Array,
	what: string,
): Promise<void> {
	assert.deepEqual(unsupportedOps(suffix), [], what);
	const { tf } = await openTfjs("wasm");
	const learning = parametersOf(suffix).map(({ name }) => name);
	const parameters = openParameters(tf, [suffix], weights, learning);
	const compiled = compileGraph(tf, suffix, parameters);
	const checked = scoped(tf, () => {
		const { output, backward } = compiled.forward(
			tf.tensor(tokens, [3, 17, 48]),
			{ training: true, seed: 0, step: 0 },
		);
		const y = output.dataSync() as Float32Array;
		assertClose(y, floats(expected, "y"), 1e-5, `${what}: tfjs`);
		const gradients = backward(
			tf.tensor(floats(expected, "u"), output.shape, "float32"),
		);
		// Matrices are turned and renamed by the exporters; what keeps its name keeps its shape.
		// That of the keys' bias is nothing but rounding: Softmax takes no notice of it.
		const named = [...expected.keys()].filter(
			(name) =>
				gradients.has(name.replace("grad/", "")) && !/k_proj.bias/.test(name),
		);
		for (const name of named) {
			const gradient = gradients.get(name.replace("grad/", ""));
			const data = gradient?.dataSync() as Float32Array;
			assertClose(data, floats(expected, name), 1e-4, `${what}: ${name}`);
		}
		return named.length;
	});
	parameters.dispose();
	assert.ok(checked >= 6, `${what}: ${checked} gradients by name`);
}

/** The weights' hash is of the data file's bytes, too, and one that ends early is said to. */
async function assertDataFileCounts(path: string): Promise<void> {
	const data = `${path}.data`;
	assert.ok(readdirSync(join(path, "..")).includes("1.onnx.data"));
	const before = (await open(path, 56)).weightsSha256;
	const bytes = readFileSync(data);
	bytes[5] = (bytes[5] as number) ^ 1;
	writeFileSync(data, bytes);
	assert.notEqual((await open(path, 56)).weightsSha256, before);
	truncateSync(data, bytes.length - 1000);
	await assert.rejects(open(path, 56), {
		code: "onnx-external-data",
		message: /1\.onnx\.data ends at byte \d+, the weights of ".+" reach to/,
	});
}

function floats(tensors: Weights, name: string): Float32Array {
	return Float32Array.from(tensors.get(name)?.data as Float32Array);
}

function assertClose(
	found: Float32Array,
	expected: Float32Array,
	tolerance: number,
	what: string,
): void {
	assert.equal(found.length, expected.length, what);
	const largest = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
	let apart = 0;
	found.forEach((x, index) => {
		apart = Math.max(apart, Math.abs(x - (expected[index] as number)));
	});
	assert.ok(apart <= tolerance * largest, `${what}: ${apart} of ${largest}`);
}
