import { shuffledBatches } from "./batches.ts";
import { diverged } from "./fit-errors.ts";
import { type Trainer, trainStep } from "./step.ts";
import {
	type FitInput,
	NOTHING_BEFORE,
	type Rows,
	type StepEvent,
} from "./types.ts";

/** What one pass over the train rows came to. */
export interface TrainedEpoch {
	/** The criterion over the epoch's photos, each measured before its step. */
	readonly loss: number;
	readonly accuracy: number;
	/** Of the last step. */
	readonly learningRate: number;
	/** Optimizer steps taken so far, in all epochs of this training. */
	readonly step: number;
}

/**
 * One pass over the rows, shuffled; yields each step.
 * @param epoch 1-based, of this training; what came before it is in `input.before`
 * @param taken steps that this training took before
 * @returns undefined when the signal aborts
 * @throws RunError "diverged", "features-not-finite"
 */
export async function* trainEpoch(
	trainer: Trainer,
	input: FitInput,
	rows: Rows,
	epoch: number,
	taken: number,
): AsyncGenerator<StepEvent, TrainedEpoch | undefined> {
	const { options, seed, signal, before = NOTHING_BEFORE } = input;
	const order = before.epoch + epoch;
	let step = taken;
	let sum = 0;
	let weight = 0;
	let right = 0;
	let learningRate = options.learning_rate;
	for (const batch of shuffledBatches(rows, options.batch_size, seed, order)) {
		await trainer.pause();
		if (signal?.aborted) return undefined;
		learningRate = trainer.schedule.rateAt(epoch, step);
		const moment = { seed, step: before.step + step, learningRate };
		const sums = trainStep(trainer, input, batch, rows.shape, moment);
		const loss = sums.sum / sums.weight;
		if (!Number.isFinite(loss))
			throw diverged(input, order, moment.step, batch);
		sum += sums.sum;
		weight += sums.weight;
		right += sums.right;
		step++;
		yield {
			...{ type: "step", epoch: order, step: before.step + step },
			loss,
			learningRate,
		};
	}
	const accuracy = right / rows.labels.length;
	return { loss: sum / weight, accuracy, learningRate, step };
}
