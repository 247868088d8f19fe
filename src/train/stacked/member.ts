import type { OptimizerChoice } from "../../experiment/types.ts";
import type { Tensor } from "../../model/types.ts";
import type { ParameterGroup } from "../../plan/groups.ts";
import { type StoppingWatch, watchStopping } from "../early-stopping.ts";
import { evaluate } from "../evaluate.ts";
import { endEvent, endOf, type FitResult } from "../fit-end.ts";
import { diverged } from "../fit-errors.ts";
import { type OpenRates, openRates } from "../groups.ts";
import { type Loss, lossGradient, measure, openLoss, sumOf } from "../loss.ts";
import type { RateOf } from "../optimizers/state.ts";
import { watched } from "../plateau.ts";
import type { EpochEvent, FitEnd, Rows, StepEvent } from "../types.ts";
import { clipMatrices } from "./clip.ts";
import {
	type Batch,
	backward,
	forward,
	type OpenHead,
	openHead,
	valuesOf,
} from "./head.ts";
import type { Kernel, Matrix } from "./kernel/kernel.ts";
import type { Scratch } from "./scratch.ts";
import type { Head } from "./stack-key.ts";
import { stacksWith } from "./stackable-options.ts";
import { openStep, type Step } from "./steps.ts";
import type { FailedEvent, StackedMember } from "./types.ts";

/** One head in training: what `fit` remembers of a run, for a batch or an epoch at a time. */
export interface OpenMember {
	readonly member: StackedMember;
	/** That the head tells apart. */
	readonly classes: number;
	/** One optimizer step. After "failed" the member is over. */
	readonly train: (
		batch: LabelledBatch,
		epoch: number,
	) => StepEvent | FailedEvent;
	/** Writes the outputs for these valid photos down; `from` is the first one's row. */
	readonly look: (batch: Batch, from: number) => void;
	/** After `look` at all valid photos. The end follows the last epoch. */
	readonly endEpoch: (
		epoch: number,
		durationMs: number,
	) => readonly (EpochEvent | FitEnd | FailedEvent)[];
}

/** Photos to train on, with their labels. */
export interface LabelledBatch extends Batch {
	readonly labels: Int32Array;
	/** float32 [n, k]: of several labels, or of mixed photos. */
	readonly targets?: Float32Array;
	/** float32 [n, d] as the rows have them. */
	readonly features: Float32Array;
}

/** Whose rows. */
export interface MemberRows {
	readonly trainRows: Rows;
	readonly validRows: Rows;
	readonly classNames: readonly string[];
}

/** Sums of an epoch that is going on. */
interface Sums {
	terms: number;
	weight: number;
	right: number;
	learningRate: number;
}

/** Puts a member into the kernel's memory. */
export function openMember(
	kernel: Kernel,
	scratch: Scratch,
	member: StackedMember,
	shape: Head,
	{ trainRows, validRows, classNames }: MemberRows,
): OpenMember {
	const { options } = member;
	if (!stacksWith(options))
		throw new Error("internal: the kernel does not know these options");
	const head = openHead(kernel, shape, member.weights);
	const steps = openSteps(kernel, head, scratch, member);
	const classes = shape.layers.at(-1)?.outFeatures ?? 0;
	const photos = trainRows.labels.length;
	const loss: Loss = openLoss(
		options.loss,
		trainRows.labels,
		classes,
		classNames,
		trainRows.targets,
	);
	const schedule: OpenRates = openRates(
		options,
		member.groups,
		Math.ceil(photos / options.batch_size),
	);
	const stopping: StoppingWatch = watchStopping(options.early_stopping);
	const validOutputs = new Float32Array(validRows.labels.length * classes);
	const batchOutputs = new Float32Array(scratch.photos * classes);
	let taken = 0;
	let sums: Sums = noSums();
	let best: FitResult | undefined;

	function train(batch: LabelledBatch, epoch: number): StepEvent | FailedEvent {
		const outputs = batchOutputs.subarray(0, batch.rows * classes);
		forward(kernel, head, scratch, batch, outputs);
		const measured = measure(loss, outputs, batch.labels, batch.targets);
		const terms = sumOf(measured.terms);
		const mean = terms / measured.weight;
		if (!Number.isFinite(mean))
			return { type: "failed", error: diverged(member, epoch, taken, batch) };
		const learningRate = schedule.rateAt(epoch, taken);
		const gradient = lossGradient(loss, measured, batch.labels, batch.targets);
		backward(kernel, head, scratch, batch, outputs, gradient);
		steps(schedule.ratesAt(epoch, taken));
		taken++;
		sums.terms += terms;
		sums.weight += measured.weight;
		sums.right += measured.right;
		sums.learningRate = learningRate;
		return { type: "step", epoch, step: taken, loss: mean, learningRate };
	}

	function look(batch: Batch, from: number): void {
		const end = (from + batch.rows) * classes;
		const outputs = validOutputs.subarray(from * classes, end);
		forward(kernel, head, scratch, batch, outputs);
	}

	function endEpoch(
		epoch: number,
		durationMs: number,
	): readonly (EpochEvent | FitEnd | FailedEvent)[] {
		const valid = evaluate(
			loss,
			validOutputs,
			validRows.labels,
			validRows.targets,
		);
		if (!Number.isFinite(valid.loss))
			return [{ type: "failed", error: diverged(member, epoch, taken) }];
		const event: EpochEvent = {
			type: "epoch",
			epoch,
			step: taken,
			trainLoss: sums.terms / sums.weight,
			trainAccuracy: sums.right / photos,
			validLoss: valid.loss,
			validAccuracy: valid.accuracy,
			learningRate: sums.learningRate,
			durationMs,
		};
		sums = noSums();
		schedule.endEpoch(epoch, watched(event));
		const seen = stopping.see(watched(event));
		const now = () => ({ epoch, valid, trained: trainedOf(head, member) });
		if (seen.isBest && options.early_stopping?.restore_best) best = now();
		const asked = member.onEpoch?.(event) === "stop";
		const ended = endOf(asked, seen.stop, epoch >= options.epochs);
		if (ended === undefined) return [event];
		const kept = asked ? undefined : best;
		return [event, endEvent(kept ?? now(), epoch, ended, [0, 0])];
	}

	return { member, classes, train, look, endEpoch };
}

function noSums(): Sums {
	return { terms: 0, weight: 0, right: 0, learningRate: 0 };
}

/** One step of every parameter, by the gradients in the scratch; from the last layer to the first, as `fit` goes. */
function openSteps(
	kernel: Kernel,
	head: OpenHead,
	scratch: Scratch,
	{ options, groups }: StackedMember,
): (rateOf: RateOf) => void {
	const learning = head.layers
		.flatMap(({ weight, bias }, index) => {
			const room = scratch.layers[index];
			const own = [{ parameter: weight, gradient: room.weight }];
			if (bias && room.bias) own.push({ parameter: bias, gradient: room.bias });
			return [own];
		})
		.reverse()
		.flat()
		.map(({ parameter, gradient }) => ({
			gradient,
			name: parameter.name,
			step: openStep(
				kernel,
				parameter.value,
				decaying(options.optimizer, groups, parameter.name),
			) as Step,
		}));
	const gradients = learning.map(({ gradient }) => gradient);
	return (rateOf) => {
		clipMatrices(gradients, options);
		for (const { gradient, step, name } of learning)
			step(gradient, rateOf(name).learningRate);
	};
}

/** The optimizer with the weight decay of a parameter's group. */
function decaying(
	optimizer: OptimizerChoice,
	groups: readonly ParameterGroup[] | undefined,
	name: string,
): OptimizerChoice {
	const group = groups?.find(({ parameters }) => parameters.includes(name));
	if (group === undefined) return optimizer;
	const [[kind, options]] = Object.entries(optimizer) as [[string, object]];
	const { weightDecay: weight_decay } = group;
	return { [kind]: { ...options, weight_decay } } as unknown as OptimizerChoice;
}

/** The parameters as they are now, in the order of `trainable`. */
function trainedOf(
	{ layers }: OpenHead,
	{ trainable }: StackedMember,
): ReadonlyMap<string, Tensor> {
	const matrices = new Map<string, Matrix>();
	const vectors = new Set<string>();
	for (const { weight, bias } of layers) {
		matrices.set(weight.name, weight.value);
		if (bias === undefined) continue;
		matrices.set(bias.name, bias.value);
		vectors.add(bias.name);
	}
	return new Map(
		trainable.map((name): [string, Tensor] => {
			const matrix = matrices.get(name);
			if (!matrix) throw new Error(`internal: "${name}" is not in the head`);
			const { rows, columns } = matrix;
			const shape = vectors.has(name) ? [columns] : [rows, columns];
			return [name, { dtype: "float32", shape, data: valuesOf(matrix) }];
		}),
	);
}
