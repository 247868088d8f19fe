import type { LossChoice } from "../experiment/types.ts";
import { classWeightsOf } from "./class-weights.ts";

/**
 * Losses as torch.nn defines them (reduction "mean"), computed in float64 from the network's float32 outputs.
 * They work on plain arrays: [n, k] is small, and evaluation, training and prediction share one definition.
 */
export type LossName = "cross_entropy" | "nll";

/** A loss with its numbers. */
export interface Loss {
	readonly name: LossName;
	/** 0: none. */
	readonly labelSmoothing: number;
	/** Per class; undefined: all 1. */
	readonly classWeights: Float64Array | undefined;
}

/** What the outputs of one batch are worth. */
export interface BatchLoss {
	/** Per photo, natural log: the negative log-probability of its label, whatever smoothing and weights. */
	readonly losses: Float64Array;
	/** Per photo, its part of the criterion's sum: smoothed and weighted; the same array as `losses` without either. */
	readonly terms: Float64Array;
	/** Sum of the labels' weights: what the sum of `terms` is divided by. The number of photos without weights. */
	readonly weight: number;
	/** Per photo, the class with the largest output; of equal ones the first, as torch.argmax. */
	readonly predicted: Int32Array;
	/** float32 [n, k], 0 … 1, each row's sum 1. */
	readonly probabilities: Float32Array;
}

/** The loss that the file names. @param labels of all photos that are trained on: what `balanced` counts. */
export function openLoss(
	choice: LossChoice,
	labels: Int32Array,
	numClasses: number,
	classNames: readonly string[],
): Loss {
	const [name, options] =
		"nll" in choice
			? (["nll", { label_smoothing: 0, ...choice.nll }] as const)
			: (["cross_entropy", choice.cross_entropy] as const);
	return {
		name,
		labelSmoothing: options.label_smoothing,
		classWeights: classWeightsOf(
			options.class_weights,
			labels,
			numClasses,
			classNames,
		),
	};
}

/**
 * Loss, prediction and probabilities of each row.
 * cross_entropy takes logits: log p = x - log sum exp x; nll takes log-probabilities: log p = x. With weights w,
 * smoothing e and label y a photo adds (1 - e) w[y] (-log p[y]) + e/k sum_c w[c] (-log p[c])
 * (https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html).
 * @param outputs float32 [n, k], row-major.
 * @param labels n class indices, 0 … k-1.
 */
export function measure(
	loss: Loss,
	outputs: Float32Array,
	labels: Int32Array,
): BatchLoss {
	const n = labels.length;
	const k = outputs.length / n;
	const losses = new Float64Array(n);
	const predicted = new Int32Array(n);
	const probabilities = new Float32Array(outputs.length);
	const isPlain = loss.labelSmoothing === 0 && loss.classWeights === undefined;
	const terms = isPlain ? losses : new Float64Array(n);
	for (let row = 0; row < n; row++) {
		const start = row * k;
		const label = labels[row];
		if (!(label >= 0 && label < k))
			throw new Error(`internal: label ${label} of ${k} classes`);
		let best = 0;
		for (let column = 1; column < k; column++)
			if (outputs[start + column] > outputs[start + best]) best = column;
		predicted[row] = best;
		const shift = loss.name === "nll" ? 0 : logSumExp(outputs, start, k, best);
		for (let column = 0; column < k; column++)
			probabilities[start + column] = Math.exp(outputs[start + column] - shift);
		losses[row] = shift - outputs[start + label];
		if (!isPlain)
			terms[row] = term(loss, outputs.subarray(start, start + k), label, shift);
	}
	return {
		losses,
		terms,
		weight: weightOf(loss, labels),
		predicted,
		probabilities,
	};
}

/** What one photo adds to the criterion's sum. */
function term(
	{ labelSmoothing: share, classWeights }: Loss,
	outputs: Float32Array,
	label: number,
	shift: number,
): number {
	const own = (classWeights?.[label] ?? 1) * (shift - outputs[label]);
	if (share === 0) return own;
	let all = 0;
	for (let column = 0; column < outputs.length; column++)
		all += (classWeights?.[column] ?? 1) * (shift - outputs[column]);
	return (1 - share) * own + (share / outputs.length) * all;
}

function weightOf({ classWeights }: Loss, labels: Int32Array): number {
	if (classWeights === undefined) return labels.length;
	let sum = 0;
	for (const label of labels) sum += classWeights[label];
	return sum;
}

function logSumExp(
	outputs: Float32Array,
	start: number,
	k: number,
	best: number,
): number {
	const largest = outputs[start + best];
	let sum = 0;
	for (let column = 0; column < k; column++)
		sum += Math.exp(outputs[start + column] - largest);
	return largest + Math.log(sum);
}

/** The criterion: sum of the terms over the sum of the weights. */
export function meanLoss({ terms, weight }: BatchLoss): number {
	return sumOf(terms) / weight;
}

/** From the first to the last. */
export function sumOf(values: Float64Array): number {
	let sum = 0;
	for (const value of values) sum += value;
	return sum;
}

/** Gradient of the batch's mean loss by the outputs: float32 [n, k]. */
export function lossGradient(
	loss: Loss,
	{ probabilities, weight }: BatchLoss,
	labels: Int32Array,
): Float32Array {
	const gradient = new Float32Array(probabilities.length);
	const n = labels.length;
	const k = probabilities.length / n;
	const { labelSmoothing: share, classWeights } = loss;
	const isLogits = loss.name === "cross_entropy";
	for (let row = 0; row < n; row++) {
		const start = row * k;
		const label = labels[row];
		const own = classWeights?.[label] ?? 1;
		// The target's sum: what the softmax's part of the gradient is multiplied by.
		let whole = own;
		if (share > 0) {
			whole = (1 - share) * own;
			for (let column = 0; column < k; column++)
				whole += (share / k) * (classWeights?.[column] ?? 1);
		}
		for (let column = 0; column < k; column++) {
			const spread =
				share > 0 ? (share / k) * (classWeights?.[column] ?? 1) : 0;
			const target = (column === label ? (1 - share) * own : 0) + spread;
			const softmax = isLogits ? probabilities[start + column] * whole : 0;
			gradient[start + column] = (softmax - target) / weight;
		}
	}
	return gradient;
}
