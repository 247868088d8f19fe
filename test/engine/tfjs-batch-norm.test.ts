import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { compileGraph } from "../../src/engine/tfjs/compile.ts";
import { FOLDED, foldBatchNorm } from "../../src/engine/tfjs/fold.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { scoped } from "../../src/engine/tfjs/scoped.ts";
import type { Graph, Tensor } from "../../src/model/types.ts";
import { network } from "../../src/model/zoo/builder.ts";
import { backendsHere } from "./backends.ts";

interface Plain {
	readonly shape: readonly number[];
	readonly data: readonly number[];
}

/** Made by golden/make_convolutions.py with torch's batch_norm in training. */
const cases = JSON.parse(
	readFileSync(new URL("golden/batch-norm.json", import.meta.url), "utf8"),
) as {
	momentum: number;
	inputs: Plain[];
	output: Plain;
	upstream: Plain;
	gradients: Plain[];
	running: Plain[];
}[];

const NAMES = ["x", "bn.weight", "bn.bias", "bn.mean", "bn.var"] as const;
const STATISTICS = ["bn.mean", "bn.var"];

function graphOf(inputs: readonly Plain[], momentum: number): Graph {
	const info = (name: string) => ({
		name,
		dtype: "float32" as const,
		shape: undefined,
	});
	return {
		name: "bn",
		nodes: [
			{
				name: "bn",
				op: "BatchNormalization",
				domain: "",
				inputs: NAMES,
				outputs: ["y"],
				attributes: { momentum: 1 - momentum },
				layer: "bn",
			},
		],
		inputs: [info("unused")],
		outputs: [info("y")],
		initializers: NAMES.map((name, index) => ({
			name,
			shape: inputs[index].shape,
			dtype: "float32",
		})),
		opset: 17,
	};
}

function weightsOf(inputs: readonly Plain[]): Map<string, Tensor> {
	return new Map(
		NAMES.map((name, index): [string, Tensor] => {
			const { shape, data } = inputs[index];
			return [name, { dtype: "float32", shape, data: Float32Array.from(data) }];
		}),
	);
}

function assertClose(
	actual: ArrayLike<number>,
	{ data }: Plain,
	what: string,
): void {
	const largest = Math.max(...data.map(Math.abs), 1e-3);
	data.forEach((value, index) => {
		const off = Math.abs(value - actual[index]);
		assert.ok(off <= 3e-6 * largest, `${what}[${index}]: off by ${off}`);
	});
}

for (const backend of backendsHere()) {
	cases.forEach(({ momentum, inputs, ...expected }, number) => {
		test(`${backend}: BatchNormalization ${number} learns from its batch and moves the running statistics as torch's`, async () => {
			const { tf } = await openTfjs(backend);
			const graph = graphOf(inputs, momentum);
			const before = tf.memory().numTensors;
			const parameters = openParameters(
				tf,
				[graph],
				weightsOf(inputs),
				NAMES.slice(0, 3),
				STATISTICS,
			);
			const compiled = compileGraph(tf, graph, parameters);
			scoped(tf, () => {
				const step = { training: true, seed: 0, step: 0 };
				const { output, backward } = compiled.forward(tf.scalar(0), step);
				assertClose(output.dataSync(), expected.output, "output");
				const { shape, data } = expected.upstream;
				const gradients = backward(tf.tensor([...data], [...shape]));
				NAMES.slice(0, 3).forEach((name, index) => {
					const by = gradients.get(name)?.dataSync() ?? [];
					assertClose(by, expected.gradients[index], `by ${name}`);
				});
			});
			STATISTICS.forEach((name, index) => {
				const { data } = parameters.read(name);
				assertClose(data as Float32Array, expected.running[index], name);
			});
			scoped(tf, () => {
				const step = { training: false, seed: 0, step: 0 };
				compiled.forward(tf.scalar(0), step);
			});
			STATISTICS.forEach((name, index) => {
				const { data } = parameters.read(name);
				assertClose(data as Float32Array, expected.running[index], name);
			});
			parameters.dispose();
			assert.equal(tf.memory().numTensors, before, "tensors left behind");
		});
	});
}

/** x → conv → bn → relu → conv2 → bn2. */
function twoConvolutions(): Graph {
	const net = network("two", ["n", 3, 6, 5]);
	let x = net.conv(net.input, "conv", { in: 3, out: 4, kernel: 3, bias: true });
	x = net.relu(net.batchNorm(x, "bn", 4), "relu");
	x = net.conv(x, "conv2", {
		...{ in: 4, out: 4, kernel: 3, groups: 4, bias: false },
	});
	return net.finish(net.batchNorm(x, "bn2", 4), 4);
}

function seededWeights(graph: Graph): Map<string, Tensor> {
	return new Map(
		graph.initializers.map(({ name, shape }, number): [string, Tensor] => {
			const length = shape.reduce((a, b) => a * b, 1);
			const shift = name.endsWith("var") ? 1.5 : 0;
			const data = Float32Array.from(
				{ length },
				(_, i) => shift + Math.sin(7 * number + i + 1),
			);
			return [name, { dtype: "float32", shape, data }];
		}),
	);
}

test("fixed BatchNormalization becomes part of its convolution, whose own gradients stay what they are", async () => {
	const graph = twoConvolutions();
	const isFixed = (name: string) => !/^conv/.test(name);
	const folded = foldBatchNorm(graph, isFixed);
	assert.deepEqual(
		folded.nodes.map(({ op, attributes }) => [op, FOLDED in attributes]),
		[
			["Conv", true],
			["Relu", false],
			["Conv", true],
		],
	);
	// What learns or is read by another stays.
	assert.equal(
		foldBatchNorm(graph, () => false),
		graph,
	);

	const { tf } = await openTfjs("wasm");
	const weights = seededWeights(graph);
	const names = [...weights.keys()].filter((name) => /^conv/.test(name));
	const x = Float32Array.from({ length: 180 }, (_, i) => Math.cos(i));
	const results = [true, false].map((isFolded) => {
		// Where the statistics are named as buffers nothing is fixed, and in evaluation they are taken as they are.
		const buffers = isFolded
			? []
			: [...weights.keys()].filter((name) => /running/.test(name));
		const parameters = openParameters(tf, [graph], weights, names, buffers);
		const compiled = compileGraph(tf, graph, parameters);
		const output = scoped(tf, () => {
			const step = { training: false, seed: 0, step: 0 };
			return compiled
				.forward(tf.tensor(x, [2, 3, 6, 5]), step)
				.output.dataSync();
		});
		parameters.dispose();
		return output as Float32Array;
	});
	results[0].forEach((value, index) => {
		assert.ok(Math.abs(value - results[1][index]) < 1e-5);
	});
});
