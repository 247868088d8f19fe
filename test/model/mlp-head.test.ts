import assert from "node:assert/strict";
import test from "node:test";
import { createSession } from "../../src/engine/ort.ts";
import { appendHead } from "../../src/model/edit.ts";
import type { HiddenLayers } from "../../src/model/head-layers.ts";
import { initialWeights } from "../../src/model/init.ts";
import type { Graph } from "../../src/model/types.ts";

const trunk: Graph = {
	name: "trunk",
	nodes: [],
	inputs: [{ name: "x", dtype: "float32", shape: ["n", 5] }],
	outputs: [{ name: "x", dtype: "float32", shape: ["n", 5] }],
	initializers: [],
	opset: 17,
};

function mlp(layers: Partial<HiddenLayers> = {}, bias = true) {
	const edit = appendHead(trunk, "x", {
		numClasses: 3,
		bias,
		mlp: { widths: [8, 4], activation: "Relu", dropout: 0, ...layers },
		globalPool: "avg",
		featureShape: [5],
	});
	assert.ok(edit.ok);
	return edit.value;
}

test("an mlp head is named and shaped as nn.Sequential(Linear, ReLU, Linear, ReLU, Linear)", () => {
	const { graph, added, output } = mlp();
	assert.deepEqual(
		graph.nodes.map(({ layer, op }) => [layer, op]),
		[
			["head.0", "Gemm"],
			["head.1", "Relu"],
			["head.2", "Gemm"],
			["head.3", "Relu"],
			["head.4", "Gemm"],
		],
	);
	assert.equal(output, "head.4");
	assert.deepEqual(graph.outputs[0]?.shape, ["n", 3]);
	const shapes = new Map(
		graph.initializers.map(({ name, shape }) => [name, shape]),
	);
	assert.deepEqual(
		added.map((name) => [name, shapes.get(name)]),
		[
			["head.0.weight", [8, 5]],
			["head.0.bias", [8]],
			["head.2.weight", [4, 8]],
			["head.2.bias", [4]],
			["head.4.weight", [3, 4]],
			["head.4.bias", [3]],
		],
	);
	assert.deepEqual(mlp({ widths: [8] }, false).added, [
		"head.0.weight",
		"head.2.weight",
	]);
});

test("dropout changes neither the names nor the start values of what learns", () => {
	const plain = mlp();
	const dropping = mlp({ dropout: 0.5, activation: "Tanh" });
	assert.deepEqual(dropping.added, plain.added);
	assert.deepEqual(
		dropping.graph.nodes.map(({ layer, op }) => `${layer} ${op}`),
		[
			"head.0 Gemm",
			"head.1 Tanh",
			"head.1.dropout Dropout",
			"head.2 Gemm",
			"head.3 Tanh",
			"head.3.dropout Dropout",
			"head.4 Gemm",
		],
	);
	assert.deepEqual(
		initialWeights(dropping.graph, dropping.added, 7),
		initialWeights(plain.graph, plain.added, 7),
	);
});

test("each layer starts within torch.nn.Linear's bounds", () => {
	const { graph, added } = mlp();
	const weights = initialWeights(graph, added, 0);
	for (const [layer, fanIn] of [
		["head.0", 5],
		["head.2", 8],
		["head.4", 4],
	] as const)
		for (const part of ["weight", "bias"]) {
			const data = weights.get(`${layer}.${part}`)?.data as Float32Array;
			const largest = Math.max(...data.map(Math.abs));
			assert.ok(largest <= 1 / Math.sqrt(fanIn));
			assert.ok(largest > 0);
		}
});

test("onnxruntime computes the head as its layers say", async () => {
	const { graph, added, output } = mlp({ dropout: 0.5 });
	const weights = initialWeights(graph, added, 3);
	const session = await createSession(graph, weights, {
		outputs: [output],
		intraOpThreads: 1,
	});
	const input = Float32Array.from({ length: 10 }, (_, i) => Math.sin(i));
	const result = (await session.run(input, [2, 5])).get(output);
	await session.close();
	const layer = (x: number[][], name: string) => {
		const { shape, data } = weights.get(`${name}.weight`) ?? assert.fail();
		const bias = weights.get(`${name}.bias`)?.data as Float32Array;
		const [out = 0, fanIn = 0] = shape;
		return x.map((row) =>
			Array.from({ length: out }, (_, o) =>
				row.reduce(
					(sum, value, i) => sum + value * Number(data[o * fanIn + i]),
					Number(bias[o]),
				),
			),
		);
	};
	const relu = (x: number[][]) =>
		x.map((row) => row.map((value) => Math.max(0, value)));
	const rows = [[...input.subarray(0, 5)], [...input.subarray(5)]];
	const expected = layer(
		relu(layer(relu(layer(rows, "head.0")), "head.2")),
		"head.4",
	).flat();
	assert.equal(expected.length, 6);
	const data = result?.data as Float32Array;
	for (const [index, value] of expected.entries())
		assert.ok(Math.abs(Number(data[index]) - value) < 1e-6);
});
