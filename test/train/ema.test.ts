import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { scoped } from "../../src/engine/tfjs/scoped.ts";
import type { EmaOptions } from "../../src/experiment/types.ts";
import type { Graph, Weights } from "../../src/model/types.ts";
import { openAverage } from "../../src/train/ema.ts";
import { convNet } from "./small-nets.ts";
import {
	collect,
	golden,
	inputOf,
	linearHead,
	optionsOf,
	relativeError,
	type Trace,
} from "./support.ts";

/** What golden/make_groups.py writes: the average after each step. */
const averages =
	golden<readonly (EmaOptions & { readonly values: number[][] })[]>("ema");
const graph: Graph = {
	name: "parameters",
	nodes: [],
	inputs: [],
	outputs: [],
	initializers: [
		{ name: "a", shape: [2, 3], dtype: "float32" },
		{ name: "m", shape: [3], dtype: "float32" },
	],
	opset: 17,
};
const zeros: Weights = new Map([
	["a", { dtype: "float32", shape: [2, 3], data: new Float32Array(6) }],
	["m", { dtype: "float32", shape: [3], data: new Float32Array(3) }],
]);

/** Weights as in golden/make_groups.py; the buffer counts steps. */
async function openCourse(options: EmaOptions) {
	const { tf } = await openTfjs();
	const open = () => openParameters(tf, [graph], zeros, ["a"], ["m"]);
	const [parameters, averaged] = [open(), open()];
	const names = { trainable: ["a"], buffers: ["m"] };
	const average = openAverage(tf, options, names, parameters, averaged);
	const take = (step: number) =>
		scoped(tf, () => {
			const a = Array.from({ length: 6 }, (_, i) => Math.sin(0.3 * step + i));
			parameters.assign("a", tf.tensor(a, [2, 3]));
			parameters.assign("m", tf.fill([3], step));
			average.update();
		});
	const read = (name: string) => averaged.read(name).data as Float32Array;
	return { tf, average, take, read };
}

for (const { values, ...options } of averages)
	test(`the average with ${JSON.stringify(options)} is ${options.warmup ? "timm's ModelEmaV3" : "torch's AveragedModel"} at each of 60 steps, its buffers are the newest`, async () => {
		const { take, read } = await openCourse(options);
		for (const [index, expected] of values.entries()) {
			take(index + 1);
			assert.ok(relativeError(read("a"), expected) < 1e-5);
			assert.deepEqual([...read("m")], [index + 1, index + 1, index + 1]);
		}
	});

test("an average goes on from what it saved to the same bytes", async () => {
	const options = { decay: 0.99, warmup: true };
	const one = await openCourse(options);
	for (let step = 1; step <= 5; step++) one.take(step);
	const saved = one.average.tensors();
	for (let step = 6; step <= 9; step++) one.take(step);
	const other = await openCourse(options);
	other.average.restore(saved);
	for (let step = 6; step <= 9; step++) other.take(step);
	assert.deepEqual(other.read("a"), one.read("a"));
});

test("what is evaluated and kept is the average: without decay the weights themselves, else other ones", async () => {
	const trace = golden<Trace>("linear-head-sgd");
	const input = inputOf(linearHead(12, 4), trace);
	const withEma = (ema: EmaOptions) =>
		collect({ ...input, options: { ...input.options, ema } });
	const plain = await collect(input);
	const same = await withEma({ decay: 0, warmup: false });
	assert.deepEqual(same.end?.trained, plain.end?.trained);
	assert.deepEqual(
		same.epochs.map(({ validLoss }) => validLoss),
		plain.epochs.map(({ validLoss }) => validLoss),
	);
	const slow = await withEma({ decay: 0.9, warmup: false });
	assert.deepEqual(
		slow.steps.map(({ loss }) => loss),
		plain.steps.map(({ loss }) => loss),
		"training itself does not look at the average",
	);
	assert.notDeepEqual(slow.end?.trained, plain.end?.trained);
	assert.notEqual(slow.epochs[0]?.validLoss, plain.epochs[0]?.validLoss);
	assert.equal(slow.end?.liveTensors[0], slow.end?.liveTensors[1]);
});

test("a quick average has forgotten where training began, a slow one has not, and warmup makes it forget", async () => {
	const trace = golden<Trace>("linear-head-sgd");
	const input = inputOf(linearHead(12, 4), trace);
	const lossOf = async (ema: EmaOptions) =>
		(await collect({ ...input, options: { ...input.options, ema } })).epochs.at(
			-1,
		)?.validLoss ?? Number.NaN;
	const slow = await lossOf({ decay: 0.9999, warmup: false });
	assert.ok((await lossOf({ decay: 0.9999, warmup: true })) < slow);
	assert.ok((await lossOf({ decay: 0.5, warmup: false })) < slow);
});

test("filters that the device holds in another order, and running statistics, come out of the average as they went in", async () => {
	const train = (ema?: EmaOptions) =>
		collect({
			...convNet(22),
			options: optionsOf({
				loss: "cross_entropy",
				optimizer: {
					sgd: {
						momentum: 0.9,
						dampening: 0,
						nesterov: false,
						weight_decay: 0.01,
					},
				},
				...{ learning_rate: 0.05, epochs: 3, batch_size: 6 },
				...(ema && { ema }),
			}),
		});
	const plain = await train();
	const same = await train({ decay: 0, warmup: false });
	assert.deepEqual(same.end?.trained, plain.end?.trained);
	assert.deepEqual(same.end?.validProbabilities, plain.end?.validProbabilities);
	const slow = await train({ decay: 0.9, warmup: false });
	const [averaged, newest] = [slow, plain].map(({ end }) => end?.trained);
	assert.deepEqual(
		averaged?.get("bn.running_mean"),
		newest?.get("bn.running_mean"),
	);
	assert.notDeepEqual(averaged?.get("conv.weight"), newest?.get("conv.weight"));
});
