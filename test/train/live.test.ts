import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import type { TrainOptions } from "../../src/experiment/types.ts";
import { wholeEpochs } from "../../src/features/whole-epochs.ts";
import { BATCHES_AHEAD } from "../../src/train/feed.ts";
import { fit } from "../../src/train/fit.ts";
import { findRate } from "../../src/train/lr-finder.ts";
import { openRhythm } from "../../src/train/rhythm.ts";
import type { TrainState } from "../../src/train/state.ts";
import type { FitEvent, FitInput } from "../../src/train/types.ts";
import {
	drawnPixels,
	type OpenLive,
	openLive,
	type Watched,
	watch,
} from "../features/live-pieces.ts";
import { PHOTOS, samplesIn } from "../features/pieces.ts";
import { convNet } from "./small-nets.ts";
import { optionsOf } from "./support.ts";

/** Training on photos that are drawn anew each epoch, batch by batch. */

const SAMPLES = samplesIn(PHOTOS).slice(0, 45);

function inputOf(
	live: OpenLive["live"],
	more: Partial<TrainOptions> = {},
): FitInput {
	const options = optionsOf({
		...{ loss: "cross_entropy", learning_rate: 0.02, epochs: 3 },
		...{ batch_size: 4, log: "step" },
		optimizer: {
			sgd: { momentum: 0.9, dampening: 0, nesterov: false, weight_decay: 0 },
		},
		...more,
	});
	const never = () =>
		Promise.reject(new Error("nobody asks for a whole epoch"));
	return { ...convNet(1, 3), options, trainRows: never, live };
}

async function withLive<T>(
	workers: number,
	use: (open: OpenLive) => Promise<T>,
	signal?: AbortSignal,
): Promise<T> {
	const options = { ...drawnPixels(PHOTOS), workers };
	const open = await openLive(SAMPLES, options, signal);
	try {
		return await use(open);
	} finally {
		await open.close();
	}
}

async function eventsOf(input: FitInput): Promise<FitEvent[]> {
	const events: FitEvent[] = [];
	for await (const event of fit(input)) events.push(event);
	return events;
}

/** All but durations and counts of tensors. */
function comparable(events: readonly FitEvent[]) {
	return events
		.filter(({ type }) => type !== "state")
		.map((event) => ({
			...event,
			...("durationMs" in event && { durationMs: 0 }),
			...("liveTensors" in event && { liveTensors: [] }),
		}));
}

function assertNothingHeld({ seen }: Watched): void {
	assert.equal(seen.held, 0);
	assert.ok(seen.most <= BATCHES_AHEAD + 1, `${seen.most} batches were held`);
	assert.ok(seen.memory.size <= BATCHES_AHEAD + 1);
}

const half = { alpha: 0.5, prob: 0.7, space: "pixels" } as const;
const WAYS: readonly Partial<TrainOptions>[] = [
	{ accumulate: 2 },
	{ sampling: "class_balanced", mixup: half },
	{ mixup: half, cutmix: half, batch_size: 7 },
];

for (const more of WAYS)
	test(`training by batch with ${JSON.stringify(more)} is training on whole epochs, to the byte, with one worker and two`, async () => {
		const found: unknown[] = [];
		for (const workers of [1, 2])
			await withLive(workers, async ({ live }) => {
				const watched = watch(live);
				const events = await eventsOf(inputOf(watched.live, more));
				assertNothingHeld(watched);
				found.push(comparable(events));
			});
		await withLive(2, async ({ live }) => {
			const { live: _, ...input } = inputOf(live, more);
			const trainRows = wholeEpochs(live);
			found.push(comparable(await eventsOf({ ...input, trainRows })));
		});
		assert.deepEqual(found[0], found[2]);
		assert.deepEqual(found[1], found[2]);
	});

test("the first step is taken before the last photo of the epoch was asked for, and a few batches are held at most", async () => {
	await withLive(2, async ({ live }) => {
		const watched = watch(live);
		const { seen } = watched;
		const asked: number[] = [];
		for await (const event of fit(inputOf(watched.live)))
			if (event.type === "step") asked.push(seen.photos);
		const batch = 4;
		// 45 photos an epoch; the batch that was trained on, and those ahead of it.
		assert.equal(asked[0], (1 + BATCHES_AHEAD) * batch);
		assert.ok((asked[0] as number) < SAMPLES.length);
		// Each photo of each epoch once, those of the next epoch while this one ends.
		assert.equal(asked.at(-1), 3 * SAMPLES.length);
		assert.ok((asked[10] as number) > SAMPLES.length);
		assertNothingHeld(watched);
	});
});

test("from a state in the middle of an epoch training goes on to the same bytes, and photos it is past are not computed", async () => {
	const more = {
		...{ epochs: 2, batch_size: 6, accumulate: 2, mixup: half },
		ema: { decay: 0.9, warmup: true },
	};
	const keeping = () => ({ rhythm: openRhythm(1) });
	await withLive(2, async ({ live }) => {
		const whole = await eventsOf({ ...inputOf(live, more), ...keeping() });
		const states = whole.flatMap((event) =>
			event.type === "state" ? [event.state] : [],
		);
		// Four steps an epoch.
		assert.equal(states.length, 8);
		for (const at of [0, 2, 3, 5]) {
			const resume = states[at] as TrainState;
			const watched = watch(live);
			const events = await eventsOf({
				...inputOf(watched.live, more),
				...{ ...keeping(), resume },
			});
			const rest = comparable(whole).filter(
				(event) =>
					event.type === "end" ||
					("step" in event && event.step > resume.place.step),
			);
			assert.deepEqual(comparable(events), rest, `state ${at}`);
			const { epoch, taken } = resume.place;
			const left = 45 - Math.min(45, 12 * taken) + (epoch === 1 ? 45 : 0);
			assert.equal(watched.seen.photos, left);
			assertNothingHeld(watched);
		}
	});
});

test("an end before the last epoch gives up what was prepared, and the threads end", async () => {
	await withLive(2, async ({ live }) => {
		const watched = watch(live);
		const asking = { onEpoch: () => "stop" as const };
		const events = await eventsOf({ ...inputOf(watched.live), ...asking });
		assert.equal(events.at(-1)?.type, "end");
		assert.ok(watched.seen.photos > SAMPLES.length, "the next was begun");
		assertNothingHeld(watched);
	});
	await withLive(2, async ({ live }) => {
		const watched = watch(live);
		const points = [];
		const range = { from: 1e-7, to: 1e-3, steps: 15 };
		for await (const event of findRate(inputOf(watched.live), range))
			points.push(event);
		assert.equal(points.length, 15);
		assertNothingHeld(watched);
	});
});

test("an abort ends training before the next step, also one that waits for its photos", async () => {
	const { signal, abort } = aborter();
	await withLive(
		1,
		async ({ live }) => {
			const watched = watch(live);
			const input = { ...inputOf(watched.live), signal };
			const events: FitEvent[] = [];
			for await (const event of fit(input)) {
				events.push(event);
				if (events.length === 5) abort();
			}
			assert.equal(events.length, 5);
			assertNothingHeld(watched);
		},
		signal,
	);
	const waiting = aborter();
	await withLive(
		1,
		async ({ live }) => {
			const watched = watch(live);
			// A batch that never comes: its abort ends the wait.
			const stuck = {
				...watched.live,
				ask(epoch: number, rows: Uint32Array) {
					const asked = watched.live.ask(epoch, rows);
					const taken = asked.take();
					taken.catch(() => undefined);
					asked.release();
					waiting.abort();
					return { take: () => taken, release: () => undefined };
				},
			};
			const events = await eventsOf({
				...inputOf(stuck),
				signal: waiting.signal,
			});
			assert.deepEqual(events, []);
			assertNothingHeld(watched);
		},
		waiting.signal,
	);
});

test("a photo that vanishes in the middle of an epoch ends training with its name, and nothing is left behind", async () => {
	const { tf } = await openTfjs();
	const before = tf.memory().numTensors;
	const gone = SAMPLES.map((sample, row) =>
		row === 30 ? { ...sample, path: "gone.jpg" } : sample,
	);
	const open = await openLive(gone, { ...drawnPixels(PHOTOS), workers: 2 });
	const watched = watch(open.live);
	const events: FitEvent[] = [];
	const train = async () => {
		for await (const event of fit(inputOf(watched.live))) events.push(event);
	};
	try {
		await assert.rejects(train, {
			code: "photo-unreadable",
			message: /^gone\.jpg: /,
		});
	} finally {
		await open.close();
	}
	assert.ok(events.every(({ type }) => type === "step"));
	assert.ok(events.length < 12);
	assertNothingHeld(watched);
	assert.equal(tf.memory().numTensors, before);
});

function aborter() {
	const controller = new AbortController();
	return {
		signal: controller.signal,
		abort: () => controller.abort(new Error("enough")),
	};
}
