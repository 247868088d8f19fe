import { photosPerStep } from "./accumulate.ts";
import type { Feed } from "./feed.ts";
import { diverged } from "./fit-errors.ts";
import type { Place } from "./state.ts";
import type { Trainer } from "./step.ts";
import { stepWithinMemory } from "./step-memory.ts";
import {
	type FitInput,
	NOTHING_BEFORE,
	type StateEvent,
	type StepEvent,
	type TrainRows,
	type WarningEvent,
} from "./types.ts";

/** What one pass over the train rows came to. */
export interface TrainedEpoch {
	/** The criterion over the epoch's photos, each measured before its step. */
	readonly loss: number;
	readonly accuracy: number;
	/** Of the first step that was taken, or NaN. */
	readonly firstLoss: number;
	/** Of the last step. */
	readonly learningRate: number;
	/** Optimizer steps taken so far, in all epochs of this training. */
	readonly step: number;
}

/**
 * One pass over the rows, shuffled or drawn; yields each step.
 * @param from where the epoch begins, or where the state that training goes on from was in it: those steps are
 *   yielded once more, where they are known, and not taken
 * @param hand yields the state, if it is time
 * @returns undefined when the signal aborts
 * @throws RunError "diverged", "features-not-finite", "out-of-memory"
 */
export async function* trainEpoch(
	trainer: Trainer,
	input: FitInput,
	feed: Feed,
	rows: TrainRows,
	from: Place,
	hand: (place: Place) => Generator<StateEvent, void>,
): AsyncGenerator<
	StepEvent | StateEvent | WarningEvent,
	TrainedEpoch | undefined
> {
	const { options, seed, signal, before = NOTHING_BEFORE } = input;
	const order = before.epoch + from.epoch;
	const first = before.step + from.step;
	const logsSteps = options.log === "step";
	const losses = [...from.losses];
	const learningRates = [...from.learningRates];
	let { taken, sum, weight, right, learningRate } = from;
	for (const [index, loss] of losses.entries())
		yield stepOf(order, first + index + 1, loss, learningRates[index]);
	let firstLoss = Number.NaN;
	for await (const batch of feed.batches(rows, order, from.taken)) {
		await trainer.pause();
		if (signal?.aborted) return undefined;
		const { schedule } = trainer;
		learningRate = schedule.rateAt(from.epoch, from.step + taken);
		const rateOf = schedule.ratesAt(from.epoch, from.step + taken);
		const moment = { seed, step: first + taken, rateOf };
		const sums = yield* stepWithinMemory(
			trainer,
			input,
			batch,
			rows.shape,
			moment,
		);
		const loss = sums.sum / sums.weight;
		if (!Number.isFinite(loss))
			throw diverged(input, order, moment.step, batch);
		if (taken === from.taken) firstLoss = loss;
		sum += sums.sum;
		weight += sums.weight;
		right += sums.right;
		taken++;
		if (logsSteps) {
			losses.push(loss);
			learningRates.push(learningRate);
		}
		const total = rows.labels.length;
		const done = Math.min(total, taken * photosPerStep(options));
		input.onPhotos?.({ epoch: order, done, total });
		yield stepOf(order, first + taken, loss, learningRate);
		yield* hand({
			...{ epoch: from.epoch, step: from.step, taken, sum, weight, right },
			...{ learningRate, losses, learningRates },
		});
	}
	if (signal?.aborted) return undefined;
	const accuracy = right / rows.labels.length;
	const step = from.step + taken;
	return { loss: sum / weight, accuracy, firstLoss, learningRate, step };
}

function stepOf(
	epoch: number,
	step: number,
	loss: number,
	learningRate = Number.NaN,
): StepEvent {
	return { type: "step", epoch, step, loss, learningRate };
}
