import type { Sample } from "../data/types.ts";
import type { Neighbours } from "./similar.ts";
import type { Outlier } from "./types.ts";

/** Median absolute deviations above the median; 6 leaves about one in a billion of a normal distribution. */
const FAR = 6;

/** Neighbours whose distance is averaged. */
export const OUTLIER_NEIGHBOURS = 5;

/** Photos far from all others: mean cosine distance to the nearest ones, against the spread of that distance. */
export function findOutliers(
	contents: readonly Sample[],
	neighbours: readonly Neighbours[],
): readonly Outlier[] {
	if (contents.length < 4 * OUTLIER_NEIGHBOURS) return [];
	const distances = neighbours.map(({ cosines }) => {
		const near = [...cosines.subarray(0, OUTLIER_NEIGHBOURS)];
		return 1 - near.reduce((sum, cosine) => sum + cosine, 0) / near.length;
	});
	const middle = median(distances);
	// 1.4826: of a normal distribution the standard deviation.
	const spread =
		1.4826 * median(distances.map((distance) => Math.abs(distance - middle)));
	return contents
		.map((sample, row) => ({
			sample,
			distance: distances[row] as number,
			score: spread > 0 ? ((distances[row] as number) - middle) / spread : 0,
		}))
		.filter(({ score }) => score > FAR)
		.sort((a, b) => b.score - a.score);
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const half = Math.floor(sorted.length / 2);
	return sorted.length % 2 === 1
		? (sorted[half] as number)
		: ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}
