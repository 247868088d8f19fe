import assert from "node:assert/strict";
import test from "node:test";
import type { RunError } from "../../src/diagnostic.ts";
import { createSession } from "../../src/engine/ort.ts";
import { initialWeights } from "../../src/model/init.ts";
import type { Graph } from "../../src/model/types.ts";
import { network } from "../../src/model/zoo/builder.ts";
import { engineFacts } from "../../src/versions.ts";

function small(): Graph {
	const net = network("small", ["n", 2, "h", "w"]);
	let x = net.conv(net.input, "conv", { in: 2, out: 3, kernel: 3, padding: 1 });
	x = net.relu(net.batchNorm(x, "bn", 3), "relu");
	x = net.dropout(
		net.flatten(net.globalAveragePool(x, "pool"), "flat"),
		"drop",
		0.5,
	);
	return net.finish(net.linear(x, "fc", 3, 2), 2);
}

function weightsOf(graph: Graph) {
	const names = graph.initializers
		.filter(({ values }) => !values)
		.map(({ name }) => name);
	return initialWeights(graph, names, 0);
}

const sine = (length: number) =>
	Float32Array.from({ length }, (_, i) => Math.sin(i));

test("any inner tensors can be outputs, of any batch and size", async () => {
	const graph = small();
	const session = await createSession(graph, weightsOf(graph), {
		outputs: ["relu", "conv", "fc"],
		intraOpThreads: 1,
	});
	for (const [n, h, w] of [
		[1, 4, 4],
		[3, 5, 7],
	] as const) {
		const outputs = await session.run(sine(n * 2 * h * w), [n, 2, h, w]);
		assert.deepEqual([...outputs.keys()], ["relu", "conv", "fc"]);
		assert.deepEqual(outputs.get("conv")?.dims, [n, 3, h, w]);
		assert.deepEqual(outputs.get("fc")?.dims, [n, 2]);
		assert.ok(outputs.get("relu")?.data.every((x) => x >= 0));
	}
	await session.close();
});

test("weights that the outputs do not need may be missing", async () => {
	const graph = small();
	const weights = weightsOf(graph);
	weights.delete("fc.weight");
	const session = await createSession(graph, weights, {
		outputs: ["pool"],
		intraOpThreads: 1,
	});
	await session.close();
});

test("Dropout does nothing, as in evaluation", async () => {
	const graph = small();
	const session = await createSession(graph, weightsOf(graph), {
		outputs: ["flat", "drop"],
		intraOpThreads: 1,
	});
	const outputs = await session.run(sine(32), [1, 2, 4, 4]);
	await session.close();
	assert.deepEqual(outputs.get("drop")?.data, outputs.get("flat")?.data);
});

test("the same network computes the same bits with one thread and with two", async () => {
	const graph = small();
	const results: (Float32Array | undefined)[] = [];
	for (const intraOpThreads of [1, 2]) {
		const session = await createSession(graph, weightsOf(graph), {
			outputs: ["fc"],
			intraOpThreads,
		});
		const outputs = await session.run(sine(4 * 2 * 48 * 48), [4, 2, 48, 48]);
		results.push(outputs.get("fc")?.data);
		await session.close();
	}
	assert.deepEqual(results[0], results[1]);
});

test("an operator that onnxruntime does not know is a RunError that names it", async () => {
	const net = network("odd", ["n", 2]);
	const graph = net.finish(net.node("Telepathy", "mind", [net.input]), 2);
	await assert.rejects(
		createSession(graph, new Map(), { outputs: ["mind"], intraOpThreads: 1 }),
		(error: RunError) => {
			assert.equal(error.code, "model-unsupported");
			assert.match(error.message, /Telepathy/);
			return true;
		},
	);
});

test("photos of another shape are a RunError", async () => {
	const graph = small();
	const session = await createSession(graph, weightsOf(graph), {
		outputs: ["fc"],
		intraOpThreads: 1,
	});
	await assert.rejects(session.run(sine(48), [1, 3, 4, 4]), {
		code: "model-unsupported",
	});
	await session.close();
});

test("a network over 2 GiB is refused before it is built", async () => {
	const net = network("huge", ["n", 4]);
	const graph = net.finish(net.linear(net.input, "fc", 4, 2), 2);
	const half = new Float32Array(2 ** 28);
	const weights = new Map([
		["fc.weight", { dtype: "float32" as const, shape: [2, 4], data: half }],
		["fc.bias", { dtype: "float32" as const, shape: [2], data: half }],
	]);
	await assert.rejects(
		createSession(graph, weights, { outputs: ["fc"], intraOpThreads: 1 }),
		{ code: "model-too-large" },
	);
});

test("the version in every cache key is that of the onnxruntime that is loaded", async () => {
	const { env } = await import("onnxruntime-node");
	const { versions, provider } = engineFacts();
	assert.equal(versions["onnxruntime-node"], env.versions.common);
	assert.equal(provider, "cpu");
});
