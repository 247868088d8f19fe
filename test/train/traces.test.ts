import assert from "node:assert/strict";
import test from "node:test";
import type { Graph } from "../../src/model/types.ts";
import {
	collect,
	golden,
	inputOf,
	linearHead,
	mlpHead,
	relativeError,
	type Trace,
	vggClassifier,
} from "./support.ts";

const CASES: readonly [name: string, graph: Graph, what: string][] = [
	["linear-head-sgd", linearHead(12, 4), "a linear head with Nesterov SGD"],
	["linear-head-adam", linearHead(12, 4), "a linear head with Adam"],
	[
		"vgg-last-layer",
		vggClassifier(),
		"the last layer of a classifier behind active Dropout, with nll",
	],
	["vgg-classifier", vggClassifier(), "a whole classifier with Dropout"],
	[
		"mlp-adamw-cosine",
		mlpHead(12, 9, 4),
		"an mlp head with AdamW, warm-up, cosine, smoothing, balanced classes and clipped norms",
	],
	[
		"vgg-rmsprop-one-cycle",
		vggClassifier(),
		"a whole classifier with RMSprop, one cycle, weighted nll and both ways of clipping",
	],
];

for (const [name, graph, what] of CASES) {
	test(`${what} trains as in PyTorch, step by step`, async () => {
		const trace = golden<Trace>(name);
		const { steps, epochs, end } = await collect(inputOf(graph, trace));
		const losses = steps.map(({ loss }) => loss);
		assert.ok(relativeError(losses, trace.losses) < 1e-5, "loss of each step");
		assert.equal(epochs.length, trace.options.epochs);
		trace.epochs.forEach((expected, index) => {
			const actual = epochs[index];
			const close = (a: number, b: number) => Math.abs(a - b) <= 1e-5 * b;
			assert.ok(close(actual.trainLoss, expected.trainLoss), "train loss");
			assert.ok(close(actual.validLoss, expected.validLoss), "valid loss");
			assert.ok(Math.abs(actual.trainAccuracy - expected.trainAccuracy) < 1e-6);
			assert.ok(Math.abs(actual.validAccuracy - expected.validAccuracy) < 1e-6);
		});
		assert.ok(end);
		assert.deepEqual([...end.trained.keys()], trace.trainable);
		for (const [parameter, { data }] of end.trained) {
			const error = relativeError(data as Float32Array, trace.end[parameter]);
			assert.ok(error < 1e-5, `${parameter} off by ${error}`);
		}
		assert.ok(
			relativeError(end.validProbabilities, trace.probabilities) < 1e-5,
		);
	});
}
