import type { TrainOptions } from "../experiment/types.ts";

/**
 * Losses as torch.nn.functional defines them, computed in float64 from the network's float32 outputs.
 * They work on plain arrays: [n, k] is small, and evaluation, training and prediction share one definition.
 */
export type LossName = TrainOptions["loss"];

/** What the outputs of one batch are worth. */
export interface BatchLoss {
	/** Per photo, natural log. */
	readonly losses: Float64Array;
	/** Per photo, the class with the largest output; of equal ones the first, as torch.argmax. */
	readonly predicted: Int32Array;
	/** float32 [n, k], 0 … 1, each row's sum 1. */
	readonly probabilities: Float32Array;
}

/**
 * Loss, prediction and probabilities of each row.
 * cross_entropy takes logits: -log softmax(x)[label]; nll takes log-probabilities: -x[label].
 * @param outputs float32 [n, k], row-major.
 * @param labels n class indices, 0 … k-1.
 */
export function measure(
	loss: LossName,
	outputs: Float32Array,
	labels: Int32Array,
): BatchLoss {
	const n = labels.length;
	const k = outputs.length / n;
	const losses = new Float64Array(n);
	const predicted = new Int32Array(n);
	const probabilities = new Float32Array(outputs.length);
	for (let row = 0; row < n; row++) {
		const start = row * k;
		const label = labels[row];
		if (!(label >= 0 && label < k))
			throw new Error(`internal: label ${label} of ${k} classes`);
		let best = 0;
		for (let column = 1; column < k; column++)
			if (outputs[start + column] > outputs[start + best]) best = column;
		predicted[row] = best;
		const shift = loss === "nll" ? 0 : logSumExp(outputs, start, k, best);
		for (let column = 0; column < k; column++)
			probabilities[start + column] = Math.exp(outputs[start + column] - shift);
		losses[row] = shift - outputs[start + label];
	}
	return { losses, predicted, probabilities };
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

/** Gradient of the batch's mean loss by the outputs: float32 [n, k]. */
export function lossGradient(
	loss: LossName,
	{ probabilities }: BatchLoss,
	labels: Int32Array,
): Float32Array {
	const n = labels.length;
	const k = probabilities.length / n;
	const gradient = new Float32Array(probabilities.length);
	if (loss === "cross_entropy")
		for (let index = 0; index < gradient.length; index++)
			gradient[index] = probabilities[index] / n;
	for (let row = 0; row < n; row++) {
		const index = row * k + labels[row];
		gradient[index] =
			loss === "cross_entropy" ? (probabilities[index] - 1) / n : -1 / n;
	}
	return gradient;
}
