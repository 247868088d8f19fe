import type { LossChoice } from "../experiment/types.ts";
import { classWeightsOf, posWeightOf } from "./class-weights.ts";
import { hingeGradient, hingeTerm } from "./loss-hinge.ts";
import {
	sigmoid,
	sigmoidGradient,
	sigmoidTerm,
	softplus,
} from "./loss-sigmoid.ts";
import {
	labelGradient,
	labelTerm,
	mixedGradient,
	mixedTerm,
	shiftOf,
} from "./loss-softmax.ts";

/**
 * Losses as torch.nn defines them (reduction "mean"), computed in float64 from the network's float32 outputs.
 * They work on plain arrays: [n, k] is small, and evaluation, training and prediction share one definition.
 *
 *   one label a photo   cross_entropy, nll, focal (loss-softmax.ts), bce of one-hot targets (loss-sigmoid.ts), hinge
 *   several             bce, focal (loss-sigmoid.ts)
 */
export type LossName = "cross_entropy" | "nll" | "bce" | "focal" | "hinge";

/** A loss with its numbers. */
export interface Loss {
	readonly name: LossName;
	/** 0: none. */
	readonly labelSmoothing: number;
	/** Per class; undefined: all 1. */
	readonly classWeights: Float64Array | undefined;
	/** Whether a photo may have several labels: each class is then answered by itself. Undefined: no. */
	readonly multiLabel?: boolean;
	/** bce: per class, how much a photo that has it counts against one that has not; undefined: as much. */
	readonly posWeight?: Float64Array;
	/** focal. */
	readonly gamma?: number;
	/** focal of several labels; undefined: both sides count 1. */
	readonly alpha?: number;
	/** hinge. */
	readonly margin?: number;
	readonly p?: 1 | 2;
}

/** What the outputs of one batch are worth. */
export interface BatchLoss {
	/**
	 * Per photo, natural log, whatever smoothing and weights: the negative log-probability of its label; of several
	 * labels the mean of the classes' (of those it has and those it has not).
	 */
	readonly losses: Float64Array;
	/** Per photo, its part of the criterion's sum: smoothed and weighted; the same array as `losses` without either. */
	readonly terms: Float64Array;
	/** What the sum of `terms` is divided by: the labels' weights where the loss is a weighted mean, else the photos. */
	readonly weight: number;
	/** Per photo, the class with the largest output; of equal ones the first, as torch.argmax. */
	readonly predicted: Int32Array;
	/** float32 [n, k], 0 … 1: softmax of the logits, each row's sum 1; on multi-label data the sigmoid of each. */
	readonly probabilities: Float32Array;
	/** Photos right; of several labels each photo counts the share of its classes that are right (threshold 0.5). */
	readonly right: number;
	/** As they were given: what the gradient is made of. */
	readonly outputs: Float32Array;
}

/**
 * The loss that the file names.
 * @param labels of all photos that are trained on: what `balanced` counts.
 * @param targets of multi-label photos, 0 or 1, [n, k]
 */
export function openLoss(
	choice: LossChoice,
	labels: Int32Array,
	numClasses: number,
	classNames: readonly string[],
	targets?: Float32Array,
): Loss {
	const weightsOf = (given: Parameters<typeof classWeightsOf>[0]) =>
		classWeightsOf(given, labels, numClasses, classNames);
	const common = {
		labelSmoothing: 0,
		...(targets !== undefined && { multiLabel: true }),
	};
	if ("nll" in choice)
		return {
			...common,
			name: "nll",
			classWeights: weightsOf(choice.nll.class_weights),
		};
	if ("bce" in choice) {
		const { label_smoothing, class_weights, pos_weight } = choice.bce;
		const posWeight = posWeightOf(
			pos_weight,
			{ labels, ...(targets && { targets }) },
			numClasses,
			classNames,
		);
		return {
			...common,
			name: "bce",
			labelSmoothing: label_smoothing,
			classWeights: weightsOf(class_weights),
			...(posWeight && { posWeight }),
		};
	}
	if ("focal" in choice) {
		const { gamma, alpha = 0.25, class_weights } = choice.focal;
		return {
			...common,
			name: "focal",
			gamma,
			...(targets && alpha >= 0 && { alpha }),
			classWeights: weightsOf(class_weights),
		};
	}
	if ("hinge" in choice) {
		const { margin, p, class_weights } = choice.hinge;
		return {
			...common,
			...{ name: "hinge", margin, p },
			classWeights: weightsOf(class_weights),
		};
	}
	return {
		...common,
		name: "cross_entropy",
		labelSmoothing: choice.cross_entropy.label_smoothing,
		classWeights: weightsOf(choice.cross_entropy.class_weights),
	};
}

/**
 * Loss, prediction and probabilities of each row. nll takes log-probabilities, all others take logits.
 * @param outputs float32 [n, k], row-major.
 * @param labels n class indices, 0 … k-1; of multi-label photos not looked at.
 * @param targets float32 [n, k], 0 … 1: what a photo shall be called, where that is more than its label
 */
export function measure(
	loss: Loss,
	outputs: Float32Array,
	labels: Int32Array,
	targets?: Float32Array,
): BatchLoss {
	const n = labels.length;
	const k = outputs.length / n;
	const losses = new Float64Array(n);
	const predicted = new Int32Array(n);
	const probabilities = new Float32Array(outputs.length);
	const terms = isPlain(loss, targets) ? losses : new Float64Array(n);
	let right = 0;
	for (let row = 0; row < n; row++) {
		const own = outputs.subarray(row * k, row * k + k);
		const said = probabilities.subarray(row * k, row * k + k);
		const target = targets?.subarray(row * k, row * k + k);
		const best = largestOf(own);
		predicted[row] = best;
		if (loss.multiLabel) {
			if (target === undefined)
				throw new Error("internal: multi-label rows without targets");
			for (let column = 0; column < k; column++) {
				said[column] = sigmoid(own[column]);
				losses[row] += crossEntropy(own[column], target[column]) / k;
				if (isThere(said[column]) === target[column] >= 0.5) right += 1 / k;
			}
			terms[row] = sigmoidTerm(loss, own, (column) => target[column]);
			continue;
		}
		const label = labels[row];
		if (!(label >= 0 && label < k))
			throw new Error(`internal: label ${label} of ${k} classes`);
		const shift = loss.name === "nll" ? 0 : shiftOf(own);
		for (let column = 0; column < k; column++)
			said[column] = Math.exp(own[column] - shift);
		losses[row] = shift - own[label];
		if (best === label) right++;
		if (terms !== losses) terms[row] = termOf(loss, own, label, target, shift);
	}
	const weight = weightOf(loss, labels, targets);
	return { losses, terms, weight, predicted, probabilities, right, outputs };
}

/** Whether a multi-label network says that a class is there: above one half, as torchmetrics and Keras have it. */
export function isThere(probability: number): boolean {
	return probability > 0.5;
}

function termOf(
	loss: Loss,
	outputs: Float32Array,
	label: number,
	target: Float32Array | undefined,
	shift: number,
): number {
	if (loss.name === "hinge") return hingeTerm(loss, outputs, label);
	if (loss.name === "bce")
		return sigmoidTerm(loss, outputs, targetOf(label, target));
	return target === undefined
		? labelTerm(loss, outputs, label, shift)
		: mixedTerm(loss, outputs, target, shift);
}

/** One-hot, unless it is said. */
function targetOf(label: number, target: Float32Array | undefined) {
	return target === undefined
		? (column: number) => (column === label ? 1 : 0)
		: (column: number) => target[column];
}

/** Whether a photo's part of the criterion is the negative log-probability of its label. */
function isPlain(loss: Loss, targets: Float32Array | undefined): boolean {
	const { name, labelSmoothing, classWeights } = loss;
	return (
		(name === "cross_entropy" || name === "nll") &&
		targets === undefined &&
		labelSmoothing === 0 &&
		classWeights === undefined
	);
}

/** torch divides by the labels' weights where there are labels, by the photos where there are shares of classes. */
function weightOf(
	{ name, classWeights, multiLabel }: Loss,
	labels: Int32Array,
	targets: Float32Array | undefined,
): number {
	const isMean = name === "bce" || name === "hinge" || multiLabel;
	if (classWeights === undefined || targets !== undefined || isMean)
		return labels.length;
	let sum = 0;
	for (const label of labels) sum += classWeights[label];
	return sum;
}

function crossEntropy(x: number, target: number): number {
	return target * softplus(-x) + (1 - target) * softplus(x);
}

function largestOf(outputs: Float32Array): number {
	let best = 0;
	for (let column = 1; column < outputs.length; column++)
		if (outputs[column] > outputs[best]) best = column;
	return best;
}

/** The criterion: sum of the terms over what they are divided by. */
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
	{ probabilities, weight, outputs }: BatchLoss,
	labels: Int32Array,
	targets?: Float32Array,
): Float32Array {
	const gradient = new Float32Array(outputs.length);
	const k = outputs.length / labels.length;
	for (let row = 0; row < labels.length; row++) {
		const part = (of: Float32Array) => of.subarray(row * k, row * k + k);
		const [own, said, into] = [outputs, probabilities, gradient].map(part);
		const target = targets && part(targets);
		const label = labels[row];
		if (loss.name === "hinge") hingeGradient(loss, own, label, weight, into);
		else if (loss.name === "bce" || loss.multiLabel)
			sigmoidGradient(loss, own, targetOf(label, target), weight, into);
		else if (target === undefined)
			labelGradient(loss, own, said, label, weight, into);
		else
			mixedGradient(
				loss,
				own,
				said,
				target,
				loss.name === "nll" ? 0 : shiftOf(own),
				weight,
				into,
			);
	}
	return gradient;
}
