import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { subgraph } from "../../src/model/edit.ts";
import {
	constantValues,
	inputsOf,
	layersOf,
	parametersOf,
	tensorOfInitializer,
} from "../../src/model/graph.ts";
import { readOnnx } from "../../src/model/onnx/read.ts";
import { efficientnetLite0 } from "../../src/model/zoo/efficientnet.ts";
import { vgg } from "../../src/model/zoo/vgg.ts";

test("parameters are what learns: no BatchNorm statistics, no constants", () => {
	const names = parametersOf(efficientnetLite0()).map(({ name }) => name);
	assert.ok(names.includes("_bn0.weight") && names.includes("_fc.bias"));
	assert.ok(names.every((name) => !/running|constant/.test(name)));
	const graph = vgg(16, false, [224, 224]);
	const count = parametersOf(graph)
		.map(({ shape }) => shape.reduce((a, b) => a * b))
		.reduce((a, b) => a + b);
	assert.equal(count, 138_357_544);
});

test("layers come in graph order, each once", () => {
	const layers = layersOf(vgg(11, true, [64, 64]));
	assert.equal(new Set(layers).size, layers.length);
	assert.deepEqual(layers.slice(0, 3), [
		"features.0",
		"features.1",
		"features.2",
	]);
	assert.equal(layers.at(-1), "classifier.6");
});

test("Dropout's ratio is a constant of the structure", () => {
	const graph = vgg(11, false, [224, 224]);
	const dropout = graph.nodes.find(({ op }) => op === "Dropout");
	assert.deepEqual(constantValues(graph, dropout?.inputs[1]), [0.5]);
	assert.equal(constantValues(graph, "classifier.0.bias"), undefined);
	const ratio = graph.initializers.find(
		({ name }) => name === dropout?.inputs[1],
	);
	assert.ok(ratio);
	assert.deepEqual(
		tensorOfInitializer(ratio, new Map()).data,
		Float32Array.of(0.5),
	);
});

test("what a branch of If captures counts as the If's input", async () => {
	const path = join(import.meta.dirname, "golden/onnx/branches.onnx");
	const { graph } = await readOnnx(path);
	const branch = graph.nodes.find(({ op }) => op === "If");
	assert.ok(branch);
	assert.deepEqual([...new Set(inputsOf(branch))].sort(), [
		"positive",
		"scaled",
	]);
	const part = subgraph(graph, ["scaled"], ["y"]);
	assert.ok(!part.ok, "y also depends on x through the condition");
	assert.match(part.diagnostics[0]?.message ?? "", /"x"/);
});
