import type { Tf } from "../engine/backend.ts";
import type { CompiledGraph } from "../engine/tfjs/compile.ts";
import { scoped } from "../engine/tfjs/scoped.ts";
import { type Batch, shuffledBatches } from "./batches.ts";
import { clipGradients } from "./clip.ts";
import { countRight } from "./evaluate.ts";
import { diverged } from "./fit-errors.ts";
import {
	type BatchLoss,
	type Loss,
	lossGradient,
	measure,
	sumOf,
} from "./loss.ts";
import type { Optimizer } from "./optimizers/state.ts";
import type { OpenSchedule } from "./schedule.ts";
import type { FitInput, Rows, StepEvent } from "./types.ts";

/** What trains: the network on the device, and what changes it. */
export interface Trainer {
	readonly tf: Tf;
	readonly graph: CompiledGraph;
	readonly optimizer: Optimizer;
	readonly loss: Loss;
	readonly schedule: OpenSchedule;
	readonly pause: () => Promise<void>;
}

/** What one pass over the train rows came to. */
export interface TrainedEpoch {
	/** The criterion over the epoch's photos, each measured before its step. */
	readonly loss: number;
	readonly accuracy: number;
	/** Of the last step. */
	readonly learningRate: number;
	/** Optimizer steps taken so far, in all epochs. */
	readonly step: number;
}

/**
 * One pass over the rows, shuffled; yields each step.
 * @param taken steps taken before
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
	const { options, seed, signal } = input;
	let step = taken;
	let sum = 0;
	let weight = 0;
	let right = 0;
	let learningRate = options.learning_rate;
	for (const batch of shuffledBatches(rows, options.batch_size, seed, epoch)) {
		await trainer.pause();
		if (signal?.aborted) return undefined;
		learningRate = trainer.schedule.rateAt(epoch, step);
		const moment = { seed, step, learningRate };
		const measured = trainStep(trainer, input, batch, rows.shape, moment);
		const batchSum = sumOf(measured.terms);
		const loss = batchSum / measured.weight;
		if (!Number.isFinite(loss)) throw diverged(input, epoch, step, batch);
		sum += batchSum;
		weight += measured.weight;
		right += countRight(measured.predicted, batch.labels);
		step++;
		yield { type: "step", epoch, step, loss, learningRate };
	}
	const accuracy = right / rows.labels.length;
	return { loss: sum / weight, accuracy, learningRate, step };
}

interface StepMoment {
	readonly seed: number;
	readonly step: number;
	readonly learningRate: number;
}

/** One optimizer step; returns what the outputs before it were worth. A loss that is not finite changes nothing. */
function trainStep(
	{ tf, graph, optimizer, loss }: Trainer,
	{ options }: FitInput,
	{ features, labels }: Batch,
	shape: readonly number[],
	{ seed, step, learningRate }: StepMoment,
): BatchLoss {
	return scoped(tf, () => {
		const x = tf.tensor(features, [labels.length, ...shape]);
		const { output, backward } = graph.forward(x, {
			training: true,
			seed,
			step,
		});
		const outputs = output.dataSync() as Float32Array;
		const measured = measure(loss, outputs, labels);
		if (!measured.terms.every(Number.isFinite)) return measured;
		const gradient = lossGradient(loss, measured, labels);
		const gradients = backward(tf.tensor(gradient, output.shape));
		optimizer.step(clipGradients(tf, gradients, options), () => ({
			learningRate,
		}));
		return measured;
	});
}
