import assert from "node:assert/strict";
import test from "node:test";
import { RunError } from "../../src/diagnostic.ts";
import { openTfjs } from "../../src/engine/backend.ts";
import { appendHead } from "../../src/model/edit.ts";
import { initialWeights } from "../../src/model/init.ts";
import type { Graph, Tensor } from "../../src/model/types.ts";
import { random } from "../../src/random.ts";
import { fit } from "../../src/train/fit.ts";
import type { FitInput, Rows } from "../../src/train/types.ts";
import {
	collect,
	golden,
	inputOf,
	linearHead,
	type Trace,
	vggClassifier,
} from "./support.ts";

const classifier = () =>
	inputOf(vggClassifier(), golden<Trace>("vgg-classifier"));
const head = () => inputOf(linearHead(12, 4), golden<Trace>("linear-head-sgd"));

/** Photos whose class is the channel that is brightest. */
function maps(count: number, seed: number): Rows {
	const { uniform, integer } = random(seed, "maps");
	const labels = Int32Array.from({ length: count }, () => integer(3));
	const features = Float32Array.from(
		{ length: count * 3 * 4 * 5 },
		(_, index) => {
			const channel = Math.floor(index / 20) % 3;
			const label = labels[Math.floor(index / 60)];
			return uniform() + (channel === label ? 1 : 0);
		},
	);
	return { features, labels, shape: [3, 4, 5] };
}

async function failure(input: FitInput): Promise<RunError> {
	try {
		await collect(input);
	} catch (error) {
		assert.ok(error instanceof RunError, String(error));
		return error;
	}
	throw new Error("it did not fail");
}

test("the same seed gives the same bytes, another seed gives others", async () => {
	const first = await collect(classifier());
	const again = await collect(classifier());
	const other = await collect({ ...classifier(), seed: 99 });
	const losses = ({ steps }: typeof first) => steps.map(({ loss }) => loss);
	assert.deepEqual(losses(again), losses(first));
	assert.deepEqual(again.end, first.end);
	assert.notDeepEqual(losses(other), losses(first));
});

test("tensors neither pile up nor stay behind", async () => {
	const { tf } = await openTfjs();
	const before = tf.memory().numTensors;
	const { end } = await collect(classifier());
	assert.ok(end);
	assert.equal(end.liveTensors[1], end.liveTensors[0]);
	assert.ok(end.liveTensors[0] > before);
	assert.equal(tf.memory().numTensors, before);
});

test("the last batch is smaller, and every photo counts once", async () => {
	const { steps, epochs } = await collect(head());
	assert.equal(steps.length, 8 * 5);
	assert.deepEqual(
		epochs.map(({ step }) => step),
		[5, 10, 15, 20, 25, 30, 35, 40],
	);
	const sizes = [8, 8, 8, 8, 5];
	const sum = steps
		.slice(0, 5)
		.reduce((total, { loss }, index) => total + loss * sizes[index], 0);
	assert.ok(Math.abs(epochs[0].trainLoss - sum / 37) < 1e-12);
});

test("what does not learn keeps its bytes", async () => {
	const input = inputOf(vggClassifier(), golden<Trace>("vgg-last-layer"));
	const copy = (name: string) => [...(input.weights.get(name) as Tensor).data];
	const frozen = ["0.weight", "0.bias", "3.weight", "3.bias"];
	const before = frozen.map(copy);
	const start = copy("6.weight");
	const { end } = await collect(input);
	assert.deepEqual(frozen.map(copy), before);
	assert.ok(end);
	assert.deepEqual([...end.trained.keys()], ["6.weight", "6.bias"]);
	assert.notDeepEqual([...(end.trained.get("6.weight") as Tensor).data], start);
	assert.deepEqual(copy("6.weight"), start, "the caller's own weights");
});

for (const globalPool of ["avg", "max", "flatten"] as const)
	test(`a head with ${globalPool} pooling learns from feature maps`, async () => {
		const trunk: Graph = {
			name: "trunk",
			nodes: [],
			inputs: [{ name: "x", dtype: "float32", shape: ["n", 3, 4, 5] }],
			outputs: [{ name: "x", dtype: "float32", shape: ["n", 3, 4, 5] }],
			initializers: [],
			opset: 17,
		};
		const edit = appendHead(trunk, "x", {
			numClasses: 3,
			bias: true,
			globalPool,
			featureShape: [3, 4, 5],
		});
		assert.ok(edit.ok);
		const { graph, added } = edit.value;
		const rows = maps(60, 1);
		const { epochs } = await collect({
			...head(),
			trainSuffix: graph,
			evalSuffix: graph,
			weights: initialWeights(graph, added, 0),
			trainable: added,
			options: { ...head().options, learning_rate: 0.1, epochs: 30 },
			trainRows: async () => rows,
			validRows: maps(30, 2),
		});
		assert.ok(epochs[29].validAccuracy >= 0.95);
	});

test("train and eval suffixes of different cuts share the weights that learn", async () => {
	// The eval pipeline is cut later: Dropout is nothing there, so its suffix is the last layer alone.
	const trace = golden<Trace>("vgg-last-layer");
	const whole = inputOf(vggClassifier(), trace);
	const full = vggClassifier();
	const from = full.nodes.findIndex(({ name }) => name === "6");
	const evalSuffix: Graph = {
		...full,
		nodes: full.nodes.slice(from),
		inputs: [{ name: "5", dtype: "float32", shape: ["n", 8] }],
		initializers: full.initializers.filter(({ name }) => name.startsWith("6")),
	};
	const layer = (rows: Float32Array, name: string, input: number) => {
		const { shape, data: bias } = trace.start[`${name}.bias`];
		const { data: weight } = trace.start[`${name}.weight`];
		const out = shape[0];
		return Float32Array.from(
			{ length: (rows.length / input) * out },
			(_, i) => {
				const row = Math.floor(i / out) * input;
				let sum = bias[i % out];
				for (let j = 0; j < input; j++)
					sum += rows[row + j] * weight[(i % out) * input + j];
				return Math.max(0, sum);
			},
		);
	};
	const { features, labels } = whole.validRows;
	const cached = layer(layer(features, "0", 10), "3", 9);
	const expected = await collect(whole);
	const actual = await collect({
		...whole,
		evalSuffix,
		validRows: { features: cached, labels, shape: [8] },
	});
	expected.epochs.forEach(({ validLoss }, index) => {
		const off = Math.abs(actual.epochs[index].validLoss - validLoss);
		assert.ok(off < 1e-5 * validLoss);
	});
});

test("rows may be other ones each epoch", async () => {
	const asked: number[] = [];
	const input = head();
	const rows = await input.trainRows(1);
	await collect({
		...input,
		trainRows: async (epoch) => {
			asked.push(epoch);
			return rows;
		},
	});
	assert.deepEqual(asked, [1, 2, 3, 4, 5, 6, 7, 8]);
});

test("a learning rate that is far too high ends the run as diverged, with advice", async () => {
	const input = head();
	const options = { ...input.options, learning_rate: 1e30 };
	const error = await failure({ ...input, options });
	assert.equal(error.code, "diverged");
	assert.match(
		error.message,
		/epoch 1 after step \d+, at learning rate 1e\+30/,
	);
	assert.match(error.fix ?? "", /lower train\.learning_rate \(try 1e\+29\)/);
});

test("features that are not finite are told apart from divergence", async () => {
	const input = head();
	const rows = await input.trainRows(1);
	const features = rows.features.slice();
	features[17] = Number.NaN;
	const trainRows = async () => ({ ...rows, features });
	const error = await failure({ ...input, trainRows });
	assert.equal(error.code, "features-not-finite");
});

test("an empty split is refused", async () => {
	const empty: Rows = {
		features: new Float32Array(0),
		labels: new Int32Array(0),
		shape: [12],
	};
	const valid = await failure({ ...head(), validRows: empty });
	assert.match(valid.message, /the valid split has no readable photo/);
	const train = await failure({ ...head(), trainRows: async () => empty });
	assert.match(train.message, /the train split has no readable photo/);
});

test("an abort while training ends it within a few steps, frees all tensors and gives no end", async () => {
	const { tf } = await openTfjs();
	const before = tf.memory().numTensors;
	const controller = new AbortController();
	const input = head();
	const options = { ...input.options, epochs: 100_000 };
	setTimeout(() => controller.abort(), 50);
	const { end } = await collect({
		...input,
		options,
		signal: controller.signal,
	});
	assert.equal(end, undefined);
	assert.equal(tf.memory().numTensors, before);
});

test("a consumer that stops listening frees all tensors", async () => {
	const { tf } = await openTfjs();
	const before = tf.memory().numTensors;
	for await (const event of fit(head())) if (event.type === "epoch") break;
	assert.equal(tf.memory().numTensors, before);
});
