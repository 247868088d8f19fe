import { RunError } from "../diagnostic.ts";
import { openTfjs, type Tf } from "../engine/backend.ts";
import { type CompiledGraph, compileGraph } from "../engine/tfjs/compile.ts";
import { openParameters } from "../engine/tfjs/parameters.ts";
import { scoped } from "../engine/tfjs/scoped.ts";
import { type Batch, shuffledBatches } from "./batches.ts";
import {
	countRight,
	type Evaluation,
	evaluate,
	outputsOf,
} from "./evaluate.ts";
import { type BatchLoss, lossGradient, measure } from "./loss.ts";
import { type Optimizer, openOptimizer } from "./optimizer.ts";
import { openPause } from "./pause.ts";
import type { FitEvent, FitInput, Rows } from "./types.ts";

/**
 * Trains a suffix on rows of features.
 *
 *   rows ─ shuffle ─ batch ─ forward ─ loss ─ backward ─ optimizer   each step
 *          valid rows ─ forward through the eval suffix              each epoch, same parameters
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
	const { options, seed, signal, validRows } = input;
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
	let live: [number, number] | undefined;
	let step = 0;
	let valid: Evaluation | undefined;
	try {
		const train = compileGraph(tf, input.trainSuffix, parameters);
		const evaluation = compileGraph(tf, input.evalSuffix, parameters);
		refuseEmpty(validRows, "valid");
		for (let epoch = 1; epoch <= options.epochs; epoch++) {
			const start = performance.now();
			const rows = await input.trainRows(epoch);
			refuseEmpty(rows, "train");
			let loss = 0;
			let right = 0;
			for (const batch of shuffledBatches(
				rows,
				options.batch_size,
				seed,
				epoch,
			)) {
				await pause();
				if (signal?.aborted) return;
				const measured = trainStep(tf, train, optimizer, batch, rows.shape, {
					...input,
					step,
				});
				const sum = measured.losses.reduce((a, b) => a + b, 0);
				const mean = sum / batch.labels.length;
				if (!Number.isFinite(mean)) throw diverged(input, epoch, step, batch);
				loss += sum;
				right += countRight(measured.predicted, batch.labels);
				step++;
				yield { type: "step", epoch, step, loss: mean };
			}
			const outputs = await outputsOf(tf, evaluation, validRows, pause);
			if (signal?.aborted) return;
			valid = evaluate(options.loss, outputs, validRows.labels);
			if (!Number.isFinite(valid.loss)) throw diverged(input, epoch, step);
			const tensors = tf.memory().numTensors;
			live = [live?.[0] ?? tensors, tensors];
			yield {
				type: "epoch",
				epoch,
				step,
				trainLoss: loss / rows.labels.length,
				trainAccuracy: right / rows.labels.length,
				validLoss: valid.loss,
				validAccuracy: valid.accuracy,
				learningRate: options.learning_rate,
				durationMs: performance.now() - start,
			};
		}
		if (!valid || !live)
			throw new Error("internal: training needs at least one epoch");
		yield {
			type: "end",
			trained: new Map(
				input.trainable.map((name) => [name, parameters.read(name)]),
			),
			validProbabilities: valid.probabilities,
			validLosses: valid.losses,
			validPredicted: valid.predicted,
			liveTensors: live,
		};
	} finally {
		optimizer.dispose();
		parameters.dispose();
	}
}

/** One optimizer step; returns what the outputs before it were worth. A loss that is not finite changes nothing. */
function trainStep(
	tf: Tf,
	graph: CompiledGraph,
	optimizer: Optimizer,
	{ features, labels }: Batch,
	shape: readonly number[],
	{ options, seed, step }: FitInput & { readonly step: number },
): BatchLoss {
	return scoped(tf, () => {
		const x = tf.tensor(features, [labels.length, ...shape]);
		const { output, backward } = graph.forward(x, {
			training: true,
			seed,
			step,
		});
		const measured = measure(
			options.loss,
			output.dataSync() as Float32Array,
			labels,
		);
		if (!measured.losses.every(Number.isFinite)) return measured;
		const gradient = lossGradient(options.loss, measured, labels);
		optimizer.step(
			backward(tf.tensor(gradient, output.shape)),
			options.learning_rate,
		);
		return measured;
	});
}

function refuseEmpty(rows: Rows, split: string): void {
	if (rows.labels.length === 0)
		throw new RunError("no-rows", `the ${split} split has no readable photo`, {
			fix: `put photos into the ${split} split, or look at why all were skipped (data.on_corrupt)`,
		});
}

function diverged(
	{ options }: FitInput,
	epoch: number,
	step: number,
	batch?: Batch,
): RunError {
	if (batch && !batch.features.every(Number.isFinite))
		return new RunError(
			"features-not-finite",
			`epoch ${epoch}, step ${step + 1}: the features hold values that are not finite, so nothing can be learned from them`,
			{
				fix: "check that preprocessing and weights belong to this network (`graft features FILE` shows what it computes)",
			},
		);
	const rate = options.learning_rate;
	return new RunError(
		"diverged",
		`the loss is not finite any more in epoch ${epoch} after step ${step}, at learning rate ${rate}`,
		{
			fix: `lower train.learning_rate (try ${Number((rate / 10).toPrecision(3))})`,
		},
	);
}
