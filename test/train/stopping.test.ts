import assert from "node:assert/strict";
import test from "node:test";
import { openTfjs } from "../../src/engine/backend.ts";
import type {
	EarlyStopping,
	Schedule,
	TrainOptions,
} from "../../src/experiment/types.ts";
import { watchStopping } from "../../src/train/early-stopping.ts";
import type { FitInput } from "../../src/train/types.ts";
import { collect, golden, inputOf, linearHead, type Trace } from "./support.ts";

const KERAS: EarlyStopping = {
	monitor: "valid/loss",
	patience: 2,
	min_delta: 0,
	mode: "auto",
	restore_best: true,
};

/** The epoch after which Keras's rule ends training, and the best one; 1-based. */
function watchedEnd(options: EarlyStopping, values: readonly number[]) {
	const watch = watchStopping(options);
	let best = 0;
	for (const [index, value] of values.entries()) {
		const seen = watch.see({
			"valid/loss": Number.NaN,
			"valid/accuracy": Number.NaN,
			"train/loss": Number.NaN,
			"train/accuracy": Number.NaN,
			[options.monitor]: value,
		});
		if (seen.isBest) best = index + 1;
		if (seen.stop) return { best, end: index + 1 };
	}
	return { best, end: undefined };
}

test("training ends when `patience` epochs in a row were no better, as in Keras", () => {
	assert.deepEqual(watchedEnd(KERAS, [5, 4, 4, 3, 3.5, 3, 9]), {
		best: 4,
		end: 6,
	});
	const patient = { ...KERAS, patience: 3 };
	assert.deepEqual(watchedEnd(patient, [5, 4, 4, 3, 3.5, 3, 2.9]), {
		best: 7,
		end: undefined,
	});
	assert.equal(watchedEnd({ ...KERAS, patience: 1 }, [1, 1]).end, 2);
});

test("an improvement counts from above min_delta on", () => {
	const options = { ...KERAS, min_delta: 0.5 };
	assert.deepEqual(watchedEnd(options, [4, 3.5, 3.4, 3.3]), {
		best: 3,
		end: undefined,
	});
	assert.deepEqual(watchedEnd(options, [4, 3.5, 3.5]), { best: 1, end: 3 });
});

test("an accuracy is better when it is larger, unless mode says otherwise", () => {
	const accuracy = { ...KERAS, monitor: "valid/accuracy" as const };
	assert.deepEqual(watchedEnd(accuracy, [0.1, 0.5, 0.4, 0.5]), {
		best: 2,
		end: 4,
	});
	const least = { ...accuracy, mode: "min" as const };
	assert.deepEqual(watchedEnd(least, [0.1, 0.5, 0.4]), { best: 1, end: 3 });
});

function head(options: Partial<TrainOptions>, more: Partial<FitInput> = {}) {
	const input = inputOf(linearHead(12, 4), golden<Trace>("linear-head-sgd"));
	return { ...input, ...more, options: { ...input.options, ...options } };
}

/** A learning rate at which the valid loss soon rises again. */
const HASTY = { learning_rate: 4, epochs: 30 };

test("early stopping ends training, and the result is the best epoch's, to the last bit", async () => {
	const stopped = await collect(head({ ...HASTY, early_stopping: KERAS }));
	assert.ok(stopped.end);
	const { epoch, lastEpoch, ended } = stopped.end;
	assert.equal(ended, "early_stopping");
	assert.equal(lastEpoch, stopped.epochs.length);
	assert.ok(lastEpoch < 30);
	assert.equal(lastEpoch, epoch + 2);
	const losses = stopped.epochs.map(({ validLoss }) => validLoss);
	assert.equal(epoch, 1 + losses.indexOf(Math.min(...losses)));

	const shorter = await collect(head({ ...HASTY, epochs: epoch }));
	assert.deepEqual(stopped.end.trained, shorter.end?.trained);
	assert.deepEqual(stopped.end.validLosses, shorter.end?.validLosses);
	assert.deepEqual(
		stopped.end.validProbabilities,
		shorter.end?.validProbabilities,
	);
});

test("without restore_best the result is the last epoch's", async () => {
	const early_stopping = { ...KERAS, restore_best: false };
	const { end } = await collect(head({ ...HASTY, early_stopping }));
	assert.ok(end);
	assert.equal(end.ended, "early_stopping");
	assert.equal(end.epoch, end.lastEpoch);
	const shorter = await collect(head({ ...HASTY, epochs: end.lastEpoch }));
	assert.deepEqual(end.trained, shorter.end?.trained);
});

test("the best epoch is restored even where training goes through all its epochs", async () => {
	const early_stopping = { ...KERAS, patience: 30 };
	const { end } = await collect(head({ ...HASTY, early_stopping }));
	assert.ok(end);
	assert.equal(end.ended, "epochs");
	assert.equal(end.lastEpoch, 30);
	assert.ok(end.epoch < 30);
});

test("onEpoch ends training with the weights of that moment, and is asked before the epoch is yielded", async () => {
	const asked: number[] = [];
	const input = head(
		{ early_stopping: { ...KERAS, patience: 20 }, ...HASTY },
		{
			onEpoch: ({ epoch }) => {
				asked.push(epoch);
				return epoch === 6 ? "stop" : "go on";
			},
		},
	);
	const { epochs, end } = await collect(input);
	assert.deepEqual(asked, [1, 2, 3, 4, 5, 6]);
	assert.equal(epochs.length, 6);
	assert.ok(end);
	assert.deepEqual([end.ended, end.epoch, end.lastEpoch], ["asked", 6, 6]);
	const shorter = await collect(head({ ...HASTY, epochs: 6 }));
	assert.deepEqual(end.trained, shorter.end?.trained);
});

test("a training that ends early leaves no tensor behind", async () => {
	const { tf } = await openTfjs();
	const before = tf.memory().numTensors;
	const { end } = await collect(
		head({ ...HASTY, early_stopping: KERAS, clip_grad_norm: 1 }),
	);
	assert.ok(end);
	assert.equal(end.liveTensors[0], end.liveTensors[1]);
	assert.equal(tf.memory().numTensors, before);
});

test("each step says the learning rate it was taken with, each epoch its last step's", async () => {
	const warmup = { warmup_epochs: 2, warmup_start_factor: 0.1 };
	const { steps, epochs } = await collect(
		head({ learning_rate: 0.5, epochs: 3, schedule: { constant: warmup } }),
	);
	const expected = [0.05, 0.095, 0.14, 0.185, 0.23, 0.275, 0.32, 0.365, 0.41];
	const actual = steps.map(({ learningRate }) => learningRate);
	for (const [index, rate] of [...expected, 0.455, 0.5, 0.5].entries())
		assert.ok(Math.abs((actual[index] as number) - rate) < 1e-12);
	assert.deepEqual(
		epochs.map(({ learningRate }) => learningRate),
		[actual[4], actual[9], 0.5],
	);
});

test("reduce_on_plateau makes the learning rate fall when nothing gets better", async () => {
	const schedule: Schedule = {
		reduce_on_plateau: {
			warmup_epochs: 0,
			warmup_start_factor: 0.01,
			monitor: "valid/loss",
			mode: "auto",
			factor: 0.5,
			patience: 0,
			threshold: 1e-4,
			threshold_mode: "rel",
			cooldown: 0,
			min_lr: 0,
			eps: 1e-8,
		},
	};
	const { epochs } = await collect(head({ ...HASTY, schedule }));
	let rate = HASTY.learning_rate;
	let best = Number.POSITIVE_INFINITY;
	for (const { learningRate, validLoss } of epochs) {
		assert.equal(learningRate, rate);
		if (validLoss < best * (1 - 1e-4)) best = validLoss;
		else rate /= 2;
	}
	assert.ok(rate < HASTY.learning_rate / 4);
});

test("class weights by name are the same as by order", async () => {
	const named = { a: 1, b: 3, c: 0.5, d: 1 };
	const classNames = Object.keys(named);
	const loss = (class_weights: Record<string, number> | number[]) => ({
		loss: { cross_entropy: { label_smoothing: 0, class_weights } },
	});
	const byName = await collect(head(loss({ b: 3, c: 0.5 }), { classNames }));
	const byOrder = await collect(head(loss([1, 3, 0.5, 1])));
	const without = await collect(head({}));
	assert.deepEqual(byName.end, byOrder.end);
	assert.notDeepEqual(byName.end?.trained, without.end?.trained);
});
