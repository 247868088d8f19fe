import assert from "node:assert/strict";
import test from "node:test";
import { createSession, type OrtSession } from "../../src/engine/ort.ts";
import { cutPoints } from "../../src/model/cuts.ts";
import { subgraph } from "../../src/model/edit.ts";
import { producers } from "../../src/model/graph.ts";
import type { Graph, Tensor, Weights } from "../../src/model/types.ts";
import { zooEntry } from "../../src/model/zoo/zoo.ts";
import { parameters, photo, weightsOf } from "./formula.ts";

/** Prefix and suffix at every place where a network can be cut, one after the other, against the whole. */

/** Name, size of the photo, where the comparison ends, and how many cut points there are up to there. */
const CASES = [
	["resnet18", [64, 96], "fc", 22],
	["mobilenet_v2", [64, 96], "classifier.1", 72],
	// The half gigabyte of VGG16's classifier is cut apart below.
	["vgg16", [32, 64], "flatten", 33],
] as const;

for (const [name, size, end, count] of CASES)
	test(`${name} cut at each of its ${count} cut points up to ${end} gives what the whole gives`, async () => {
		const whole = zooEntry(name)?.build(size);
		assert.ok(whole);
		const graph = part(whole, "input", end);
		const weights = weightsOf(graph);
		const cuts = cutPoints(graph).slice(1, -1);
		assert.equal(cuts.length, count);
		const dims = [2, 3, ...size];
		const prefix = await createSession(graph, weights, {
			outputs: [...cuts, end],
			intraOpThreads: 1,
		});
		const all = await prefix.run(photo(dims), dims);
		await prefix.close();
		const expected = await outputOf(graph, weights, end, photo(dims), dims);
		for (const cut of cuts) {
			const { data, dims: shape } = all.get(cut) ?? { data: [], dims: [] };
			const suffix = part(graph, cut, end);
			const input = Float32Array.from(data);
			const found = await outputOf(suffix, weights, end, input, shape);
			assertClose(found, expected, cut);
		}
	});

test("vgg16's classifier cut at each of its layers gives what the whole classifier gives", async () => {
	const whole = zooEntry("vgg16")?.build([32, 32]);
	assert.ok(whole);
	const graph = part(whole, "flatten", "classifier.6");
	const weights = cheapWeights(graph);
	const dims = [1, 25088];
	const cuts = cutPoints(graph).slice(1, -1);
	assert.equal(cuts.length, 6);
	const prefix = await createSession(graph, weights, {
		outputs: [...cuts, "classifier.6"],
		intraOpThreads: 1,
	});
	const all = await prefix.run(photo(dims), dims);
	await prefix.close();
	const expected = all.get("classifier.6")?.data ?? new Float32Array();
	for (const cut of cuts) {
		const { data, dims: shape } = all.get(cut) ?? { data: [], dims: [] };
		const found = await outputOf(
			part(graph, cut, "classifier.6"),
			weights,
			"classifier.6",
			Float32Array.from(data),
			shape,
		);
		assertClose(found, expected, cut);
	}
});

test("a BatchNorm in a prefix counts its own statistics, whatever the batch", async () => {
	const whole = zooEntry("resnet18")?.build([64, 64]);
	assert.ok(whole);
	const end = "layer2.1.relu_1";
	const graph = part(whole, "input", end);
	const weights = weightsOf(graph);
	const norm = producers(graph).get("layer1.0.bn1");
	assert.equal(norm?.op, "BatchNormalization");
	const session = await createSession(graph, weights, {
		outputs: [end],
		intraOpThreads: 1,
	});
	const one = photo([1, 3, 64, 64]);
	const other = one.map((x) => 100 * x);
	const alone = await run(session, one, [1, 3, 64, 64], end);
	const beside = await run(
		session,
		Float32Array.of(...one, ...other),
		[2, 3, 64, 64],
		end,
	);
	await session.close();
	assert.deepEqual(beside.slice(0, alone.length), alone);
});

function part(graph: Graph, from: string, to: string): Graph {
	const result = subgraph(graph, [from], [to]);
	assert.ok(result.ok, `${from} to ${to}`);
	return result.value;
}

async function outputOf(
	graph: Graph,
	weights: Weights,
	output: string,
	input: Float32Array,
	dims: readonly number[],
): Promise<Float32Array> {
	const session = await createSession(graph, weights, {
		outputs: [output],
		intraOpThreads: 1,
	});
	const values = await run(session, input, dims, output);
	await session.close();
	return values;
}

async function run(
	session: OrtSession,
	input: Float32Array,
	dims: readonly number[],
	output: string,
): Promise<Float32Array> {
	return (await session.run(input, dims)).get(output)?.data as Float32Array;
}

/** The folding of constants differs from cut to cut, and with it the rounding. */
function assertClose(
	found: Float32Array,
	expected: Float32Array,
	cut: string,
): void {
	assert.equal(found.length, expected.length);
	const largest = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
	assert.ok(largest > 0 && Number.isFinite(largest));
	found.forEach((x, index) => {
		const difference = Math.abs(x - (expected[index] ?? Number.NaN));
		if (!(difference <= 1e-5 * largest))
			assert.fail(`${cut}: ${difference} at ${index} of ${largest}`);
	});
}

/** 120 million numbers, faster than by the formula: a short sequence again and again. */
function cheapWeights(graph: Graph): Map<string, Tensor> {
	const weights = new Map<string, Tensor>();
	for (const [name, shape] of parameters(graph)) {
		const data = new Float32Array(shape.reduce((a, b) => a * b));
		const period = Float32Array.from({ length: 9973 }, (_, i) =>
			Math.sin(7 * i * i),
		);
		const scale = Math.sqrt(4 / (shape[1] ?? 100));
		period.forEach((x, i) => {
			period[i] = x * scale;
		});
		for (let at = 0; at < data.length; at += period.length)
			data.set(period.subarray(0, data.length - at), at);
		weights.set(name, { dtype: "float32", shape, data });
	}
	return weights;
}
