import assert from "node:assert/strict";
import test from "node:test";
import { createSession } from "../../src/engine/ort.ts";
import { cutPoints } from "../../src/model/cuts.ts";
import { appendHead, subgraph } from "../../src/model/edit.ts";
import { initialWeights } from "../../src/model/init.ts";
import type { Graph, Weights } from "../../src/model/types.ts";
import { network } from "../../src/model/zoo/builder.ts";
import { efficientnetLite0 } from "../../src/model/zoo/efficientnet.ts";

/** Two residual blocks: a sum in the middle, and one whose shortcut is the input itself. */
function residual(): Graph {
	const net = network("residual", ["n", 2, 6, 6]);
	const conv = { in: 2, out: 2, kernel: 3, padding: 1 };
	let x = net.conv(net.input, "conv1", conv);
	x = net.relu(net.add(x, net.input, "add1"), "relu1");
	const y = net.batchNorm(net.conv(x, "conv2", conv), "bn2", 2);
	x = net.add(net.relu6(y, "relu2"), x, "add2");
	x = net.flatten(net.globalAveragePool(x, "pool"), "flatten");
	return net.finish(net.linear(x, "fc", 2, 3), 3);
}

function weightsOf(graph: Graph): Weights {
	const names = graph.initializers
		.filter(({ values }) => !values)
		.map(({ name }) => name);
	return initialWeights(graph, names, 0);
}

async function run(
	graph: Graph,
	weights: Weights,
	input: Float32Array,
	dims: readonly number[],
	output: string,
) {
	const session = await createSession(graph, weights, {
		outputs: [output],
		intraOpThreads: 1,
	});
	const result = (await session.run(input, dims)).get(output);
	await session.close();
	assert.ok(result);
	return result;
}

const photos = Float32Array.from({ length: 2 * 2 * 36 }, (_, i) => Math.sin(i));

test("cut points are the tensors that every path crosses", () => {
	assert.deepEqual(cutPoints(residual()), [
		"input",
		"add1",
		"relu1",
		"add2",
		"pool",
		"flatten",
		"fc",
	]);
});

test("a network without branches can be cut behind every layer", () => {
	const cuts = cutPoints(efficientnetLite0());
	assert.ok(cuts.includes("_blocks.0._bn2"));
	assert.ok(cuts.includes("_blocks.2._add"));
	assert.ok(!cuts.includes("_blocks.2._bn1"), "inside a residual block");
	assert.equal(cuts.at(-2), "_flatten");
});

test("prefix and suffix of every cut together are the whole network", async () => {
	const graph = residual();
	const weights = weightsOf(graph);
	const whole = await run(graph, weights, photos, [2, 2, 6, 6], "fc");
	for (const cut of cutPoints(graph).slice(1, -1)) {
		const prefix = subgraph(graph, ["input"], [cut]);
		const suffix = subgraph(graph, [cut], ["fc"]);
		assert.ok(prefix.ok && suffix.ok);
		const middle = await run(prefix.value, weights, photos, [2, 2, 6, 6], cut);
		const end = await run(
			suffix.value,
			weights,
			middle.data,
			middle.dims,
			"fc",
		);
		assert.equal(
			prefix.value.nodes.length + suffix.value.nodes.length,
			graph.nodes.length,
		);
		whole.data.forEach((value, index) => {
			const difference = Math.abs(value - (end.data[index] ?? NaN));
			assert.ok(difference < 1e-5, `${cut}: ${difference}`);
		});
	}
});

test("a subgraph holds only the initializers it needs, and knows its inputs' shapes", () => {
	const suffix = subgraph(residual(), ["relu1"], ["add2"]);
	assert.ok(suffix.ok);
	const names = suffix.value.initializers.map(({ name }) => name);
	assert.deepEqual(names.slice(0, 2), ["conv2.weight", "conv2.bias"]);
	assert.ok(!names.includes("fc.weight"));
	assert.deepEqual(suffix.value.inputs, [
		{ name: "relu1", dtype: "float32", shape: ["n", 2, 6, 6] },
	]);
});

test("a cut that a path goes around is refused by name", () => {
	const part = subgraph(residual(), ["conv1"], ["fc"]);
	assert.ok(!part.ok);
	assert.equal(part.diagnostics[0]?.code, "open-cut");
	assert.match(part.diagnostics[0]?.message ?? "", /"input".*around "conv1"/);
});

test("a head on a vector is one Gemm, on a map also pool and flatten", () => {
	const options = { numClasses: 5, bias: true, globalPool: "avg" } as const;
	const vector = appendHead(residual(), "flatten", {
		...options,
		featureShape: [2],
	});
	assert.ok(vector.ok);
	const { graph, added, output } = vector.value;
	assert.deepEqual(added, ["head.weight", "head.bias"]);
	assert.equal(output, "head");
	assert.equal(graph.nodes.at(-1)?.op, "Gemm");
	assert.ok(graph.initializers.every(({ name }) => !name.startsWith("fc.")));

	const map = appendHead(residual(), "relu1", {
		...options,
		globalPool: "max",
		bias: false,
		featureShape: [2, 6, 6],
	});
	assert.ok(map.ok);
	assert.deepEqual(
		map.value.graph.nodes.slice(-3).map(({ op, layer }) => [op, layer]),
		[
			["GlobalMaxPool", "head.pool"],
			["Flatten", "head.flatten"],
			["Gemm", "head"],
		],
	);
	assert.deepEqual(map.value.added, ["head.weight"]);

	const flat = appendHead(residual(), "relu1", {
		...options,
		globalPool: "flatten",
		featureShape: [2, 6, 6],
	});
	assert.ok(flat.ok);
	const weight = flat.value.graph.initializers.find(
		({ name }) => name === "head.weight",
	);
	assert.deepEqual(weight?.shape, [5, 72]);
});

test("a head does not take the names of a network's own module head", () => {
	const net = network("own-head", ["n", 2, 6, 6]);
	const x = net.flatten(net.globalAveragePool(net.input, "pool"), "flatten");
	const graph = net.finish(net.linear(x, "head.fc", 2, 3), 3);
	const edit = appendHead(graph, "head.fc", {
		numClasses: 4,
		bias: true,
		globalPool: "avg",
		featureShape: [3],
	});
	assert.ok(edit.ok);
	assert.deepEqual(edit.value.added, ["head2.weight", "head2.bias"]);
	const names = edit.value.graph.initializers.map(({ name }) => name);
	assert.equal(new Set(names).size, names.length);
});

test("a head computes x W^T + b", async () => {
	const edit = appendHead(residual(), "flatten", {
		numClasses: 2,
		bias: true,
		globalPool: "avg",
		featureShape: [2],
	});
	assert.ok(edit.ok);
	const { graph, added } = edit.value;
	const weights = new Map(weightsOf(residual()));
	for (const [name, tensor] of initialWeights(graph, added, 3))
		weights.set(name, tensor);
	const dims = [2, 2, 6, 6];
	const x = await run(graph, weights, photos, dims, "flatten");
	const y = await run(graph, weights, photos, dims, "head");
	const w = weights.get("head.weight")?.data as Float32Array;
	const b = weights.get("head.bias")?.data as Float32Array;
	const expected =
		(b[1] ?? 0) +
		[0, 1].reduce((sum, i) => sum + (x.data[i] ?? 0) * (w[2 + i] ?? 0), 0);
	assert.ok(Math.abs((y.data[1] ?? NaN) - expected) < 1e-6);
});

test("a head on tokens is refused with what it takes", () => {
	const edit = appendHead(residual(), "relu1", {
		numClasses: 2,
		bias: true,
		globalPool: "avg",
		featureShape: [197, 768],
	});
	assert.ok(!edit.ok);
	assert.match(edit.diagnostics[0]?.message ?? "", /\[n, 197, 768\]/);
});
