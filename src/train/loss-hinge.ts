import type { Loss } from "./loss.ts";

/**
 * torch.nn.MultiMarginLoss: sum over the other classes of w[y] max(0, margin - x[y] + x[c])^p / k
 * (https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html). Weights do not enter the division.
 */

/** What one photo adds. */
export function hingeTerm(
	{ classWeights, margin = 1, p = 1 }: Loss,
	outputs: Float32Array,
	label: number,
): number {
	let sum = 0;
	for (let column = 0; column < outputs.length; column++) {
		if (column === label) continue;
		const short = margin - outputs[label] + outputs[column];
		if (!(short <= 0)) sum += p === 1 ? short : short * short;
	}
	return ((classWeights?.[label] ?? 1) * sum) / outputs.length;
}

/** Gradient of `hingeTerm` by the outputs, over `weight`, into `gradient`. */
export function hingeGradient(
	{ classWeights, margin = 1, p = 1 }: Loss,
	outputs: Float32Array,
	label: number,
	weight: number,
	gradient: Float32Array,
): void {
	const unit = (classWeights?.[label] ?? 1) / (outputs.length * weight);
	let own = 0;
	for (let column = 0; column < outputs.length; column++) {
		if (column === label) continue;
		const short = margin - outputs[label] + outputs[column];
		const slope = short > 0 ? unit * (p === 1 ? 1 : 2 * short) : 0;
		gradient[column] = slope;
		own -= slope;
	}
	gradient[label] = own;
}
