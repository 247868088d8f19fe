import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import { openParameters } from "../../src/engine/tfjs/parameters.ts";
import { scoped } from "../../src/engine/tfjs/scoped.ts";
import type { OptimizerChoice, Schedule } from "../../src/experiment/types.ts";
import type { Graph, Weights } from "../../src/model/types.ts";
import { clipGradients } from "../../src/train/clip.ts";
import { openRates } from "../../src/train/groups.ts";
import { openOptimizer } from "../../src/train/optimizer.ts";
import type { Optimizer } from "../../src/train/optimizers/state.ts";
import { golden, relativeError } from "./support.ts";

interface Trace {
	readonly optimizer: OptimizerChoice;
	readonly learning_rate: number;
	readonly clip_grad_norm?: number;
	readonly clip_grad_value?: number;
	readonly groups: Readonly<
		Record<string, { learning_rate: number; weight_decay: number }>
	>;
	/** Every ninth step: parameter → its numbers. */
	readonly values: readonly Readonly<Record<string, number[]>>[];
}

/** What golden/make_groups.py writes. */
const { shapes, start, traces } = golden<{
	readonly shapes: Readonly<Record<string, number[]>>;
	readonly start: Readonly<Record<string, number[]>>;
	readonly traces: readonly Trace[];
}>("groups");
const names = Object.keys(shapes);
const graph: Graph = {
	name: "parameters",
	nodes: [],
	inputs: [],
	outputs: [],
	initializers: names.map((name) => ({
		name,
		shape: shapes[name] ?? [],
		dtype: "float32",
	})),
	opset: 17,
};
const weights: Weights = new Map(
	names.map((name) => [
		name,
		{
			dtype: "float32",
			shape: shapes[name] ?? [],
			data: Float32Array.from(start[name] ?? []),
		},
	]),
);

/** As in golden/make_groups.py. */
function gradientAt(step: number, p: Float32Array, offset: number) {
	return p.map(
		(value, index) =>
			Math.fround(value * Math.fround(0.3)) +
			Math.fround(Math.sin(0.7 * step + 1.3 * index + offset)),
	);
}

const CONSTANT = {
	constant: { warmup_epochs: 0, warmup_start_factor: 0.01 },
} as const;

/** Parameters that take the steps of a trace, one at a time. */
async function openTrace(trace: Trace) {
	const { tf } = await openTfjs();
	const before = tf.memory().numTensors;
	const parameters = openParameters(tf, [graph], weights, names);
	const optimizer = openOptimizer(tf, parameters, trace.optimizer);
	const { learning_rate, groups } = trace;
	const rates = openRates(
		{ learning_rate, schedule: CONSTANT, epochs: 1 },
		Object.entries(groups).map(([name, group]) => ({
			label: name,
			parameters: [name],
			learningRate: group.learning_rate,
			lrScale: 1,
			weightDecay: group.weight_decay,
		})),
		100,
	);
	const read = (name: string) => parameters.read(name).data as Float32Array;
	function take(step: number, by: Optimizer = optimizer): void {
		scoped(tf, () => {
			const gradients = new Map(
				names.map((name, offset) => [
					name,
					tf.tensor(gradientAt(step, read(name), offset), shapes[name]),
				]),
			);
			const clipped = clipGradients(tf, gradients, trace);
			by.step(clipped, rates.ratesAt(1, step));
		});
	}
	function close(): void {
		optimizer.dispose();
		parameters.dispose();
		assert.equal(tf.memory().numTensors, before, "tensors left behind");
	}
	return { parameters, optimizer, read, take, close };
}

for (const trace of traces)
	test(`100 steps of ${JSON.stringify(trace.optimizer)} with groups of their own rates and decays equal torch's or timm's`, async () => {
		const { read, take, close } = await openTrace(trace);
		let next = 0;
		for (let step = 0; step < 100; step++) {
			take(step);
			if (step % 9 !== 0) continue;
			const expected = trace.values[next++] ?? {};
			for (const name of names) {
				const error = relativeError(read(name), expected[name] ?? []);
				assert.ok(error < 1e-5, `${name}, step ${step}: off by ${error}`);
			}
		}
		assert.equal(next, trace.values.length);
		close();
	});

for (const trace of traces)
	test(`${JSON.stringify(trace.optimizer)} goes on from its saved state to the same bytes`, async () => {
		const one = await openTrace(trace);
		for (let step = 0; step < 7; step++) one.take(step);
		const saved = one.optimizer.tensors();
		const held = names.map((name) => one.parameters.read(name));
		for (let step = 7; step < 14; step++) one.take(step);
		const expected = names.map(one.read);

		one.close();
		const other = await openTrace(trace);
		other.optimizer.restore(saved);
		names.forEach((name, index) => {
			const value = held[index];
			if (value) other.parameters.write(name, value);
		});
		for (let step = 7; step < 14; step++) other.take(step);
		assert.deepEqual(names.map(other.read), expected);
		other.close();
	});

interface GroupSchedules {
	readonly bases: readonly number[];
	/** valid/loss of each epoch. */
	readonly measured: readonly number[];
	readonly cases: readonly {
		readonly schedule: Schedule;
		/** Of each epoch, a rate a group. */
		readonly rates: readonly (readonly number[])[];
	}[];
}

const { bases, measured, cases } = golden<GroupSchedules>("group-schedules");

for (const { schedule, rates } of cases)
	test(`under ${JSON.stringify(schedule)} each group has torch's rate, times its lr_scale`, () => {
		const groups = bases.map((learningRate, index) => ({
			label: String(index),
			parameters: [String(index)],
			learningRate,
			lrScale: 0.5 ** index,
			weightDecay: 0,
		}));
		const train = { learning_rate: 0.3, schedule, epochs: rates.length };
		const open = () => openRates(train, groups, 1);
		let course = open();
		for (const [step, expected] of rates.entries()) {
			const rateOf = course.ratesAt(step + 1, step);
			for (const [index, rate] of expected.entries()) {
				const { learningRate } = rateOf(String(index));
				const off = Math.abs(learningRate - rate * 0.5 ** index);
				assert.ok(off <= 1e-12, `${step}: ${learningRate}, torch: ${rate}`);
			}
			const loss = measured[step] ?? 0;
			course.endEpoch(step + 1, {
				"valid/loss": loss,
				"valid/accuracy": 0,
				"train/loss": loss,
				"train/accuracy": 0,
			});
			// What it has seen outlives it.
			const saved = course.save();
			course = open();
			course.restore(saved);
		}
	});
