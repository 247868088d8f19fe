import assert from "node:assert/strict";
import test from "node:test";
import { createSession } from "../../../src/engine/ort.ts";
import { observe } from "../../../src/features/calibrate.ts";
import { subgraph } from "../../../src/model/edit.ts";
import { initialWeights } from "../../../src/model/init.ts";
import { fold, type Loaded } from "../../../src/model/quantize/fold.ts";
import { quantizationPoints } from "../../../src/model/quantize/points.ts";
import {
	packWeights,
	quantize,
	stepOf,
} from "../../../src/model/quantize/quantize.ts";
import { chooseRange } from "../../../src/model/quantize/ranges.ts";
import { zooEntry } from "../../../src/model/zoo/zoo.ts";
import { random } from "../../../src/random.ts";

/** A network of the zoo up to its features, at a small size, with random weights and statistics. */
function network(name: string, size: number): Loaded {
	const entry = zooEntry(name);
	assert.ok(entry);
	const whole = entry.build([size, size]);
	const part = subgraph(
		whole,
		whole.inputs.map(({ name }) => name),
		[entry.features],
	);
	assert.ok(part.ok);
	const learnt = part.value.initializers.filter(
		({ values }) => values === undefined,
	);
	const names = learnt.map(({ name }) => name);
	const weights = initialWeights(part.value, names, 0, entry.init);
	const draw = random(0, "statistics");
	for (const [name, { data }] of weights)
		if (/running_(mean|var)$/.test(name) && data instanceof Float32Array)
			for (let at = 0; at < data.length; at++)
				data[at] = /mean/.test(name)
					? 0.1 * draw.normal()
					: 0.5 + draw.uniform();
	return { graph: part.value, weights };
}

function pixels(photos: number, size: number): Float32Array {
	const draw = random(1, "pixels");
	return Float32Array.from({ length: photos * 3 * size * size }, draw.normal);
}

async function run({ graph, weights }: Loaded, input: Float32Array, n: number) {
	const output = graph.outputs[0]?.name ?? "";
	const size = Math.sqrt(input.length / (3 * n));
	const session = await createSession(graph, weights, {
		outputs: [output],
		intraOpThreads: 1,
	});
	const outputs = await session.run(input, [n, 3, size, size]);
	await session.close();
	return outputs.get(output)?.data ?? new Float32Array();
}

function cosine(a: Float32Array, b: Float32Array): number {
	const dot = (x: Float32Array, y: Float32Array) =>
		x.reduce((sum, value, at) => sum + value * (y[at] as number), 0);
	return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

const KINDS = [
	["resnet18", 64, "residuals"],
	["mobilenet_v2", 64, "depthwise convolutions and Clip"],
	["efficientnet_b0", 64, "swish and squeeze-excite"],
	["densenet121", 64, "Concat, and BatchNormalization before Conv"],
	["convnext_tiny", 64, "LayerNorm and Linear on tokens"],
] as const;

for (const [name, size, kind] of KINDS)
	test(`${name} (${kind}) folded is the same network, and on bytes it is near it`, async () => {
		const plain = network(name, size);
		const photos = pixels(4, size);
		const folded = fold(plain);
		const exact = await run(plain, photos, 4);
		const same = await run(folded, photos, 4);
		const largest = exact.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
		const error = exact.reduce(
			(most, value, at) => Math.max(most, Math.abs(value - (same[at] ?? 0))),
			0,
		);
		assert.ok(error <= 1e-4 * largest, `${error} of ${largest}`);
		const seen = await observe(folded, {
			...{ photos, inputShape: [3, size, size], threads: 2 },
			histograms: false,
		});
		const bytes = quantize(folded, seen);
		const near = cosine(exact, await run(bytes, photos, 4));
		assert.ok(near > 0.99, `cosine ${near}`);
		const { heavy } = quantizationPoints(folded.graph);
		const multiplying = folded.graph.nodes.filter(
			({ op, inputs }) => ["Conv", "Gemm"].includes(op) && inputs.length > 1,
		);
		for (const node of multiplying) assert.ok(heavy.has(node), node.name);
	});

test("quantizing changes neither the graph nor the weights it is given, and gives the same bytes again", () => {
	const plain = network("mobilenet_v2", 32);
	const before = JSON.stringify(plain.graph);
	const folded = fold(plain);
	const { tensors } = quantizationPoints(folded.graph);
	const ranges = new Map(
		[...tensors.values()].map((name) => [name, { min: -1, max: 3 }]),
	);
	const [one, two] = [quantize(folded, ranges), quantize(folded, ranges)];
	assert.equal(JSON.stringify(plain.graph), before);
	assert.deepEqual(one.graph, two.graph);
	assert.deepEqual(one.weights, two.weights);
	assert.ok(one.graph.nodes.some(({ op }) => op === "QuantizeLinear"));
});

test("a byte always stands for zero exactly, and ends beyond it are kept", () => {
	for (const range of [
		{ min: 0.5, max: 4 },
		{ min: -3, max: -1 },
		{ min: -1.3, max: 2.2 },
		{ min: 0, max: 0 },
	]) {
		const { scale, zeroPoint } = stepOf(range);
		assert.ok(Number.isInteger(zeroPoint));
		assert.ok(zeroPoint >= 0 && zeroPoint <= 255);
		const low = -zeroPoint * scale;
		const high = (255 - zeroPoint) * scale;
		assert.ok(low <= Math.min(0, range.min) + scale);
		assert.ok(high >= Math.max(0, range.max) - scale);
	}
});

test("weights have a scale each output channel, along either axis", () => {
	const values = Float32Array.of(1, -2, 3, 100, 50, -25);
	const rows = packWeights(values, [2, 3], 0);
	assert.deepEqual([...rows.data], [42, -85, 127, 127, 64, -32]);
	const columns = packWeights(values, [2, 3], 1);
	assert.deepEqual([...columns.data], [1, -5, 15, 127, 127, -127]);
	assert.equal(columns.scales.length, 3);
});

test("percentile and mse leave a lonely outlier out, minmax does not", () => {
	const counts = new Float64Array(2048);
	for (let bin = 0; bin < 200; bin++) counts[bin] = 1000;
	counts[2047] = 1;
	const seen = { min: 0, max: 10, counts };
	assert.equal(chooseRange(seen, "minmax").max, 10);
	assert.ok(chooseRange(seen, "percentile").max < 1.1);
	assert.ok(chooseRange(seen, "mse").max < 9);
});
