import { random } from "../../random.ts";
import type { TrainSet } from "./linear.ts";
import { dot } from "./matrix.ts";

/** A photo's place in the sum: 0 ≤ a ≤ C · weight. */
interface Bounds {
	readonly upper: Float64Array;
	readonly sides: Int32Array;
}

const MOST_PASSES = 3000;
/** To compare candidates. */
const ROUGH_PASSES = 200;

/**
 * ½‖w‖² + C Σ weight · max(0, 1 - y f) by dual coordinate descent (Hsieh et al., A Dual Coordinate Descent Method for
 * Large-scale Linear SVM, ICML 2008, algorithm 3 with shrinking): photo by photo in seeded order, w kept along.
 * @param sides 1 for the class, 0 for the rest.
 * @returns weights float64 [r], one a value of C; ends after 3000 passes (liblinear: 1000) if they do not settle.
 */
export function solveHinge(
	{ z, r, weights }: TrainSet,
	sides: Int32Array,
	values: readonly number[],
	tolerance: number,
	seed: number,
): Float64Array[] {
	const n = sides.length;
	const squares = new Float64Array(n);
	for (let i = 0; i < n; i++) squares[i] = dot(z, i * r, z, i * r, r);
	const a = new Float64Array(n);
	let last: number | undefined;
	return values.map((C) => {
		// The solution grows with C where nothing holds it: begin from the last one, grown.
		for (let i = 0; i < n; i++) a[i] *= C / (last ?? C);
		last = C;
		const upper = weights.map((weight) => weight * C);
		const w = new Float64Array(r);
		for (let i = 0; i < n; i++) addTo(w, z, i * r, a[i] * sideOf(sides, i));
		descend(z, r, squares, { upper, sides }, a, w, tolerance, seed);
		return w;
	});
}

function descend(
	z: Float64Array,
	r: number,
	squares: Float64Array,
	{ upper, sides }: Bounds,
	a: Float64Array,
	w: Float64Array,
	tolerance: number,
	seed: number,
): void {
	const n = sides.length;
	const draw = random(seed, "svm");
	let active = Int32Array.from(sides, (_, index) => index);
	let highest = Number.POSITIVE_INFINITY;
	let lowest = Number.NEGATIVE_INFINITY;
	const passes = tolerance < 1e-3 ? MOST_PASSES : ROUGH_PASSES;
	for (let pass = 0; pass < passes; pass++) {
		const order = draw.permutation(active.length);
		const left: number[] = [];
		let most = Number.NEGATIVE_INFINITY;
		let least = Number.POSITIVE_INFINITY;
		for (let turn = 0; turn < order.length; turn++) {
			const i = active[order[turn]];
			const y = sideOf(sides, i);
			const gradient = y * dot(w, 0, z, i * r, r) - 1;
			if (a[i] === 0 && gradient > highest) continue;
			if (a[i] === upper[i] && gradient < lowest) continue;
			left.push(i);
			const projected =
				a[i] === 0
					? Math.min(gradient, 0)
					: a[i] === upper[i]
						? Math.max(gradient, 0)
						: gradient;
			most = Math.max(most, projected);
			least = Math.min(least, projected);
			if (projected === 0 || squares[i] === 0) continue;
			const before = a[i];
			a[i] = Math.min(Math.max(before - gradient / squares[i], 0), upper[i]);
			addTo(w, z, i * r, (a[i] - before) * y);
		}
		if (most - least <= tolerance) {
			if (active.length === n) return;
			active = Int32Array.from(sides, (_, index) => index);
			highest = Number.POSITIVE_INFINITY;
			lowest = Number.NEGATIVE_INFINITY;
			continue;
		}
		active = Int32Array.from(left.sort((p, q) => p - q));
		highest = most <= 0 ? Number.POSITIVE_INFINITY : most;
		lowest = least >= 0 ? Number.NEGATIVE_INFINITY : least;
	}
}

function sideOf(sides: Int32Array, i: number): number {
	return sides[i] === 1 ? 1 : -1;
}

function addTo(
	w: Float64Array,
	z: Float64Array,
	from: number,
	factor: number,
): void {
	if (factor === 0) return;
	for (let j = 0; j < w.length; j++) w[j] += factor * z[from + j];
}
