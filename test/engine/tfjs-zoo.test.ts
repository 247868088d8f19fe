import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { createSession } from "../../src/engine/ort.ts";
import { compileGraph } from "../../src/engine/tfjs/compile.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { scoped } from "../../src/engine/tfjs/scoped.ts";
import { unsupportedOps } from "../../src/engine/tfjs/supported.ts";
import { cutPoints } from "../../src/model/cuts.ts";
import { subgraph } from "../../src/model/edit.ts";
import type { Graph, Weights } from "../../src/model/types.ts";
import { zooEntry, zooNames } from "../../src/model/zoo/zoo.ts";
import { photo, weightsOf } from "../model/formula.ts";

test("every network of the zoo can be trained whole, and from each place where it can be cut", () => {
	const names = zooNames();
	assert.ok(names.length >= 33, `${names.length} networks`);
	for (const name of names) {
		const entry = zooEntry(name);
		assert.ok(entry);
		const graph = entry.build(entry.preprocess.size);
		// A suffix holds nodes of the whole, none of them other than there.
		assert.deepEqual(unsupportedOps(graph), [], name);
	}
});

/** One of each family; where it ends and what it is given, small enough for a second of wasm. */
const FAMILIES: readonly (readonly [
	name: string,
	size: readonly [number, number],
	end: string,
])[] = [
	["alexnet", [64, 64], "flatten"],
	["vgg11_bn", [32, 32], "flatten"],
	["resnet18", [48, 64], "layer3.0.relu_1"],
	["resnext50_32x4d", [32, 32], "layer2.0.relu_2"],
	["squeezenet1_1", [48, 48], "flatten"],
	["densenet121", [32, 48], "features.transition1.pool"],
	["mobilenet_v2", [32, 64], "classifier.1"],
	["mobilenet_v3_small", [48, 32], "classifier.3"],
	["efficientnet_b0", [32, 32], "classifier.1"],
	["efficientnet_lite0", [33, 48], "_fc"],
	["shufflenet_v2_x1_0", [64, 32], "fc"],
	["convnext_tiny", [32, 32], "features.3.0.add"],
	["vit_b_32", [64, 32], "encoder.layers.encoder_layer_0.add_1"],
	["swin_t", [96, 64], "features.3.1.add_1"],
];

for (const [name, size, end] of FAMILIES)
	test(`${name} up to ${end} computes in tfjs what it computes in onnxruntime, and so does its second half`, async () => {
		const whole = zooEntry(name)?.build(size);
		assert.ok(whole);
		const last = whole.nodes.some(({ outputs }) => outputs.includes(end))
			? end
			: whole.outputs[0]?.name;
		assert.equal(last, end, `${name} has no "${end}"`);
		const graph = part(whole, "input", end);
		const weights = weightsOf(graph);
		const dims = [2, 3, ...size];
		const cuts = cutPoints(graph);
		const middle = cuts[Math.floor(cuts.length / 2)] as string;
		const session = await createSession(graph, weights, {
			outputs: [middle, end],
			intraOpThreads: 1,
		});
		const expected = await session.run(photo(dims), dims);
		await session.close();
		const goal = expected.get(end);
		const inner = expected.get(middle);
		assert.ok(goal && inner);
		assertClose(await run(graph, weights, photo(dims), dims), goal.data);
		const half = part(graph, middle, end);
		assertClose(await run(half, weights, inner.data, inner.dims), goal.data);
	});

function part(graph: Graph, from: string, to: string): Graph {
	const result = subgraph(graph, [from], [to]);
	assert.ok(result.ok, `${from} to ${to}`);
	return result.value;
}

async function run(
	graph: Graph,
	weights: Weights,
	input: Float32Array,
	dims: readonly number[],
): Promise<Float32Array> {
	const { tf } = await openTfjs();
	const before = tf.memory().numTensors;
	const parameters = openParameters(tf, [graph], weights, []);
	const compiled = compileGraph(tf, graph, parameters);
	const result = scoped(
		tf,
		() =>
			compiled
				.forward(tf.tensor(input, [...dims]), {
					training: false,
					seed: 0,
					step: 0,
				})
				.output.dataSync() as Float32Array,
	);
	const kept = Float32Array.from(result);
	parameters.dispose();
	assert.equal(tf.memory().numTensors, before, "tensors left behind");
	return kept;
}

function assertClose(found: Float32Array, expected: Float32Array): void {
	assert.equal(found.length, expected.length);
	const largest = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
	assert.ok(largest > 0 && Number.isFinite(largest), `largest ${largest}`);
	let apart = 0;
	found.forEach((x, index) => {
		apart = Math.max(apart, Math.abs(x - (expected[index] as number)));
	});
	assert.ok(apart <= 1e-4 * largest, `${apart} of ${largest}`);
}
