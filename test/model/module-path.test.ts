import assert from "node:assert/strict";
import test from "node:test";
import { modulePath } from "../../src/model/onnx/module-path.ts";
import { resolveTensor } from "../../src/model/resolve.ts";
import type { Graph, GraphNode } from "../../src/model/types.ts";
import { applyFreeze } from "../../src/plan/freeze.ts";

/** Names as torch 2.13's exporters write them for resnet18 and mobilenet_v2. */

const scopes = (value: string) => [
	{ key: "pkg.torch.onnx.name_scopes", value },
];

test("a node's PyTorch module is read from what either exporter notes", () => {
	for (const [name, module] of [
		["/layer1/layer1.0/conv1/Conv", "layer1.0.conv1"],
		["/layer1/layer1.0/relu_1/Relu", "layer1.0.relu_1"],
		["/layer1/layer1.0/Add", "layer1.0"],
		["/features/features.1/conv/conv.0/conv.0.0/Conv", "features.1.conv.0.0"],
		["/fc/Gemm", "fc"],
		["/Flatten", undefined],
		["Identity_0", undefined],
	] as const)
		assert.equal(modulePath(name, []), module, name);
	for (const [value, module] of [
		[
			"['', 'layer1', 'layer1.0', 'layer1.0.bn1', 'batch_norm']",
			"layer1.0.bn1",
		],
		["['', 'fc', 'linear']", "fc"],
		["['', 'view']", undefined],
		["nothing", undefined],
	] as const)
		assert.equal(modulePath("node_1", scopes(value)), module, value);
});

/** One block of a residual network, as it comes from an .onnx file. */
const graph: Graph = {
	name: "net",
	opset: 17,
	inputs: [{ name: "x", dtype: "float32", shape: ["n", 4] }],
	outputs: [{ name: "end", dtype: "float32", shape: ["n", 4] }],
	initializers: ["w1", "w2"].map((name) => ({
		...{ name, shape: [4, 4], dtype: "float32" as const },
	})),
	nodes: [
		node("/layer1/layer1.0/fc/Gemm", ["x", "w1"], "a"),
		node("/layer1/layer1.0/Add", ["a", "x"], "b"),
		node("/layer1/layer1.0/relu/Relu", ["b"], "c"),
		node("/fc/Gemm", ["c", "w2"], "end"),
	],
};

function node(name: string, inputs: readonly string[], output: string) {
	const module = modulePath(name, []);
	return {
		...{ name, layer: name, op: name.replace(/.*\//, ""), domain: "" },
		...{ inputs, outputs: [output], attributes: {} },
		...(module !== undefined && { module }),
	} satisfies GraphNode;
}

test("a place in an .onnx file goes by its PyTorch name: a module's output is its last node's", () => {
	for (const [name, tensor] of [
		["layer1", "c"],
		["layer1.0", "c"],
		["layer1.0.fc", "a"],
		["/layer1/layer1.0/Add", "b"],
		["fc", "end"],
		["logits", "end"],
	] as const)
		assert.deepEqual(resolveTensor(graph, name), { ok: true, tensor }, name);
	assert.deepEqual(resolveTensor(graph, "layer1.0.fx"), {
		ok: false,
		nearest: "layer1.0.fc",
	});
});

test("freeze takes PyTorch's names of an .onnx file's layers", () => {
	const learns = (freeze: Parameters<typeof applyFreeze>[1]) =>
		applyFreeze(graph, freeze, new Set()).trainable;
	assert.deepEqual(learns(["layer1"]), ["w2"]);
	assert.deepEqual(learns(["layer1.*"]), ["w2"]);
	assert.deepEqual(learns({ until: "layer1.0" }), ["w2"]);
	assert.deepEqual(learns(["fc"]), ["w1"]);
	assert.deepEqual(learns(["/layer1/layer1.0/fc/Gemm"]), ["w2"]);
});
