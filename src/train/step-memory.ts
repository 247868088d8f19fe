import type { Batch } from "./batches.ts";
import { isOutOfMemory, tooLarge } from "./fit-errors.ts";
import {
	type StepMoment,
	type StepSums,
	type Trainer,
	trainStep,
} from "./step.ts";
import type { FitInput, WarningEvent } from "./types.ts";

/**
 * A step that fits into memory.
 *
 *   forward and backward ─ fits ─→ the step is taken
 *            ↑              └ does not ─→ half as many photos at once, their gradients added up
 *            └──────────────────────────────────────────┘
 *
 * The step is that of the whole batch: its loss, its weights, its clipping. Only BatchNormalization with batch
 * statistics sees fewer photos at once.
 * @throws RunError "out-of-memory" where one photo is too many, or the optimizer's own tensors do not fit
 */
export function* stepWithinMemory(
	trainer: Trainer,
	input: Pick<FitInput, "options" | "buffers">,
	batch: Batch,
	shape: readonly number[],
	moment: StepMoment,
): Generator<WarningEvent, StepSums> {
	const { tf, parameters } = trainer;
	const { buffers = [] } = input;
	const n = batch.labels.length;
	for (;;) {
		// Running statistics move in the forward pass: a second try begins with the old ones.
		const held = buffers.map((name) => tf.clone(parameters.get(name)));
		try {
			return trainStep(trainer, input, batch, shape, moment);
		} catch (error) {
			if (!isOutOfMemory(error)) throw error;
			const now = Math.min(trainer.microBatch, n);
			if (now === 1) throw tooLarge(error);
			for (const [index, name] of buffers.entries())
				parameters.assign(name, tf.clone(held[index] as (typeof held)[number]));
			trainer.microBatch = Math.ceil(now / 2);
			if (!trainer.isWarned)
				yield warning(now, trainer.microBatch, buffers.length > 0);
			trainer.isWarned = true;
		} finally {
			for (const tensor of held) tensor.dispose();
		}
	}
}

function warning(
	before: number,
	now: number,
	hasStatistics: boolean,
): WarningEvent {
	const statistics = hasStatistics
		? "; BatchNormalization takes its statistics of so many photos instead of the whole batch"
		: "";
	return {
		type: "warning",
		code: "micro-batch",
		message: `${before} photos at once do not fit into memory: from here ${now} or fewer pass the network at once, and their gradients are added up to those of the whole batch${statistics}`,
	};
}
