import type { LabelledRows } from "../features/rows.ts";
import { crossValidate } from "../train/classical/cross-validate.ts";

/** Neighbours that vote, and folds of the photos. */
const NEIGHBOURS = 5;
const FOLDS = 5;

/**
 * Share of photos whose class their nearest neighbours by cosine tell, each asked without its own fold: how well features
 * separate the classes, nothing being learnt. Photos alone in their class are never told right.
 * @returns undefined where there are too few photos, or one class.
 */
export function neighbourAccuracy(
	rows: LabelledRows,
	numClasses: number,
	seed: number,
): number | undefined {
	const n = rows.labels.length;
	if (n < 4 || new Set(rows.labels).size < 2) return undefined;
	const knn = {
		n_neighbors: NEIGHBOURS,
		metric: "cosine",
		weights: "distance",
		temperature: 0.07,
		standardize: false,
	} as const;
	return crossValidate({
		...{ rows, numClasses, seed, head: { knn } },
		...{ folds: Math.min(FOLDS, n), repeats: 1 },
	}).accuracy;
}
