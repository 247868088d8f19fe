import assert from "node:assert/strict";
import test from "node:test";
import type { LayerSpec } from "../../src/experiment/types.ts";
import { replaceLayer } from "../../src/model/replace.ts";
import { inferShapes } from "../../src/model/shapes.ts";
import type { Graph } from "../../src/model/types.ts";
import { vgg } from "../../src/model/zoo/vgg.ts";

const vgg16 = vgg(16, false, [224, 224]);

function replaced(graph: Graph, layer: string, spec: LayerSpec) {
	const shapes = inferShapes(graph, new Map([["input", [1, 3, 224, 224]]]));
	return replaceLayer(graph, layer, spec, shapes);
}

function done(graph: Graph, layer: string, spec: LayerSpec) {
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
		["features.31", undefined],
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
