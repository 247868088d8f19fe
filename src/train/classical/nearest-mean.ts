import type { NearestMeanOptions } from "../../experiment/classical-types.ts";
import { dot, productOfRows } from "./matrix.ts";
import { unitRows } from "./neighbours.ts";

/** DINO's temperature: how sharply cosines become probabilities. */
const TEMPERATURE = 0.07;

/** The mean of each class, and what is said of photos by it. */
export interface NearestMean {
	/** float64 [k, d]; zeros for a class without a photo. */
	readonly means: Float64Array;
	/** float64 [n, k]: the larger, the nearer; softmax gives probabilities. */
	readonly decisions: (rows: Float64Array, count: number) => Float64Array;
	/** Of the euclidean kind, the same as W x + b. */
	readonly linear:
		| { readonly weight: Float64Array; readonly bias: Float64Array }
		| undefined;
}

/**
 * The nearest class mean. Euclidean is sklearn.neighbors.NearestCentroid; its decisions are those of normal
 * distributions with one variance s² for all classes and features, x·m / s² - ½ |m|² / s². Cosine takes rows of length 1
 * and compares directions, cos / 0.07.
 */
export function openNearestMean(
	x: Float64Array,
	n: number,
	d: number,
	labels: Int32Array,
	numClasses: number,
	{ metric }: NearestMeanOptions,
): NearestMean {
	const isCosine = metric === "cosine";
	const rows = isCosine ? unitRows(x, n, d) : x;
	const means = new Float64Array(numClasses * d);
	const counts = new Int32Array(numClasses);
	for (let i = 0; i < n; i++) {
		counts[labels[i]]++;
		for (let j = 0; j < d; j++) means[labels[i] * d + j] += rows[i * d + j];
	}
	for (let c = 0; c < numClasses; c++)
		for (let j = 0; j < d; j++) means[c * d + j] /= counts[c] || 1;

	const directions = isCosine ? unitRows(means, numClasses, d) : means;
	const factor = isCosine
		? 1 / TEMPERATURE
		: 1 / varianceAround(rows, n, d, labels, means, counts);
	const weight = directions.map((value) => value * factor);
	const bias = Float64Array.from(counts, (count, c) =>
		count === 0
			? Number.NEGATIVE_INFINITY
			: isCosine
				? 0
				: (-factor * dot(means, c * d, means, c * d, d)) / 2,
	);

	function decisions(asked: Float64Array, count: number): Float64Array {
		const moved = isCosine ? unitRows(asked, count, d) : asked;
		const out = productOfRows(moved, count, weight, numClasses, d);
		for (let i = 0; i < count; i++)
			for (let c = 0; c < numClasses; c++) out[i * numClasses + c] += bias[c];
		return out;
	}

	return { means, decisions, linear: isCosine ? undefined : { weight, bias } };
}

/** Mean squared distance from the class mean, a feature; 1 where there is none. */
function varianceAround(
	x: Float64Array,
	n: number,
	d: number,
	labels: Int32Array,
	means: Float64Array,
	counts: Int32Array,
): number {
	let sum = 0;
	for (let i = 0; i < n; i++)
		for (let j = 0; j < d; j++)
			sum += (x[i * d + j] - means[labels[i] * d + j]) ** 2;
	const free = n - counts.filter((count) => count > 0).length;
	return free > 0 && sum > 0 ? sum / (free * d) : 1;
}
