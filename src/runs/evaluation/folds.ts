import { studentQuantile } from "../distributions.ts";

/** What several folds say of a number: its mean and how sure it is. */
export interface FoldMean {
	readonly mean: number;
	/** Standard deviation over the folds. */
	readonly spread: number;
	/** 95 %, undefined below two folds. */
	readonly low: number | undefined;
	readonly high: number | undefined;
}

/**
 * Folds share most of their training photos, so their scores are alike and a plain interval is too narrow: the variance
 * of the mean is s² (1/J + held/train) (Nadeau and Bengio, Machine Learning 52, 2003).
 *
 * @param scores one a fold and repeat. @param ratio held-out photos over training photos, 1/(folds-1).
 */
export function foldMean(scores: readonly number[], ratio: number): FoldMean {
	const n = scores.length;
	const mean = scores.reduce((a, b) => a + b, 0) / n;
	if (n < 2) return { mean, spread: 0, low: undefined, high: undefined };
	const variance =
		scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (n - 1);
	const half =
		studentQuantile(0.025, n - 1) * Math.sqrt(variance * (1 / n + ratio));
	return {
		mean,
		spread: Math.sqrt(variance),
		low: Math.max(0, mean - half),
		high: Math.min(1, mean + half),
	};
}
