import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import test from "node:test";
import type { RunError } from "../../../src/diagnostic.ts";
import type { ModelOptions } from "../../../src/experiment/types.ts";
import { openBackbone } from "../../../src/model/backbone.ts";
import { tensorOf } from "../../../src/model/dtypes.ts";
import type { Graph, Weights } from "../../../src/model/types.ts";
import { matchWeights } from "../../../src/model/weights/match.ts";
import { folderFor, root } from "../../support/graft.ts";
import { needs } from "../../support/needs.ts";

/** A whole network's weights, however torch has saved them. */

const torch = needs("torch");
const EMBEDDED = join(root, "src/model/zoo/efficientnet_lite0.safetensors");

function open(weights: string, cache: string) {
	const backbone = "efficientnet_lite0";
	const model: ModelOptions = {
		backbone,
		weights,
		global_pool: "avg",
		freeze: "all",
	};
	return openBackbone(model, 0, { cache });
}

function assertEqual(a: Weights, b: Weights, what: string): void {
	assert.equal(a.size, b.size, what);
	for (const [name, { dtype, data }] of a) {
		const other = b.get(name);
		assert.equal(other?.dtype, dtype, `${what}: ${name}`);
		const bytes = (array: typeof data) =>
			Buffer.from(
				array.buffer as ArrayBuffer,
				array.byteOffset,
				array.byteLength,
			);
		assert.ok(
			other && bytes(data).equals(bytes(other.data)),
			`${what}: ${name}`,
		);
	}
}

test("a network's weights are the same from every file that torch writes of them", {
	skip: torch.missing,
}, async (t) => {
	const folder = folderFor(t);
	const script = join(import.meta.dirname, "../golden/make_pth_lite0.py");
	execFileSync(torch.path, [script, EMBEDDED, folder], { stdio: "pipe" });
	const load = async (file: string) => {
		const backbone = await open(join(folder, file), folder);
		return { ...backbone, weights: await backbone.loadWeights() };
	};
	const { loadWeights } = await open("default", folder);
	const embedded = await loadWeights();
	for (const file of [
		"zip.pth",
		"legacy.pth",
		"wrapped.pth.tar",
		"double.bin",
		"strided.pth",
	])
		assertEqual((await load(file)).weights, embedded, file);
	for (const word of ["half", "brain"]) {
		const { weights } = await load(`${word}-as-float.safetensors`);
		for (const file of [`${word}.pth`, `${word}.safetensors`])
			assertEqual((await load(file)).weights, weights, file);
	}
	const { weightsNotes = [] } = await load("wrapped.pth.tar");
	assert.equal(weightsNotes.length, 2);

	for (const file of ["wrong.pth", "wrong.legacy.pth", "wrong.safetensors"])
		await assert.rejects(load(file), (error: RunError) => {
			assert.equal(error.code, "weights-mismatch");
			const [, ...parts] = error.message.split("; ");
			assert.deepEqual(parts, [
				"missing: _fc.bias",
				"unexpected: head.weight",
				"of another shape or type: _fc.weight (float32 [2,1280] in the file, float32 [1000,1280] in the network)",
			]);
			return true;
		});
});

const GRAPH: Graph = {
	name: "net",
	nodes: [],
	inputs: [],
	outputs: [],
	initializers: [
		{ name: "a", shape: [2], dtype: "float32" },
		{ name: "n", shape: [1], dtype: "int64" },
	],
	opset: 17,
};

test("whole numbers stand for float32 where the network wants it, float8 and the reverse do not", () => {
	const n = tensorOf("int64", [1], [3]);
	for (const dtype of [
		"int64",
		"int32",
		"int16",
		"int8",
		"uint8",
		"bool",
	] as const) {
		const a = tensorOf(dtype, [2], [1, 0]);
		const matched = matchWeights(
			GRAPH,
			new Map([
				["a", a],
				["n", n],
			]),
			"w",
		);
		assert.deepEqual(matched.get("a")?.data, Float32Array.of(1, 0), dtype);
		assert.equal(matched.get("n"), n);
	}
	const a = tensorOf("float8e5m2", [2], [1, 0]);
	assert.throws(
		() =>
			matchWeights(
				GRAPH,
				new Map([
					["a", a],
					["n", n],
				]),
				"w",
			),
		/a \(float8e5m2/,
	);
	const real = tensorOf("float32", [1], [3]);
	const two = tensorOf("float32", [2], [1, 0]);
	assert.throws(
		() =>
			matchWeights(
				GRAPH,
				new Map([
					["a", two],
					["n", real],
				]),
				"w",
			),
		/n \(float32/,
	);
});
