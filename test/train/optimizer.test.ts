import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { scoped } from "../../src/engine/tfjs/scoped.ts";
import type { TrainOptions } from "../../src/experiment/types.ts";
import type { Graph } from "../../src/model/types.ts";
import { openOptimizer } from "../../src/train/optimizer.ts";
import { golden, relativeError } from "./support.ts";

interface Traces {
	readonly start: number[];
	readonly traces: {
		readonly optimizer: TrainOptions["optimizer"];
		readonly learning_rate: number;
		readonly values: number[][];
	}[];
}

const { start, traces } = golden<Traces>("optimizers");
const graph: Graph = {
	name: "parameter",
	nodes: [],
	inputs: [],
	outputs: [],
	initializers: [{ name: "p", shape: [2, 3], dtype: "float32" }],
	opset: 17,
};

/** As in golden/make_traces.py. */
function gradientAt(step: number, p: Float32Array): Float32Array {
	return p.map(
		(value, index) =>
			Math.fround(value * Math.fround(0.3)) +
			Math.fround(Math.sin(0.7 * step + 1.3 * index)),
	);
}

for (const trace of traces) {
	test(`100 steps of ${JSON.stringify(trace.optimizer)} equal torch.optim's`, async () => {
		const { tf } = await openTfjs();
		const before = tf.memory().numTensors;
		const data = Float32Array.from(start);
		const parameters = openParameters(
			tf,
			[graph],
			new Map([["p", { dtype: "float32", shape: [2, 3], data }]]),
			["p"],
		);
		const optimizer = openOptimizer(tf, parameters, trace.optimizer);
		trace.values.forEach((expected, step) => {
			const p = parameters.read("p").data as Float32Array;
			scoped(tf, () => {
				const gradient = tf.tensor(gradientAt(step, p), [2, 3]);
				optimizer.step(new Map([["p", gradient]]), () => ({
					learningRate: trace.learning_rate,
				}));
			});
			const error = relativeError(
				parameters.read("p").data as Float32Array,
				expected,
			);
			assert.ok(error < 1e-5, `step ${step}: off by ${error}`);
		});
		optimizer.dispose();
		parameters.dispose();
		assert.equal(tf.memory().numTensors, before, "tensors left behind");
	});
}
