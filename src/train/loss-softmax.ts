import type { Loss } from "./loss.ts";

/**
 * The criteria of one label a photo that are sums over log-probabilities: cross_entropy, nll, and the softmax
 * form of focal. What a row adds, and its gradient by the row's outputs, before the division by the weights' sum.
 *
 * With weights w, smoothing e and target t (one-hot, or mixed) a row adds sum_c w[c] T[c] f(log p[c]),
 * T = (1 - e) t + e/k (https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html);
 * f is -log p, of focal -(1 - p)^gamma log p (Lin et al., "Focal Loss for Dense Object Detection", 2017, eq. 4,
 * with softmax in place of the sigmoid; the paper's alpha_t are the class weights).
 */

/** What one photo with a label adds to the criterion's sum. @param shift log-probabilities are outputs minus this */
export function labelTerm(
	{ name, labelSmoothing: share, classWeights, gamma = 0 }: Loss,
	outputs: Float32Array,
	label: number,
	shift: number,
): number {
	const negative = shift - outputs[label];
	const weight = classWeights?.[label] ?? 1;
	if (name === "focal") return weight * focal(-negative, gamma);
	const own = weight * negative;
	if (share === 0) return own;
	let all = 0;
	for (let column = 0; column < outputs.length; column++)
		all += (classWeights?.[column] ?? 1) * (shift - outputs[column]);
	return (1 - share) * own + (share / outputs.length) * all;
}

/** What one photo with a share of each class adds. */
export function mixedTerm(
	loss: Loss,
	outputs: Float32Array,
	targets: Float32Array,
	shift: number,
): number {
	const { name, gamma = 0 } = loss;
	let sum = 0;
	for (let column = 0; column < outputs.length; column++) {
		const log = outputs[column] - shift;
		const part = name === "focal" ? focal(log, gamma) : -log;
		const share = shareOf(loss, targets[column], outputs.length, column);
		if (share > 0) sum += share * part;
	}
	return sum;
}

/** Gradient of `labelTerm` by the outputs, over `weight`, into `gradient`. */
export function labelGradient(
	loss: Loss,
	outputs: Float32Array,
	probabilities: Float32Array,
	label: number,
	weight: number,
	gradient: Float32Array,
): void {
	const { labelSmoothing: share, classWeights, name } = loss;
	const k = outputs.length;
	const own = classWeights?.[label] ?? 1;
	if (name === "focal") {
		const hot = new Float32Array(k);
		hot[label] = 1;
		const shift = shiftOf(outputs);
		mixedGradient(loss, outputs, probabilities, hot, shift, weight, gradient);
		return;
	}
	// The target's sum: what the softmax's part of the gradient is multiplied by.
	let whole = own;
	if (share > 0) {
		whole = (1 - share) * own;
		for (let column = 0; column < k; column++)
			whole += (share / k) * (classWeights?.[column] ?? 1);
	}
	for (let column = 0; column < k; column++) {
		const spread = share > 0 ? (share / k) * (classWeights?.[column] ?? 1) : 0;
		const target = (column === label ? (1 - share) * own : 0) + spread;
		const softmax = name === "nll" ? 0 : probabilities[column] * whole;
		gradient[column] = (softmax - target) / weight;
	}
}

/** Gradient of `mixedTerm` by the outputs, over `weight`, into `gradient`. */
export function mixedGradient(
	loss: Loss,
	outputs: Float32Array,
	probabilities: Float32Array,
	targets: Float32Array,
	shift: number,
	weight: number,
	gradient: Float32Array,
): void {
	const { name, gamma = 0 } = loss;
	const k = outputs.length;
	let whole = 0;
	const slopes = new Float64Array(k);
	for (let column = 0; column < k; column++) {
		const share = shareOf(loss, targets[column], k, column);
		if (share === 0) continue;
		const slope =
			name === "focal" ? focalSlope(outputs[column] - shift, gamma) : -1;
		slopes[column] = share * slope;
		whole += slopes[column];
	}
	// nll is given log-probabilities: no softmax lies between.
	if (name === "nll") whole = 0;
	for (let column = 0; column < k; column++)
		gradient[column] =
			(slopes[column] - probabilities[column] * whole) / weight;
}

/** log sum exp of a row: logits minus this are log-probabilities. */
export function shiftOf(outputs: Float32Array): number {
	let largest = outputs[0];
	for (const output of outputs) if (output > largest) largest = output;
	let sum = 0;
	for (const output of outputs) sum += Math.exp(output - largest);
	return largest + Math.log(sum);
}

/** w[c] T[c]. */
function shareOf(
	{ labelSmoothing, classWeights }: Loss,
	target: number,
	k: number,
	column: number,
): number {
	const smooth = (1 - labelSmoothing) * target + labelSmoothing / k;
	return smooth * (classWeights?.[column] ?? 1);
}

/** -(1 - p)^gamma log p. */
function focal(log: number, gamma: number): number {
	return -((-Math.expm1(log)) ** gamma) * log;
}

/** p times the derivative of `focal` by p. */
function focalSlope(log: number, gamma: number): number {
	const other = -Math.expm1(log);
	// At p = 1 both parts vanish, but for gamma = 0.
	if (other === 0) return gamma === 0 ? -1 : 0;
	return gamma * Math.exp(log) * other ** (gamma - 1) * log - other ** gamma;
}
