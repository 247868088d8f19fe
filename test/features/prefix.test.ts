import assert from "node:assert/strict";
import test from "node:test";
import { networkSize, shareWeights } from "../../src/features/prefix.ts";
import type { Graph } from "../../src/model/types.ts";
import { efficientnetLite0 } from "../../src/model/zoo/efficientnet.ts";
import { vgg } from "../../src/model/zoo/vgg.ts";
import { matrixNetwork } from "./pieces.ts";

const GB = 2 ** 30;
const settings = (graph: Graph, cut: string, cores: number, memory: number) => {
	const machine = { cores, memoryBytes: memory * GB };
	const size = networkSize(graph, cut, machine);
	return size && [size.workers, size.threads, size.batchSize];
};

test("a small network is held once a core, photo by photo", () => {
	const graph = efficientnetLite0();
	assert.deepEqual(settings(graph, "_flatten", 2, 2), [2, 1, 1]);
	assert.deepEqual(settings(graph, "_flatten", 16, 32), [16, 1, 1]);
});

test("a large network is held as often as memory allows, its threads on all cores", () => {
	const graph = vgg(16, false, [224, 224]);
	const last = graph.outputs[0].name;
	assert.deepEqual(settings(graph, last, 8, 4), [1, 8, 1]);
	assert.deepEqual(settings(graph, last, 8, 32), [3, 2, 1]);
	assert.deepEqual(settings(graph, last, 2, 32), [2, 1, 1]);
});

test("a network with a fixed batch is run with that batch", () => {
	const { graph } = matrixNetwork(4, 2);
	const [input] = graph.inputs;
	const fixed = { ...graph, inputs: [{ ...input, shape: [8, 3, 4, 4] }] };
	assert.deepEqual(settings(fixed, "out", 2, 8), [2, 1, 8]);
});

test("a cut at the input needs no network", () => {
	const { graph } = matrixNetwork(4, 2);
	assert.equal(settings(graph, "input", 2, 8), undefined);
});

test("only the weights before the cut are shared, bit for bit", () => {
	const { graph, weights } = matrixNetwork(4, 2);
	const shared = shareWeights(
		graph,
		new Map([
			...weights,
			...[...weights].map(([, w]) => ["other", w] as const),
		]),
	);
	assert.deepEqual([...shared.keys()], ["w"]);
	assert.deepEqual(shared.get("w")?.data, weights.get("w")?.data);
	assert.ok(shared.get("w")?.data.buffer instanceof SharedArrayBuffer);
	// A weights file of half a gigabyte is read into such memory once, and not copied again.
	assert.equal(shareWeights(graph, shared).get("w"), shared.get("w"));
});
