import assert from "node:assert/strict";
import test from "node:test";
import type { TrainOptions } from "../../src/experiment/types.ts";
import {
	findRate,
	type RatePoint,
	rateAt,
	USUAL_RANGE,
} from "../../src/train/lr-finder.ts";
import { suggestRates } from "../../src/train/lr-suggest.ts";
import type { StackedMember } from "../../src/train/stacked/types.ts";
import { alone, memberOf, rows } from "./stacked/support.ts";

async function searched(member: StackedMember, range = USUAL_RANGE) {
	const points: RatePoint[] = [];
	const events = findRate(
		{ ...member, trainRows: async () => rows.train, validRows: rows.valid },
		range,
	);
	let next = await events.next();
	for (; !next.done; next = await events.next())
		if (next.value.type === "point") points.push(next.value);
	return { points, ended: next.value };
}

const SGD = { momentum: 0, dampening: 0, nesterov: false, weight_decay: 0 };
const ADAM = { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0 } as const;
const usual: Partial<TrainOptions> = { epochs: 10, batch_size: 32 };

test("the rate grows by the same factor from 1e-7 towards 10, and the loss is fastai's smoothed one", async () => {
	const { points, ended } = await searched(memberOf("x", {}));
	assert.equal(points.length, 100);
	assert.equal(ended, "steps");
	assert.equal(points[0]?.learningRate, 1e-7);
	assert.equal(rateAt(USUAL_RANGE, 100), 10);
	points.slice(1).forEach(({ learningRate }, index) => {
		const factor = learningRate / (points[index]?.learningRate ?? 0);
		assert.ok(Math.abs(factor - 10 ** (8 / 100)) < 1e-9);
	});
	assert.ok(
		Math.abs((points[0]?.smooth ?? 0) - (points[0]?.loss ?? 9)) < 1e-12,
	);
	let mean = 0;
	for (const { step, loss, smooth } of points) {
		mean = 0.98 * mean + 0.02 * loss;
		assert.ok(Math.abs(smooth - mean / (1 - 0.98 ** step)) < 1e-12);
	}
});

test("the same seed gives the same points, and the weights that it was given stay as they were", async () => {
	const member = memberOf("x", { options: usual, seed: 4 });
	const before = structuredClone([...member.weights]);
	const first = await searched(member);
	assert.deepEqual(await searched(member), first);
	assert.deepEqual([...member.weights], before);
});

test("the search ends where the loss is four times its best", async () => {
	const member = memberOf("x", {
		hidden: [32],
		options: { ...usual, optimizer: { sgd: { ...SGD, momentum: 0.9 } } },
	});
	const range = { from: 1e-3, to: 1e5, steps: 100 };
	const { points, ended } = await searched(member, range);
	assert.equal(ended, "diverged");
	assert.ok(points.length < 100);
});

test("groups keep their ratio to the learning rate", async () => {
	const member = memberOf("x", { options: { ...usual, learning_rate: 0.1 } });
	const half = {
		label: "all",
		parameters: member.trainable,
		...{ learningRate: 0.05, lrScale: 1, weightDecay: 0 },
	};
	const plain = await searched(member, { from: 0.001, to: 0.1, steps: 20 });
	const grouped = await searched(
		{ ...member, groups: [half] },
		{ from: 0.002, to: 0.2, steps: 20 },
	);
	assert.deepEqual(
		grouped.points.map(({ loss }) => loss),
		plain.points.map(({ loss }) => loss),
	);
});

/** The rate of experiments/resize.yaml and its kin. */
const EXAMPLES_RATE = 0.002;

for (const [name, optimizer] of [
	["sgd", { sgd: SGD }],
	["sgd with momentum", { sgd: { ...SGD, momentum: 0.9 } }],
	["adam", { adam: ADAM }],
] as const)
	test(`on the embedded photos, ten epochs with the suggestion for ${name} end with a lower loss than with the examples' rate`, async () => {
		for (const seed of [0, 1, 2]) {
			const member = memberOf("x", { options: { ...usual, optimizer }, seed });
			const { points } = await searched(member);
			const valley = suggestRates(points, USUAL_RANGE.steps)?.valley;
			assert.ok(valley !== undefined);
			const lossAt = async (learning_rate: number) => {
				const options = { ...member.options, learning_rate };
				const { epochs } = await alone({ ...member, options });
				return epochs.at(-1)?.validLoss ?? Number.NaN;
			};
			assert.ok((await lossAt(valley)) < (await lossAt(EXAMPLES_RATE)));
		}
	});

/** A loss over 100 rates, drawn. */
function curve(lossAt: (step: number) => number): RatePoint[] {
	return Array.from({ length: 100 }, (_, step) => ({
		type: "point",
		step: step + 1,
		learningRate: rateAt(USUAL_RANGE, step),
		loss: 0,
		smooth: lossAt(step),
	}));
}

test("the valley is the middle of the longest fall, the steepest rate stands where the loss falls fastest", () => {
	const falling = curve((step) =>
		step < 40 ? 2 + step * 1e-6 : step < 70 ? 2 - (step - 40) / 30 : step / 50,
	);
	const found = suggestRates(falling, 100);
	// 31 losses fall from step 40 to 70; fastai counts a third and half a third of them from just before.
	assert.equal(found?.valley, rateAt(USUAL_RANGE, 53));
	const bent = curve((step) => 2 - step / 100 - (step > 60 ? 0.3 : 0));
	assert.equal(suggestRates(bent, 100)?.steepest, rateAt(USUAL_RANGE, 60));
});

test("where the loss falls nowhere, or there are too few points, nothing is suggested", () => {
	assert.equal(
		suggestRates(
			curve((step) => 1 + step),
			100,
		),
		undefined,
	);
	assert.equal(
		suggestRates(curve((step) => -step).slice(0, 17), 100),
		undefined,
	);
	assert.equal(suggestRates([], 100), undefined);
});
