import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { loadExperiment } from "../../../src/experiment/load.ts";
import { readExperiment } from "../../../src/experiment/load-tree.ts";
import type { Distribution } from "../../../src/experiment/sweep/axes.ts";
import { loadSweep } from "../../../src/experiment/sweep/load-sweep.ts";
import {
	numbersOf,
	shownOf,
	TPE_DEFAULTS,
	tpeOf,
} from "../../../src/experiment/sweep/tpe.ts";
import { nextPoints } from "../../../src/sweep/tpe/next-points.ts";
import type { SeenPoint } from "../../../src/sweep/tpe/suggest.ts";
import { experimentIn, folderFor, tuxpaint } from "../../support/graft.ts";

const SETTINGS = { seed: 0, gamma: 0.1, candidates: 24, multivariate: true };

function swept(context: TestContext, tpe: string) {
	const folder = folderFor(context);
	const file = experimentIn(
		folder,
		`
data: { root: ${JSON.stringify(tuxpaint)} }
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
sweep:
  seeds: 2
  tpe: ${tpe}
`,
	);
	const read = readExperiment(file, []);
	assert.ok(read.ok);
	const load = (asked: Parameters<typeof loadSweep>[1] = []) => {
		const loaded = loadSweep(read.value, asked);
		assert.ok(loaded.ok, JSON.stringify(loaded.ok || loaded.diagnostics));
		return loaded.value;
	};
	const space = tpeOf(load().axes) as readonly Distribution[];
	return { file, load, space };
}

const SPACE = `{ train.learning_rate: { log_uniform: [0.0001, 1] }, transforms: { choice: [{ name: small, value: [{ Resize: [64, 64] }, ToTensor, Normalize] }, { name: large, value: [{ Resize: [224, 224] }, ToTensor, Normalize] }] } }`;

test("the defaults are the schema's, written out in the normal form", (t) => {
	const { file } = swept(t, `{ trials: 12, space: ${SPACE} }`);
	const loaded = loadExperiment(file, []);
	assert.ok(loaded.ok);
	const { space: _, ...rest } = loaded.value.experiment.sweep?.tpe ?? {};
	assert.deepEqual(rest, { ...TPE_DEFAULTS, trials: 12 });
});

test("the first trials are startup_trials points, each with every seed, and the same however many are asked for", (t) => {
	const few = swept(t, `{ trials: 12, startup_trials: 3, space: ${SPACE} }`);
	const many = swept(t, `{ trials: 400, startup_trials: 3, space: ${SPACE} }`);
	const values = few.load().trials.map((trial) => trial.values);
	assert.equal(values.length, 6);
	assert.deepEqual(
		many.load().trials.map((trial) => trial.values),
		values,
	);
	const only = swept(t, `{ trials: 2, startup_trials: 3, space: ${SPACE} }`);
	assert.equal(only.load().trials.length, 4);
});

test("points that were asked for become trials after the first ones, a choice by its name", (t) => {
	const { load, space } = swept(
		t,
		`{ trials: 12, startup_trials: 3, space: ${SPACE} }`,
	);
	const asked = { "train.learning_rate": 0.0123, transforms: "large" };
	const { trials } = load([asked]);
	assert.equal(trials.length, 8);
	assert.deepEqual(trials.at(-1)?.values, { ...asked, seed: 1 });
	const { experiment } = trials.at(-1)?.loaded ?? {};
	assert.equal(experiment?.train.learning_rate, 0.0123);
	assert.match(JSON.stringify(experiment?.transforms.train), /224/);
	const numbers = numbersOf(space, asked) ?? [];
	assert.deepEqual(numbers, [0.0123, 1]);
	assert.deepEqual(shownOf(space, numbers), asked);
	assert.equal(numbersOf(space, { ...asked, transforms: "huge" }), undefined);
});

test("no point is asked for twice, and a space that holds no more gives fewer", (t) => {
	const { space } = swept(
		t,
		"{ trials: 12, startup_trials: 1, space: { train.epochs: { integer: [1, 5] } } }",
	);
	const asked = nextPoints({
		space,
		history: [],
		taken: [{ "train.epochs": 2 }],
		settings: SETTINGS,
		count: 9,
	});
	assert.deepEqual(
		asked.map((values) => values["train.epochs"] as number).sort(),
		[1, 3, 4, 5],
	);
});

test("rounds go where results are good, and points of one round keep apart", (t) => {
	const { space } = swept(
		t,
		"{ trials: 60, space: { train.learning_rate: { log_uniform: [0.000001, 1] } } }",
	);
	const history = Array.from({ length: 30 }, (_, n): SeenPoint => {
		const rate = 10 ** (-6 + n / 5);
		return {
			point: [rate],
			state: "finished",
			loss: Math.abs(Math.log10(rate / 0.001)),
			epochs: 1,
		};
	});
	const asked = nextPoints({
		space,
		history,
		taken: history.map(({ point: [rate] }) => ({
			"train.learning_rate": rate as number,
		})),
		settings: SETTINGS,
		count: 8,
	}).map((values) => Math.log10(values["train.learning_rate"] as number));
	assert.equal(new Set(asked).size, 8);
	const near = asked.filter((log) => Math.abs(log + 3) < 1);
	assert.ok(near.length >= 6, String(asked));
	assert.ok(Math.max(...asked) - Math.min(...asked) > 0.3, String(asked));
});
