import { openTfjs } from "../engine/backend.ts";
import { compileGraph } from "../engine/tfjs/compile.ts";
import { openParameters } from "../engine/tfjs/parameters.ts";
import { watchStopping } from "./early-stopping.ts";
import { trainEpoch } from "./epoch.ts";
import { type Evaluation, evaluate, outputsOf } from "./evaluate.ts";
import { endEvent, endOf, type FitResult } from "./fit-end.ts";
import { diverged, refuseEmpty } from "./fit-errors.ts";
import { openLoss } from "./loss.ts";
import { openOptimizer } from "./optimizer.ts";
import { openPause } from "./pause.ts";
import { watched } from "./plateau.ts";
import { openSchedule } from "./schedule.ts";
import type { Trainer } from "./step.ts";
import {
	type EpochEvent,
	type FitEvent,
	type FitInput,
	NOTHING_BEFORE,
	type Rows,
} from "./types.ts";

/**
 * Trains a suffix on rows of features.
 *
 *   rows ─ shuffle ─ batch ─ forward ─ loss ─ backward ─ clip ─ optimizer   each step
 *          valid rows ─ forward through the eval suffix                     each epoch, same parameters
 *                                     └ schedule, early stopping, onEpoch look at it
 *
 * The parameters stay on the tfjs device; a batch goes up, its outputs [n, k] come down, and the loss is computed
 * here. The same input gives the same bytes on the same machine and backend.
 *
 * Yields a StepEvent per optimizer step, an EpochEvent per epoch, at the end a FitEnd. Gives way to the event loop
 * at least every 15 ms (or once a step, where a step takes longer).
 * @throws RunError "diverged" at the first loss that is not finite, "features-not-finite" when the features already
 * are not, "no-rows" when a split is empty, and what openTfjs throws.
 */
export async function* fit(input: FitInput): AsyncGenerator<FitEvent> {
	const { options, signal, validRows, before = NOTHING_BEFORE } = input;
	const { buffers = [] } = input;
	const { tf } = await openTfjs();
	const suffixes = [input.trainSuffix, input.evalSuffix];
	const parameters = openParameters(
		tf,
		suffixes,
		input.weights,
		input.trainable,
	);
	const optimizer = openOptimizer(tf, parameters, options.optimizer);
	const pause = openPause();
	const stopping = watchStopping(options.early_stopping);
	const result = (epoch: number, valid: Evaluation): FitResult => ({
		epoch,
		valid,
		trained: new Map(
			[...input.trainable, ...buffers].map((name) => [
				name,
				parameters.read(name),
			]),
		),
	});
	let live: [number, number] | undefined;
	let step = 0;
	let trainer: Trainer | undefined;
	let best: FitResult | undefined;
	try {
		const graph = compileGraph(tf, input.trainSuffix, parameters);
		const evaluation = compileGraph(tf, input.evalSuffix, parameters);
		refuseEmpty(validRows, "valid");
		for (let epoch = 1; ; epoch++) {
			const start = performance.now();
			const order = before.epoch + epoch;
			const rows = await input.trainRows(order);
			refuseEmpty(rows, "train");
			trainer ??= {
				...{ tf, graph, optimizer, pause, microBatch: options.batch_size },
				...whatTheRowsSay(input, rows),
			};
			const trained = yield* trainEpoch(trainer, input, rows, epoch, step);
			if (trained === undefined) return;
			step = trained.step;
			const outputs = await outputsOf(tf, evaluation, validRows, pause);
			if (signal?.aborted) return;
			const valid = evaluate(trainer.loss, outputs, validRows.labels);
			if (!Number.isFinite(valid.loss))
				throw diverged(input, order, before.step + step);
			const tensors = tf.memory().numTensors;
			live = [live?.[0] ?? tensors, tensors];
			const event: EpochEvent = {
				type: "epoch",
				epoch: order,
				step: before.step + step,
				trainLoss: trained.loss,
				trainAccuracy: trained.accuracy,
				validLoss: valid.loss,
				validAccuracy: valid.accuracy,
				learningRate: trained.learningRate,
				durationMs: performance.now() - start,
			};
			trainer.schedule.endEpoch(epoch, watched(event));
			const seen = stopping.see(watched(event));
			if (seen.isBest && options.early_stopping?.restore_best)
				best = result(order, valid);
			const asked = input.onEpoch?.(event) === "stop";
			yield event;
			const ended = endOf(asked, seen.stop, epoch >= options.epochs);
			if (ended === undefined) continue;
			const kept = asked ? undefined : best;
			yield endEvent(kept ?? result(order, valid), order, ended, live);
			return;
		}
	} finally {
		optimizer.dispose();
		parameters.dispose();
	}
}

/** Loss and schedule depend on how many photos there are, and of which classes. */
function whatTheRowsSay(input: FitInput, { labels }: Rows) {
	const { options, evalSuffix, classNames = [] } = input;
	const numClasses =
		classNames.length || Number(evalSuffix.outputs[0]?.shape?.at(-1));
	return {
		loss: openLoss(options.loss, labels, numClasses, classNames),
		schedule: openSchedule(
			options,
			Math.ceil(labels.length / options.batch_size),
		),
	};
}
