import type { KnnOptions } from "../../experiment/classical-types.ts";
import { dot, productOfRows } from "./matrix.ts";

/** Photos compared at once: bounds memory. */
const CHUNK = 256;

/**
 * Votes of the nearest training photos, sklearn.neighbors.KNeighborsClassifier (algorithm="brute"): of equally near ones
 * the earlier. A vote is 1, or 1 / distance (a photo at distance 0 outvotes all others), or exp(cosine / temperature) as
 * in DINO's evaluation (Caron et al. 2021, eval_knn.py).
 * @param labels 0 … numClasses-1
 * @returns votes(rows): float64 [n, numClasses], each row's sum 1.
 */
export function openNeighbours(
	x: Float64Array,
	n: number,
	d: number,
	labels: Int32Array,
	numClasses: number,
	options: KnnOptions,
): (rows: Float64Array, count: number) => Float64Array {
	const isCosine = options.metric === "cosine";
	const known = isCosine ? unitRows(x, n, d) : x;
	const squares = squaredLengths(known, n, d);
	const k = Math.min(options.n_neighbors, n);

	return (rows, count) => {
		const asked = isCosine ? unitRows(rows, count, d) : rows;
		const votes = new Float64Array(count * numClasses);
		for (let start = 0; start < count; start += CHUNK) {
			const size = Math.min(CHUNK, count - start);
			const part = asked.subarray(start * d, (start + size) * d);
			const products = productOfRows(part, size, known, n, d);
			const own = squaredLengths(part, size, d);
			for (let i = 0; i < size; i++) {
				const distances = products.subarray(i * n, (i + 1) * n);
				for (let j = 0; j < n; j++)
					distances[j] = isCosine
						? Math.max(0, 1 - distances[j])
						: Math.sqrt(Math.max(0, own[i] + squares[j] - 2 * distances[j]));
				const nearest = nearestOf(distances, k);
				const at = (start + i) * numClasses;
				vote(
					votes.subarray(at, at + numClasses),
					nearest,
					distances,
					labels,
					options,
				);
			}
		}
		return votes;
	};
}

function vote(
	votes: Float64Array,
	nearest: Int32Array,
	distances: Float64Array,
	labels: Int32Array,
	{ weights, temperature, metric }: KnnOptions,
): void {
	const zero = distances[nearest[0]] === 0;
	let total = 0;
	for (const j of nearest) {
		let weight = 1;
		if (weights === "distance")
			weight = zero ? (distances[j] === 0 ? 1 : 0) : 1 / distances[j];
		// The nearest one's vote as unit: no overflow, the shares are the same.
		if (weights === "temperature")
			weight = Math.exp(
				(likeness(distances[j], metric) -
					likeness(distances[nearest[0]], metric)) /
					temperature,
			);
		votes[labels[j]] += weight;
		total += weight;
	}
	for (let c = 0; c < votes.length; c++) votes[c] /= total;
}

function likeness(distance: number, metric: KnnOptions["metric"]): number {
	return metric === "cosine" ? 1 - distance : -distance;
}

/** Indices of the k smallest, ascending; of equal ones the earlier first. */
function nearestOf(distances: Float64Array, k: number): Int32Array {
	const best = new Int32Array(k);
	let size = 0;
	for (let j = 0; j < distances.length; j++) {
		if (size === k && !(distances[j] < distances[best[k - 1]])) continue;
		let place = size < k ? size++ : k - 1;
		while (place > 0 && distances[j] < distances[best[place - 1]]) {
			best[place] = best[place - 1];
			place--;
		}
		best[place] = j;
	}
	return best;
}

function squaredLengths(x: Float64Array, n: number, d: number): Float64Array {
	return Float64Array.from({ length: n }, (_, i) => dot(x, i * d, x, i * d, d));
}

/** Each row at length 1; a row of zeros stays. */
export function unitRows(x: Float64Array, n: number, d: number): Float64Array {
	const out = new Float64Array(x.length);
	for (let i = 0; i < n; i++) {
		const length = Math.sqrt(dot(x, i * d, x, i * d, d)) || 1;
		for (let j = 0; j < d; j++) out[i * d + j] = x[i * d + j] / length;
	}
	return out;
}
