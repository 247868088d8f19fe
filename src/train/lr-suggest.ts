import type { RatePoint } from "./lr-finder.ts";

/** Learning rates that a range test speaks for. */
export interface RateSuggestions {
	/** About the middle of the longest valley: fastai's default. */
	readonly valley: number;
	/** Where the smoothed loss falls fastest over the logarithm of the rate. */
	readonly steepest: number;
}

/** Points that are left out at the ends, where the mean is young or the loss runs away: fastai's a tenth of all, and 5. */
const LAST = 5;

/**
 * fastai's `valley` and `steep` (fastai 2.7, fastai/callback/schedule.py).
 * @param steps of the whole range, taken or not
 * @returns undefined where the points are too few, or the loss falls nowhere
 */
export function suggestRates(
	points: readonly RatePoint[],
	steps: number,
): RateSuggestions | undefined {
	const kept = points.slice(Math.floor(steps / 10), -LAST);
	if (kept.length < 3) return undefined;
	const rates = kept.map(({ learningRate }) => learningRate);
	const losses = kept.map(({ smooth }) => smooth);
	const steepest = rates[steepestOf(rates, losses)];
	const valley = rates[valleyOf(losses)];
	const falls = Math.min(...losses) < (losses[0] ?? 0);
	if (!falls || steepest === undefined || valley === undefined)
		return undefined;
	return { valley, steepest };
}

/** Index of the least slope of the loss over the rate's logarithm. */
function steepestOf(
	rates: readonly number[],
	losses: readonly number[],
): number {
	let [least, at] = [Number.POSITIVE_INFINITY, 0];
	for (let index = 0; index + 1 < losses.length; index++) {
		const rise = (losses[index + 1] ?? 0) - (losses[index] ?? 0);
		const run = Math.log((rates[index + 1] ?? 1) / (rates[index] ?? 1));
		if (rise / run < least) [least, at] = [rise / run, index];
	}
	return at;
}

/** Halfway through the longest falling subsequence, as fastai counts it: after a third, and half a third more. */
function valleyOf(losses: readonly number[]): number {
	const lengths = losses.map(() => 1);
	let [start, end] = [0, 0];
	for (let i = 1; i < losses.length; i++)
		for (let j = 0; j < i; j++) {
			const isLower = (losses[i] ?? 0) < (losses[j] ?? 0);
			const longer = (lengths[j] ?? 0) + 1;
			if (isLower && (lengths[i] ?? 0) < longer) lengths[i] = longer;
			if ((lengths[end] ?? 0) < (lengths[i] ?? 0)) {
				end = i;
				start = end - (lengths[end] ?? 0);
			}
		}
	const third = (end - start) / 3;
	return Math.max(0, start + Math.floor(third) + Math.floor(third / 2));
}
