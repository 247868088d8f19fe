import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../engine/backend.ts";
import type { CompiledGraph } from "../engine/tfjs/compile.ts";
import type { Parameters } from "../engine/tfjs/parameters.ts";
import { scoped } from "../engine/tfjs/scoped.ts";
import { openAccumulator } from "./accumulate.ts";
import type { Batch } from "./batches.ts";
import { clipGradients } from "./clip.ts";
import { isOutOfMemory, tooLarge } from "./fit-errors.ts";
import type { OpenRates } from "./groups.ts";
import { type Loss, lossGradient, measure, sumOf } from "./loss.ts";
import { microBatches } from "./micro-batch.ts";
import type { Optimizer, RateOf } from "./optimizers/state.ts";
import type { FitInput } from "./types.ts";

/**
 * One optimizer step.
 *
 *   batch ─┬─ micro-batch ─ forward ─ loss ─ backward ─┐
 *          ├─ micro-batch ─ …                          ├─ add up ─ clip ─ optimizer ─ average of the weights
 *          └─ …                                        ┘
 */

/** What trains: the network on the device, and what changes it. */
export interface Trainer {
	readonly tf: Tf;
	readonly graph: CompiledGraph;
	readonly parameters: Parameters;
	readonly optimizer: Optimizer;
	readonly loss: Loss;
	readonly schedule: OpenRates;
	readonly pause: () => Promise<void>;
	/** Called after each optimizer step, within its tf.tidy: an average of the weights looks at them. */
	readonly afterStep?: () => void;
	/** Photos that pass the network at once. Smaller than a batch, its gradients are added up; the step stays the same. */
	microBatch: number;
	/** Whether it was said that the micro-batch has become smaller. */
	isWarned?: boolean;
}

/** What the outputs before the step were worth. */
export interface StepSums {
	/** The criterion's sum over the batch, and the weight that it is divided by. */
	readonly sum: number;
	readonly weight: number;
	/** Photos right; see BatchLoss. */
	readonly right: number;
}

/** The step that is taken. */
export interface StepMoment {
	readonly seed: number;
	/** Optimizer steps taken before, in all epochs and phases: names the random numbers. */
	readonly step: number;
	readonly rateOf: RateOf;
}

/** Takes one step. A loss that is not finite changes nothing. @param shape of one row */
export function trainStep(
	trainer: Trainer,
	{ options }: Pick<FitInput, "options">,
	batch: Batch,
	shape: readonly number[],
	moment: StepMoment,
): StepSums {
	const { tf, optimizer, afterStep } = trainer;
	return scoped(tf, () => {
		const parts = microBatches(batch, trainer.microBatch);
		const sums = { sum: 0, weight: 0, right: 0 };
		const whole = openAccumulator(tf);
		let gradients: ReadonlyMap<string, Tensor> | undefined;
		let before = 0;
		for (const part of parts) {
			const isSole = parts.length === 1;
			const passed = throughNetwork(
				trainer,
				part,
				shape,
				moment,
				isSole ? undefined : before,
			);
			before += part.labels.length;
			sums.sum += passed.sum;
			sums.weight += passed.weight;
			sums.right += passed.right;
			if (passed.gradients === undefined) return sums;
			if (isSole) gradients = passed.gradients;
			else whole.add(passed.gradients);
		}
		gradients ??= whole.mean(sums.weight);
		const clipped = clipGradients(tf, gradients, options);
		try {
			optimizer.step(clipped, moment.rateOf);
			afterStep?.();
		} catch (error) {
			// Some parameters have taken the step: it cannot be tried again.
			if (isOutOfMemory(error)) throw tooLarge(error, "room for the gradients");
			throw error;
		}
		return sums;
	});
}

interface Passed extends StepSums {
	/** Of the mean loss of a sole part, else of its summed loss; undefined where the loss is not finite. */
	readonly gradients: ReadonlyMap<string, Tensor> | undefined;
}

/** tf.tidy for tensors or nothing, which its type does not know. */
function freed(
	tf: Tf,
	work: () => Tensor[] | undefined,
): readonly Tensor[] | undefined {
	return tf.tidy(work as () => Tensor[]) as Tensor[] | undefined;
}

/**
 * Forward and backward; of what this makes, only the gradients stay.
 * @param before photos of the batch in the parts before; undefined: this is the whole batch
 */
function throughNetwork(
	{ tf, graph, loss }: Trainer,
	{ features, labels, targets }: Batch,
	shape: readonly number[],
	{ seed, step }: StepMoment,
	before: number | undefined,
): Passed {
	const names: string[] = [];
	let sums: StepSums = { sum: Number.NaN, weight: 0, right: 0 };
	const tensors = freed(tf, () => {
		const x = tf.tensor(features, [labels.length, ...shape]);
		const { output, backward } = graph.forward(x, {
			training: true,
			seed,
			step,
			...(before !== undefined && { part: { before, photos: labels.length } }),
		});
		const outputs = output.dataSync() as Float32Array;
		const measured = measure(loss, outputs, labels, targets);
		const { terms, weight, right } = measured;
		sums = { sum: sumOf(terms), weight, right };
		if (!terms.every(Number.isFinite)) return undefined;
		const by = before === undefined ? measured : { ...measured, weight: 1 };
		const gradient = lossGradient(loss, by, labels, targets);
		const gradients = backward(tf.tensor(gradient, output.shape));
		names.push(...gradients.keys());
		return [...gradients.values()];
	});
	const gradients =
		tensors &&
		new Map(names.map((name, index) => [name, tensors[index] as Tensor]));
	return { ...sums, gradients };
}
