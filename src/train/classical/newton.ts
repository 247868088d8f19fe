import { dot, gathered, gramOf, productOfRows, transposed } from "./matrix.ts";

/**
 * The squared hinge to the last digit: which photos are inside the margin changes a few times, and between these changes
 * the function is a parabola whose end one solve gives (Keerthi and DeCoste, A Modified Finite Newton Method for Fast
 * Solution of Large Scale Linear SVMs, JMLR 2005).
 */
export interface HingeProblem {
	/** float64 [n, r] */
	readonly z: Float64Array;
	readonly r: number;
	/** 1 for the class, 0 for the rest. */
	readonly sides: Int32Array;
	/** float64 [n], C included. */
	readonly weights: Float64Array;
}

const MOST_STEPS = 60;

/**
 * ½‖w‖² + Σ weight · max(0, 1 - y f)² → smallest, from a w that is near.
 * @param tolerance as `SmoothProblem.tolerance`.
 */
export function polish(
	{ z, r, sides, weights }: HingeProblem,
	start: Float64Array,
	tolerance: number,
): Float64Array {
	const n = sides.length;
	let w = start;
	let state = lookAt(w);
	for (let step = 0; step < MOST_STEPS; step++) {
		const length = Math.sqrt(dot(w, 0, w, 0, r));
		if (norm(state.gradient) <= tolerance * Math.max(1, length)) break;
		const inside = Int32Array.from(
			state.short.reduce<number[]>((rows, short, row) => {
				if (short > 0) rows.push(row);
				return rows;
			}, []),
		);
		const target =
			inside.length === 0
				? new Float64Array(r)
				: vertex(gathered(z, r, inside), r, inside, sides, weights);
		let t = 1;
		let next = target;
		let seen = lookAt(next);
		while (seen.value > state.value && t > 1e-6) {
			t /= 2;
			next = w.map((value, j) => value + t * (target[j] - value));
			seen = lookAt(next);
		}
		if (seen.value > state.value) break;
		w = next;
		state = seen;
	}
	return w;

	/** Value and gradient; short: how far each photo is inside the margin. */
	function lookAt(at: Float64Array) {
		const short = productOfRows(z, n, at, 1, r);
		const gradient = at.slice();
		let value = dot(at, 0, at, 0, r) / 2;
		for (let i = 0; i < n; i++) {
			const y = sides[i] === 1 ? 1 : -1;
			short[i] = 1 - y * short[i];
			if (!(short[i] > 0)) continue;
			value += weights[i] * short[i] * short[i];
			const slope = -2 * weights[i] * y * short[i];
			for (let j = 0; j < r; j++) gradient[j] += slope * z[i * r + j];
		}
		return { value, gradient, short };
	}
}

/** Where the parabola of these photos ends: by their inner products, or by those of the coordinates if these are fewer. */
function vertex(
	x: Float64Array,
	r: number,
	rows: Int32Array,
	sides: Int32Array,
	weights: Float64Array,
): Float64Array {
	const n = rows.length;
	const y = Float64Array.from(rows, (row) => (sides[row] === 1 ? 1 : -1));
	if (n <= r) {
		// (X Xᵀ + 1 / 2c) b = y, w = Xᵀ b
		const k = gramOf(x, n, r);
		rows.forEach((row, i) => {
			k[i * n + i] += 1 / (2 * weights[row]);
		});
		return productOfRows(transposed(x, n, r), r, solveCholesky(k, n, y), 1, n);
	}
	// (1 + Xᵀ 2c X) w = Xᵀ 2c y
	const scaled = x.slice();
	rows.forEach((row, i) => {
		const root = Math.sqrt(2 * weights[row]);
		for (let j = 0; j < r; j++) scaled[i * r + j] *= root;
		y[i] *= root;
	});
	const columns = transposed(scaled, n, r);
	const k = gramOf(columns, r, n);
	for (let j = 0; j < r; j++) k[j * r + j] += 1;
	return solveCholesky(k, r, productOfRows(columns, r, y, 1, n));
}

/** The solution of a x = b, `a` symmetric and positive definite; `a` is overwritten by its factor. */
function solveCholesky(
	a: Float64Array,
	n: number,
	b: Float64Array,
): Float64Array {
	for (let i = 0; i < n; i++)
		for (let j = 0; j <= i; j++) {
			const rest = a[i * n + j] - dot(a, i * n, a, j * n, j);
			a[i * n + j] = i === j ? Math.sqrt(rest) : rest / a[j * n + j];
		}
	const x = b.slice();
	for (let i = 0; i < n; i++)
		x[i] = (x[i] - dot(a, i * n, x, 0, i)) / a[i * n + i];
	for (let i = n - 1; i >= 0; i--) {
		x[i] /= a[i * n + i];
		for (let j = 0; j < i; j++) x[j] -= a[i * n + j] * x[i];
	}
	return x;
}

function norm(values: Float64Array): number {
	return Math.sqrt(dot(values, 0, values, 0, values.length));
}
