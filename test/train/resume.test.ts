import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import type { RunError } from "../../src/diagnostic.ts";
import { openTfjs } from "../../src/engine/backend.ts";
import type {
	CheckpointOptions,
	OptimizerChoice,
	TrainOptions,
} from "../../src/experiment/types.ts";
import { random } from "../../src/random.ts";
import {
	readState,
	stateFiles,
	writeState,
} from "../../src/runs/checkpoints/state-file.ts";
import { openKeeper } from "../../src/train/checkpoints.ts";
import { fit } from "../../src/train/fit.ts";
import { openRhythm } from "../../src/train/rhythm.ts";
import type { TrainState } from "../../src/train/state.ts";
import type { FitEvent, FitInput } from "../../src/train/types.ts";
import { convNet } from "./small-nets.ts";
import { optionsOf } from "./support.ts";

const MARK = { runId: "r", fingerprint: "f", backend: "wasm" };

const sgd = {
	...{ momentum: 0.9, dampening: 0.1, nesterov: false, weight_decay: 0.01 },
};
const adam = { betas: [0.9, 0.99], eps: 1e-8, weight_decay: 0.01 } as const;
const radam = { ...adam, decoupled_weight_decay: false };
const lamb = {
	...adam,
	...{ bias_correction: true, grad_averaging: true, max_grad_norm: 1 },
	...{ trust_clip: false, always_adapt: false },
};
const lars = {
	...sgd,
	...{ trust_coeff: 0.1, eps: 1e-8, trust_clip: false, always_adapt: false },
};
const OPTIMIZERS: readonly OptimizerChoice[] = [
	{ sgd },
	{ adam: { ...adam, amsgrad: true } },
	{ adamw: adam },
	{
		rmsprop: {
			...{ alpha: 0.9, eps: 1e-8, momentum: 0.5, centered: true },
			weight_decay: 0,
		},
	},
	{
		adagrad: {
			...{ lr_decay: 0.1, initial_accumulator_value: 0.1, eps: 1e-10 },
			weight_decay: 0,
		},
	},
	{ nadam: { ...radam, momentum_decay: 0.004 } },
	{ radam },
	{ lars },
	{ lamb },
];

const KEEP: CheckpointOptions = {
	...{ keep: 2, last: true, every: 1 },
	...{ monitor: "valid/loss", mode: "auto" },
};

/** A training with all that a state must hold. */
function inputWith(more: Partial<TrainOptions>): FitInput {
	const net = convNet(22);
	const options = optionsOf({
		...{ loss: "cross_entropy", optimizer: { sgd }, learning_rate: 0.02 },
		...{ epochs: 4, batch_size: 6, log: "step" },
		schedule: {
			reduce_on_plateau: {
				...{ warmup_epochs: 1, warmup_start_factor: 0.5 },
				...{ monitor: "train/loss", mode: "auto", factor: 0.5, patience: 0 },
				...{ threshold: 0.5, threshold_mode: "rel", cooldown: 0 },
				...{ min_lr: 0, eps: 0 },
			},
		},
		early_stopping: {
			...{ monitor: "valid/loss", patience: 3, min_delta: 0, mode: "auto" },
			restore_best: true,
		},
		...more,
	});
	return { ...net, options };
}

async function eventsOf(input: FitInput, resume?: TrainState) {
	const events: FitEvent[] = [];
	const states: TrainState[] = [];
	const all = fit({
		...input,
		keeper: openKeeper(KEEP),
		rhythm: openRhythm(1),
		...(resume && { resume }),
	});
	for await (const event of all)
		if (event.type === "state") states.push(event.state);
		else events.push(event);
	return { events, states };
}

/** What is compared: all but durations and counts of tensors. */
function comparable(events: readonly FitEvent[]) {
	return events.map((event) => ({
		...event,
		...("durationMs" in event && { durationMs: 0 }),
		...("liveTensors" in event && { liveTensors: [] }),
	}));
}

/** Through the file and back. */
async function restored(state: TrainState): Promise<TrainState> {
	const folder = mkdtempSync(join(tmpdir(), "graft-state-"));
	writeState(folder, state, MARK);
	const [file = ""] = stateFiles(folder);
	return (await readState(file)).state;
}

async function assertGoesOn(input: FitInput, seed: number): Promise<void> {
	const whole = await eventsOf(input);
	const { integer } = random(seed, "kill");
	for (const at of [0, integer(whole.states.length), whole.states.length - 1]) {
		const state = await restored(whole.states[at] as TrainState);
		const { events } = await eventsOf(input, state);
		const first = state.place.step;
		// From the start of the epoch that goes on: its steps are said once more.
		const rest = whole.events.slice(
			whole.events.findIndex(
				(event) => event.type === "step" && event.step === first + 1,
			),
		);
		assert.deepEqual(comparable(events), comparable(rest), `step ${at + 1}`);
	}
}

test("from the state after any step training goes on to the same bytes, with every optimizer", async () => {
	for (const [index, optimizer] of OPTIMIZERS.entries())
		await assertGoesOn(inputWith({ optimizer }), index);
});

test("an average of the weights, accumulation and clipping go on to the same bytes", async () => {
	const more = { accumulate: 2, clip_grad_norm: 0.5, batch_size: 4 };
	const ema = { decay: 0.9, warmup: true };
	await assertGoesOn(inputWith({ ...more, ema }), 1);
	await assertGoesOn(inputWith({ ...more, clip_grad_value: 0.01 }), 2);
});

test("drawn and mixed batches go on to the same bytes, focal, bce and hinge too", async () => {
	const half = { alpha: 0.5, prob: 0.7, space: "features" } as const;
	const mixed = { mixup: half, cutmix: half };
	const sampling = "class_balanced";
	const focal = { focal: { gamma: 2 } };
	await assertGoesOn(inputWith({ ...mixed, sampling, loss: focal }), 3);
	const bce = { bce: { label_smoothing: 0.1, pos_weight: 2 } };
	await assertGoesOn(inputWith({ ...mixed, accumulate: 2, loss: bce }), 4);
	const hinge = { hinge: { p: 2, margin: 1 } } as const;
	await assertGoesOn(inputWith({ sampling, loss: hinge }), 5);
});

test("no step leaves a tensor behind, with every optimizer and option", async () => {
	const { tf } = await openTfjs();
	const counts: number[] = [];
	const ema = { decay: 0.9, warmup: false };
	for (const optimizer of OPTIMIZERS) {
		const more = { optimizer, ema, accumulate: 2, batch_size: 3 };
		const input = inputWith({ ...more, clip_grad_norm: 1, epochs: 3 });
		const before = tf.memory().numTensors;
		const live: number[] = [];
		for await (const event of fit(input))
			if (event.type === "step" && event.epoch > 1)
				live.push(tf.memory().numTensors);
		// The first epoch makes the optimizer's tensors and uploads what is frozen.
		assert.equal(live.length, 8);
		assert.equal(new Set(live).size, 1, JSON.stringify(live));
		counts.push(tf.memory().numTensors - before);
	}
	assert.deepEqual(new Set(counts), new Set([0]));
});

test("a state is written whole or not at all, and only the last two are kept", async () => {
	const { states } = await eventsOf(inputWith({}));
	const folder = mkdtempSync(join(tmpdir(), "graft-state-"));
	for (const state of states.slice(0, 4)) writeState(folder, state, MARK);
	assert.deepEqual(readdirSync(join(folder, "checkpoints")), [
		"state-000000003.safetensors",
		"state-000000004.safetensors",
	]);
});

test("a byte of a state that is another is noticed wherever it lies", async () => {
	const { states } = await eventsOf(inputWith({ epochs: 1 }));
	const folder = mkdtempSync(join(tmpdir(), "graft-state-"));
	writeState(folder, states[1] as TrainState, MARK);
	const [file = ""] = stateFiles(folder);
	const bytes = readFileSync(file);
	const { integer } = random(0, "damage");
	for (let at = 0; at < 40; at++) {
		const damaged = Buffer.from(bytes);
		const place = at === 0 ? bytes.length - 1 : integer(bytes.length);
		damaged[place] = (damaged[place] as number) ^ 4;
		writeFileSync(file, damaged);
		await assert.rejects(
			readState(file),
			(error: RunError) => error.code === "checkpoint-damaged",
			`byte ${place} of ${bytes.length}`,
		);
	}
	writeFileSync(file, bytes.subarray(0, bytes.length - 1));
	await assert.rejects(readState(file), { code: "checkpoint-damaged" });
	writeFileSync(file, "");
	await assert.rejects(readState(file), { code: "checkpoint-damaged" });
});
