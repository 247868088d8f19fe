import assert from "node:assert/strict";
import test from "node:test";
import type { CheckpointOptions } from "../../src/experiment/types.ts";
import { openKeeper } from "../../src/train/checkpoints.ts";
import { fit } from "../../src/train/fit.ts";
import { openRhythm } from "../../src/train/rhythm.ts";
import type {
	CheckpointEvent,
	EpochEvent,
	FitEvent,
} from "../../src/train/types.ts";
import { convNet } from "./small-nets.ts";
import { optionsOf } from "./support.ts";

const KEEP: CheckpointOptions = {
	...{ keep: 2, last: true, every: 1 },
	...{ monitor: "valid/loss", mode: "auto" },
};

function epochOf(epoch: number, validLoss: number): EpochEvent {
	return {
		...{ type: "epoch", epoch, step: 10 * epoch, trainLoss: 1 },
		...{ trainAccuracy: 0, validLoss, validAccuracy: 1 - validLoss },
		...{ learningRate: 0.1, durationMs: 1 },
	};
}

/** What is written when training ends, as `name epoch`. */
function keptOf(options: CheckpointOptions, losses: readonly number[]) {
	const keeper = openKeeper(options, () => 0);
	const events = losses.map((loss, index) => epochOf(index + 1, loss));
	for (const event of events)
		assert.deepEqual(
			keeper.see(event, () => new Map()),
			[],
		);
	const event = events.at(-1) as EpochEvent;
	return keeper
		.flush({ event, weights: () => new Map() })
		.map(({ name, epoch, step }) => `${name} ${epoch} ${step}`);
}

test("the best epochs are kept by rank, of equal ones the earlier, and the last", () => {
	const losses = [0.5, 0.3, 0.4, 0.3, 0.6];
	assert.deepEqual(keptOf(KEEP, losses), [
		"best 2 20",
		"best-2 4 40",
		"last 5 50",
	]);
	assert.deepEqual(keptOf({ ...KEEP, keep: 1, last: false }, losses), [
		"best 2 20",
	]);
	assert.deepEqual(keptOf({ ...KEEP, keep: 0 }, losses), ["last 5 50"]);
	assert.deepEqual(keptOf({ ...KEEP, every: 3, keep: 3 }, losses), [
		"best 3 30",
		"last 5 50",
	]);
	const accuracy = { ...KEEP, monitor: "valid/accuracy" } as const;
	assert.deepEqual(keptOf(accuracy, losses), keptOf(KEEP, losses));
});

test("a better epoch is written after ten seconds at the earliest, and nothing twice", () => {
	let now = 0;
	const keeper = openKeeper(KEEP, () => now);
	const see = (epoch: number, loss: number) =>
		keeper.see(epochOf(epoch, loss), () => new Map()).map(({ name }) => name);
	assert.deepEqual(see(1, 0.5), []);
	now = 10_000;
	assert.deepEqual(see(2, 0.4), ["best", "best-2"]);
	now = 30_000;
	assert.deepEqual(see(3, 0.9), []);
	assert.deepEqual(see(4, 0.45), ["best-2"]);
	assert.deepEqual(keeper.flush(), []);
});

test("the state is handed out by steps where they are asked for, else by time, and never for more than a twentieth of it", () => {
	const bySteps = openRhythm(3, () => 0);
	const due = [1, 2, 3, 4, 6].filter((step) => bySteps.isDue(step, false));
	assert.deepEqual(due, [3, 6]);
	let now = 0;
	const byTime = openRhythm(undefined, () => now);
	const isDue = (ms: number, isEpochEnd: boolean) => {
		now = ms;
		return byTime.isDue(1, isEpochEnd);
	};
	assert.deepEqual(
		[isDue(9999, true), isDue(10_000, true), isDue(10_000, false)],
		[false, true, false],
	);
	assert.equal(isDue(60_000, false), true);
	byTime.wrote(5000);
	assert.equal(isDue(159_000, true), false);
	assert.equal(isDue(160_000, true), true);
});

async function eventsUntilError(rate: number, gamma: number) {
	const input = {
		...convNet(24),
		options: optionsOf({
			...{ loss: "cross_entropy", learning_rate: rate },
			...{ epochs: 3, batch_size: 8 },
			optimizer: {
				sgd: {
					...{ momentum: 0, dampening: 0, nesterov: false },
					weight_decay: 0,
				},
			},
			schedule: {
				exponential: { gamma, warmup_epochs: 0, warmup_start_factor: 1 },
			},
		}),
		keeper: openKeeper({ ...KEEP, keep: 1 }),
	};
	const events: FitEvent[] = [];
	let error: (Error & { code?: string; fix?: string }) | undefined;
	try {
		for await (const event of fit(input)) events.push(event);
	} catch (caught) {
		error = caught as Error;
	}
	return { events, error };
}

test("a training that diverges says what helps, and leaves its best epoch", async () => {
	const { events, error } = await eventsUntilError(0.01, 1e30);
	assert.equal(error?.code, "diverged");
	assert.match(error?.fix ?? "", /warmup_epochs.*clip_grad_norm/);
	const last = events.at(-1) as CheckpointEvent;
	assert.deepEqual(
		[last.type, last.name, last.epoch],
		["checkpoint", "best", 1],
	);
	assert.ok(
		[...last.weights.values()].every(({ data }) =>
			(data as Float32Array).every(Number.isFinite),
		),
	);
});

test("a loss of many times the first is said once, with what helps", async () => {
	const { events, error } = await eventsUntilError(300, 1);
	assert.equal(error, undefined);
	const warnings = events.filter((event) => event.type === "warning");
	assert.equal(warnings.length, 1);
	assert.match(warnings[0]?.message ?? "", /try 30\).*clip_grad_norm/);
});
