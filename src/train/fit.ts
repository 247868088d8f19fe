import { RunError } from "../diagnostic.ts";
import { openTfjs } from "../engine/backend.ts";
import { compileGraph } from "../engine/tfjs/compile.ts";
import { openParameters, type Parameters } from "../engine/tfjs/parameters.ts";
import { photosPerStep } from "./accumulate.ts";
import { numClassesOf } from "./batches.ts";
import { watchStopping } from "./early-stopping.ts";
import { openAverage } from "./ema.ts";
import { trainEpoch } from "./epoch.ts";
import { type Evaluation, evaluate, outputsOf } from "./evaluate.ts";
import { watchExplosion } from "./explosion.ts";
import { openFeed } from "./feed.ts";
import { endEvent, endOf, type FitResult } from "./fit-end.ts";
import { diverged, refuseEmpty } from "./fit-errors.ts";
import { openRates } from "./groups.ts";
import { openLoss } from "./loss.ts";
import { openOptimizer } from "./optimizer.ts";
import { openPause } from "./pause.ts";
import { watched } from "./plateau.ts";
import { type Place, startOf, type TrainState } from "./state.ts";
import type { Trainer } from "./step.ts";
import {
	type EpochEvent,
	type FitEvent,
	type FitInput,
	NOTHING_BEFORE,
	NOTHING_EARLIER,
	type StateEvent,
	type TrainRows,
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
	const { buffers = [], keeper, rhythm, resume } = input;
	const { earlier = NOTHING_EARLIER } = input;
	const feed = openFeed(input, before.epoch + options.epochs);
	// Photos are worked on while the network is compiled.
	const { epoch = 1, taken = 0 } = resume?.place ?? {};
	feed.begin(before.epoch + epoch, taken);
	const { tf } = await openTfjs();
	const suffixes = [input.trainSuffix, input.evalSuffix];
	const parameters = openParameters(
		tf,
		suffixes,
		new Map([...input.weights, ...(resume?.weights ?? [])]),
		input.trainable,
		buffers,
	);
	/** What is evaluated and kept: where `ema` is asked for, the average of the weights. */
	const results = options.ema
		? openParameters(tf, suffixes, input.weights, input.trainable, buffers)
		: parameters;
	const average =
		options.ema &&
		openAverage(tf, options.ema, { ...input, buffers }, parameters, results);
	const optimizer = openOptimizer(tf, parameters, options.optimizer);
	const pause = openPause();
	const stopping = watchStopping(options.early_stopping);
	const explosion = watchExplosion(options.learning_rate);
	const read = (from: Parameters) =>
		new Map(
			[...input.trainable, ...buffers].map((name) => [name, from.read(name)]),
		);
	const weights = () => read(results);
	/** With what the phases before have trained. */
	const whole = () => new Map([...earlier.trained, ...weights()]);
	const result = (epoch: number, valid: Evaluation): FitResult => ({
		...{ epoch, valid, trained: weights() },
	});
	let live: [number, number] | undefined;
	let trainer: Trainer | undefined;
	let best: FitResult | undefined = resume?.best;
	function* hand(place: Place, isEpochEnd = false): Generator<StateEvent> {
		if (trainer === undefined || rhythm === undefined) return;
		if (!rhythm.isDue(place.step + place.taken, isEpochEnd)) return;
		const start = performance.now();
		const state: TrainState = {
			place: {
				...place,
				losses: [...place.losses],
				learningRates: [...place.learningRates],
			},
			...{ before, earlier },
			schedule: trainer.schedule.save(),
			...{ stopping: stopping.save(), microBatch: trainer.microBatch },
			...{ weights: read(parameters), optimizer: optimizer.tensors() },
			...(average && { average: average.tensors() }),
			...(best && { best }),
			kept: keeper?.kept() ?? [],
		};
		yield { type: "state", state };
		rhythm.wrote(performance.now() - start);
	}
	try {
		if (resume !== undefined) {
			optimizer.restore(resume.optimizer);
			if (resume.average) average?.restore(resume.average);
			stopping.restore(resume.stopping);
			keeper?.restore(resume.kept);
		}
		const graph = compileGraph(tf, input.trainSuffix, parameters);
		// Compiled for both, so that both hold their values in one order.
		if (average) compileGraph(tf, input.trainSuffix, results);
		const evaluation = compileGraph(tf, input.evalSuffix, results);
		refuseEmpty(validRows, "valid");
		let place = resume?.place ?? startOf(1, 0, options.learning_rate);
		for (;;) {
			const { epoch } = place;
			const start = performance.now();
			const order = before.epoch + epoch;
			const rows = await feed.rows(order);
			refuseEmpty(rows, "train");
			trainer ??= {
				...{ tf, graph, parameters, optimizer, pause },
				...(average && { afterStep: average.update }),
				microBatch: resume?.microBatch ?? options.batch_size,
				...whatTheRowsSay(input, rows),
			};
			const trained = yield* trainEpoch(
				trainer,
				input,
				feed,
				rows,
				place,
				hand,
			);
			if (trained === undefined) return;
			const { step } = trained;
			const outputs = await outputsOf(tf, evaluation, validRows, pause);
			if (signal?.aborted) return;
			const { labels, targets } = validRows;
			const valid = evaluate(trainer.loss, outputs, labels, targets);
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
			yield* explosion.epoch(order, trained.firstLoss, event.trainLoss);
			yield* keeper?.see(event, whole) ?? [];
			const ended = endOf(asked, seen.stop, epoch >= options.epochs);
			place = startOf(epoch + 1, step, trained.learningRate);
			if (ended === undefined) {
				yield* hand(place, true);
				continue;
			}
			yield* keeper?.flush({ event, weights: whole }) ?? [];
			const kept = asked ? undefined : best;
			yield endEvent(kept ?? result(order, valid), order, ended, live);
			return;
		}
	} catch (error) {
		// What was best before stays.
		if (error instanceof RunError) yield* keeper?.flush() ?? [];
		throw error;
	} finally {
		feed.close();
		optimizer.dispose();
		results.dispose();
		parameters.dispose();
	}
}

/** Loss and schedule depend on how many photos there are, and of which classes. */
function whatTheRowsSay(input: FitInput, { labels, targets }: TrainRows) {
	const { options, classNames = [], resume } = input;
	const numClasses = numClassesOf(input);
	const schedule = openRates(
		options,
		input.groups,
		Math.ceil(labels.length / photosPerStep(options)),
	);
	if (resume !== undefined) schedule.restore(resume.schedule);
	const loss = openLoss(options.loss, labels, numClasses, classNames, targets);
	return { loss, schedule };
}
