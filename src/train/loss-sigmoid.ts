import type { Loss } from "./loss.ts";

/**
 * The criteria that ask of each class by itself whether it is there: bce, and focal on multi-label data.
 * A row adds the mean over its classes, so that the mean over the rows is torch's reduction "mean".
 *
 *   bce    w[c] (pos[c] T softplus(-x) + (1 - T) softplus(x))
 *          https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 *   focal  a (1 - p_t)^gamma bce(x, t), p_t = p t + (1 - p)(1 - t), a = alpha t + (1 - alpha)(1 - t)
 *          https://pytorch.org/vision/stable/generated/torchvision.ops.sigmoid_focal_loss.html
 *
 * Smoothing e: one label a photo, T = (1 - e) t + e/k as timm's BinaryCrossEntropy; several, T = (1 - e) t + e/2 as
 * Keras's BinaryCrossentropy.
 */

/** What one photo adds. @param targets 0 … 1 a class */
export function sigmoidTerm(
	loss: Loss,
	outputs: Float32Array,
	targets: (column: number) => number,
): number {
	const k = outputs.length;
	let sum = 0;
	for (let column = 0; column < k; column++)
		sum +=
			loss.name === "focal"
				? focalOf(loss, outputs[column], targets(column)).value
				: bceOf(loss, outputs[column], targets(column), column, k).value;
	return sum / k;
}

/** Gradient of `sigmoidTerm` by the outputs, over `weight`, into `gradient`. */
export function sigmoidGradient(
	loss: Loss,
	outputs: Float32Array,
	targets: (column: number) => number,
	weight: number,
	gradient: Float32Array,
): void {
	const k = outputs.length;
	for (let column = 0; column < k; column++) {
		const { slope } =
			loss.name === "focal"
				? focalOf(loss, outputs[column], targets(column))
				: bceOf(loss, outputs[column], targets(column), column, k);
		gradient[column] = slope / (k * weight);
	}
}

/** A value and its derivative by the output. */
interface Part {
	readonly value: number;
	readonly slope: number;
}

function bceOf(
	{ labelSmoothing, multiLabel, classWeights, posWeight }: Loss,
	x: number,
	target: number,
	column: number,
	k: number,
): Part {
	const even = labelSmoothing / (multiLabel ? 2 : k);
	const smooth = (1 - labelSmoothing) * target + even;
	const there = smooth * (posWeight?.[column] ?? 1);
	const weight = classWeights?.[column] ?? 1;
	const absent = 1 - smooth;
	return {
		value: weight * (there * softplus(-x) + absent * softplus(x)),
		slope: weight * (sigmoid(x) * (absent + there) - there),
	};
}

function focalOf({ gamma = 0, alpha }: Loss, x: number, t: number): Part {
	const p = sigmoid(x);
	const q = sigmoid(-x);
	const bce = t * softplus(-x) + (1 - t) * softplus(x);
	const balance = alpha === undefined ? 1 : alpha * t + (1 - alpha) * (1 - t);
	// 1 - p_t
	const miss = p * (1 - t) + q * t;
	const value = balance * bce * miss ** gamma;
	const turn =
		miss === 0 ? 0 : bce * gamma * miss ** (gamma - 1) * (2 * t - 1) * p * q;
	return { value, slope: balance * ((p - t) * miss ** gamma - turn) };
}

/** log(1 + exp x), for large x too. */
export function softplus(x: number): number {
	return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** 1 / (1 + exp -x), for large x too. */
export function sigmoid(x: number): number {
	if (x >= 0) return 1 / (1 + Math.exp(-x));
	const e = Math.exp(x);
	return e / (1 + e);
}
