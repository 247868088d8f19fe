import assert from "node:assert/strict";
import test from "node:test";
import type { Replacement } from "../../src/experiment/types.ts";
import { initialWeights } from "../../src/model/init.ts";
import { replaceLayer } from "../../src/model/replace.ts";
import { inferShapes } from "../../src/model/shapes.ts";
import type { Graph } from "../../src/model/types.ts";
import { resnet } from "../../src/model/zoo/resnet.ts";
import { squeezenet } from "../../src/model/zoo/squeezenet.ts";
import { vgg } from "../../src/model/zoo/vgg.ts";

const vgg16 = vgg(16, false, [224, 224]);

function replaced(graph: Graph, layer: string, spec: Replacement) {
	const shapes = inferShapes(graph, new Map([["input", [1, 3, 224, 224]]]));
	return replaceLayer(graph, layer, spec, shapes);
}

function done(graph: Graph, layer: string, spec: Replacement) {
	const edit = replaced(graph, layer, spec);
	assert.ok(edit.ok, layer);
	return edit.value;
}

test("the note's edit: classifier.6 replaced, classifier.7 appended", () => {
	const first = done(vgg16, "classifier.6", {
		Linear: { out_features: 2, bias: true },
	});
	assert.deepEqual(first.added, ["classifier.6.weight", "classifier.6.bias"]);
	const second = done(first.graph, "classifier.7", { LogSoftmax: { dim: 1 } });
	assert.deepEqual(second.added, []);
	assert.equal(second.output, "classifier.7");
	const { nodes, initializers, outputs } = second.graph;
	assert.deepEqual(
		nodes.slice(-2).map(({ layer, op }) => `${layer} ${op}`),
		["classifier.6 Gemm", "classifier.7 LogSoftmax"],
	);
	assert.deepEqual(outputs, [
		{ name: "classifier.7", dtype: "float32", shape: ["n", 2] },
	]);
	const weights = initializers.filter(({ name }) =>
		name.startsWith("classifier.6"),
	);
	assert.deepEqual(
		weights.map(({ shape }) => shape),
		[[2, 4096], [2]],
	);
});

test("editing changes nothing in the network that was given", () => {
	const before = JSON.stringify(vgg16);
	done(vgg16, "classifier.6", { Linear: { out_features: 2, bias: false } });
	assert.equal(JSON.stringify(vgg16), before);
});

test("a layer in the middle keeps its neighbours, and old weights go", () => {
	const { graph, added } = done(vgg16, "classifier.3", {
		Linear: { out_features: 4096, bias: false },
	});
	assert.deepEqual(added, ["classifier.3.weight"]);
	const names = graph.initializers.map(({ name }) => name);
	assert.ok(!names.includes("classifier.3.bias"));
	assert.equal(new Set(names).size, names.length);
	const after = graph.nodes.find(({ layer }) => layer === "classifier.4");
	assert.deepEqual(after?.inputs, ["classifier.3"]);
	assert.deepEqual(graph.outputs[0]?.shape, ["n", 1000]);
});

test("Identity, ReLU and Dropout take a layer's place", () => {
	assert.deepEqual(done(vgg16, "classifier.2", { Identity: {} }).added, []);
	const relu = done(vgg16, "classifier.5", { ReLU: {} });
	assert.equal(relu.graph.nodes.at(-2)?.op, "Relu");
	const dropout = done(vgg16, "classifier.5", { Dropout: { p: 0.2 } });
	const ratio = dropout.graph.initializers.find(
		({ name }) => name === dropout.graph.nodes.at(-2)?.inputs[1],
	);
	assert.deepEqual(ratio?.values, [0.2]);
});

test("an unknown layer comes back with the nearest and the last ones", () => {
	for (const [name, nearest] of [
		["clasifier.6", "classifier.6"],
		["classifier.9", undefined],
		["features.32", undefined],
	] as const) {
		const edit = replaced(vgg16, name, { ReLU: {} });
		assert.ok(!edit.ok, name);
		const [problem] = edit.diagnostics;
		assert.equal(problem?.code, "unknown-layer");
		assert.match(problem?.reason ?? "", /classifier\.6/);
		if (nearest) assert.equal(problem?.suggestion, nearest);
	}
});

test("a Linear where a map enters says so", () => {
	const edit = replaced(vgg16, "features.28", {
		Linear: { out_features: 2, bias: true },
	});
	assert.ok(!edit.ok);
	assert.equal(edit.diagnostics[0]?.code, "replace-shape");
	assert.match(edit.diagnostics[0]?.message ?? "", /\[n, 512, 14, 14\]/);
});

const conv = (out_channels: number, kernel_size: number | number[] = 1) => ({
	Conv2d: {
		...{ out_channels, kernel_size },
		...{ stride: 1, padding: 0, groups: 1, bias: true },
	},
});

function shapesAt(graph: Graph) {
	return inferShapes(graph, new Map([["input", [1, 3, 224, 224]]]));
}

test("squeezenet's classifier, a convolution, is replaced by one with a map for each class", () => {
	const { graph, added } = done(
		squeezenet("squeezenet1_1"),
		"classifier.1",
		conv(2),
	);
	assert.deepEqual(added, ["classifier.1.weight", "classifier.1.bias"]);
	const shapes = shapesAt(graph);
	assert.deepEqual(shapes.get("classifier.1"), [1, 2, 13, 13]);
	assert.deepEqual(shapes.get(graph.outputs[0]?.name ?? ""), [1, 2]);
});

test("a list is an nn.Sequential, and takes the place of a whole module", () => {
	const { graph, added, output } = done(vgg16, "classifier", [
		{ Linear: { out_features: 8, bias: false } },
		{ BatchNorm1d: { eps: 1e-3 } },
		{ GELU: {} },
		{ Dropout: { p: 0.1 } },
		{ Linear: { out_features: 2, bias: true } },
		{ Softmax: { dim: 1 } },
	]);
	assert.equal(output, "classifier.5");
	assert.deepEqual(graph.outputs, [
		{ name: "classifier.5", dtype: "float32", shape: ["n", 2] },
	]);
	assert.deepEqual(added, [
		"classifier.0.weight",
		...["weight", "bias", "running_mean", "running_var"].map(
			(part) => `classifier.1.${part}`,
		),
		"classifier.4.weight",
		"classifier.4.bias",
	]);
	assert.ok(
		!graph.initializers.some(({ name }) => name === "classifier.6.bias"),
	);
	const names = [
		...graph.nodes.flatMap(({ outputs }) => outputs),
		...graph.initializers.map(({ name }) => name),
	];
	assert.equal(new Set(names).size, names.length);
	assert.deepEqual(shapesAt(graph).get("classifier.5"), [1, 2]);
	assert.deepEqual(
		initialWeights(graph, added, 0).get("classifier.1.running_var")?.data,
		new Float32Array(8).fill(1),
	);
});

test("a block of convolutions, and what pools it, stand where layers of maps were", () => {
	const { graph } = done(vgg16, "features.28", [
		conv(6, [1, 3]),
		{ BatchNorm2d: { eps: 1e-5 } },
		{ AdaptiveAvgPool2d: { output_size: [7, 5] } },
		conv(512),
	]);
	const shapes = shapesAt(graph);
	assert.deepEqual(shapes.get("features.28.0"), [1, 6, 14, 12]);
	assert.deepEqual(shapes.get("features.28.2"), [1, 6, 7, 5]);
	assert.deepEqual(shapes.get("features.29"), [1, 512, 7, 5]);
});

test("a name one past the end of a Sequential in the middle appends to it", () => {
	const { graph } = done(vgg16, "features.31", { Dropout: { p: 0.2 } });
	const index = graph.nodes.findIndex(({ layer }) => layer === "features.31");
	assert.equal(graph.nodes[index - 1]?.layer, "features.30");
	assert.deepEqual(graph.nodes[index + 1]?.inputs[0], "features.31");
	assert.deepEqual(graph.outputs, vgg16.outputs);
});

test("a residual block's sum, which has two ways in, cannot be replaced", () => {
	const edit = replaced(resnet("resnet18"), "layer1.0.add", { ReLU: {} });
	assert.ok(!edit.ok);
	assert.equal(edit.diagnostics[0]?.code, "unknown-layer");
	assert.match(edit.diagnostics[0]?.message ?? "", /more than one way in/);
});

test("what a layer of a list cannot take is said with its number", () => {
	const edit = replaced(vgg16, "features.28", [
		{ ReLU: {} },
		{ Linear: { out_features: 2, bias: true } },
	]);
	assert.ok(!edit.ok);
	const [problem] = edit.diagnostics;
	assert.equal(problem?.code, "replace-shape");
	assert.match(problem?.message ?? "", /^Linear \(layer 1 of the list\)/);
	assert.match(problem?.fix ?? "", /AdaptiveAvgPool2d: 1 and Flatten/);
	const groups = replaced(vgg16, "features.28", {
		Conv2d: { ...conv(2).Conv2d, groups: 3 },
	});
	assert.ok(!groups.ok);
	assert.match(groups.diagnostics[0]?.reason ?? "", /groups: 3 must divide/);
});
