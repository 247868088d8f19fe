import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs, type Tf } from "../../src/engine/backend.ts";
import {
	IN_PLACE_SIZE,
	openInPlace,
} from "../../src/engine/tfjs/kernels/in-place.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { scoped } from "../../src/engine/tfjs/scoped.ts";
import type { OptimizerChoice } from "../../src/experiment/types.ts";
import type { Graph } from "../../src/model/types.ts";
import { openOptimizer } from "../../src/train/optimizer.ts";
import { needs } from "../support/needs.ts";
import { golden, relativeError } from "./support.ts";

/** Steps that TensorFlow takes where the numbers lie, on native TensorFlow; optimizer.test.ts has the others. */

const { missing: skip, path } = needs("native");

interface Traces {
	readonly start: number[];
	readonly traces: {
		readonly optimizer: OptimizerChoice;
		readonly learning_rate: number;
		readonly values: number[][];
	}[];
}

const { start, traces } = golden<Traces>("optimizers");
const columns = start.length;
/** So many that it is worth it, and no whole number of vectors. */
const rows = Math.ceil(IN_PLACE_SIZE / columns) + 7;
const shape = [rows, columns];
const graph: Graph = {
	name: "parameter",
	nodes: [],
	inputs: [],
	outputs: [],
	initializers: [{ name: "p", shape, dtype: "float32" }],
	opset: 17,
};

async function openNative(): Promise<Tf> {
	process.env.GRAFT_NATIVE = path;
	const { tf } = await openTfjs("node");
	return tf;
}

/** Every row the same. */
function repeated(row: ArrayLike<number>): Float32Array {
	return Float32Array.from(
		{ length: rows * columns },
		(_, index) => row[index % columns] as number,
	);
}

/** As in golden/make_traces.py, for each row. */
function gradientAt(step: number, p: Float32Array): Float32Array {
	return p.map(
		(value, index) =>
			Math.fround(value * Math.fround(0.3)) +
			Math.fround(Math.sin(0.7 * step + 1.3 * (index % columns))),
	);
}

function open(tf: Tf, choice: OptimizerChoice, data = repeated(start)) {
	const parameters = openParameters(
		tf,
		[graph],
		new Map([["p", { dtype: "float32", shape, data }]]),
		["p"],
	);
	const optimizer = openOptimizer(tf, parameters, choice);
	const read = () => parameters.read("p").data as Float32Array;
	return {
		...{ parameters, optimizer, read },
		step(step: number, learningRate: number) {
			const values = gradientAt(step, read());
			scoped(tf, () =>
				optimizer.step(new Map([["p", tf.tensor(values, shape)]]), () => ({
					learningRate,
				})),
			);
		},
		dispose() {
			optimizer.dispose();
			parameters.dispose();
		},
	};
}

const ofSgd = traces.filter(({ optimizer }) => "sgd" in optimizer);

for (const { optimizer, learning_rate, values } of ofSgd)
	test(`100 steps in place of ${JSON.stringify(optimizer)} equal torch.optim's`, {
		skip,
	}, async () => {
		const tf = await openNative();
		const before = tf.memory().numTensors;
		const trained = open(tf, optimizer);
		const counts = new Set<number>();
		values.forEach((expected, step) => {
			trained.step(step, learning_rate);
			const got = trained.read();
			const error = relativeError(got.subarray(0, columns), expected);
			assert.ok(error < 1e-5, `step ${step}: off by ${error}`);
			if (step % 33 === 0)
				assert.deepEqual(got, repeated(got.subarray(0, columns)));
			counts.add(tf.memory().numTensors);
		});
		assert.equal(counts.size, 1, "tensors come and go");
		trained.dispose();
		assert.equal(tf.memory().numTensors, before, "tensors left behind");
	});

test("steps in place go on from what was saved with the same bytes", {
	skip,
}, async () => {
	const tf = await openNative();
	for (const { optimizer, learning_rate } of ofSgd) {
		const whole = open(tf, optimizer);
		for (let step = 0; step < 4; step++) whole.step(step, learning_rate);
		const state = whole.optimizer.tensors();
		const copy = new Map(
			[...state].map(([key, { data }]) => [key, data.slice()]),
		);
		const later = open(tf, optimizer, whole.read());
		later.optimizer.restore(state);
		for (let step = 4; step < 8; step++) {
			whole.step(step, learning_rate);
			later.step(step, learning_rate);
		}
		assert.deepEqual(later.read(), whole.read());
		assert.deepEqual(later.optimizer.tensors(), whole.optimizer.tensors());
		for (const [key, { data }] of state)
			assert.deepEqual(data, copy.get(key), "what was saved has changed");
		whole.dispose();
		later.dispose();
	}
});

test("a step in place changes neither the weights that were given nor a clone", {
	skip,
}, async () => {
	const tf = await openNative();
	for (const momentum of [0, 0.9]) {
		const given = repeated(start);
		const sgd = { momentum, dampening: 0, nesterov: false, weight_decay: 0 };
		const trained = open(tf, { sgd }, given);
		for (let step = 0; step < 3; step++) {
			const at = trained.read();
			const clone = tf.clone(trained.parameters.get("p"));
			trained.step(step, 0.1);
			assert.deepEqual(Float32Array.from(clone.dataSync()), at);
			assert.notDeepEqual(trained.read(), at);
			clone.dispose();
		}
		assert.deepEqual(given, repeated(start));
		trained.dispose();
	}
});

test("only TensorFlow steps in place", { skip }, async () => {
	assert.notEqual(openInPlace(await openNative()), undefined);
	assert.equal(openInPlace((await openTfjs("wasm")).tf), undefined);
});
