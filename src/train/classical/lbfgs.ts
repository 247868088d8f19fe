import type { SmoothLoss } from "./losses.ts";
import { dot, productOfRows, transposed } from "./matrix.ts";

/**
 * ½‖W‖² + Σ weight[i] · loss(W z[i] + b, label[i]) → smallest, by L-BFGS (Nocedal and Wright, Numerical Optimization,
 * 2nd ed., 7.2) with the curvature's diagonal as first guess. Decisions are linear in W, so a step of any length costs
 * one product for its direction and one for the gradient.
 */
export interface SmoothProblem {
	/** float64 [n, r], and the same transposed. */
	readonly z: Float64Array;
	readonly zt: Float64Array;
	readonly r: number;
	readonly labels: Int32Array;
	readonly classes: number;
	/** float64 [n], C included. */
	readonly weights: Float64Array;
	readonly loss: SmoothLoss;
	/** Whether b is there; it is not held back. */
	readonly bias: boolean;
	/** Where to begin: an earlier result. */
	readonly start: Float64Array | undefined;
	/** Stop when the gradient is shorter than this times the length of W (at least 1): W is then that near. */
	readonly tolerance: number;
}

const PAIRS = 12;
const MOST_STEPS = 3000;

/** [W, b] one after the other: float64 [m · r] and [m]. */
export function minimize(problem: SmoothProblem): Float64Array {
	const { z, zt, r, labels, classes, weights, loss, bias } = problem;
	const n = labels.length;
	const m = loss.outputs(classes);
	const inW = m * r;
	const length = inW + (bias ? m : 0);
	const theta = problem.start?.slice() ?? new Float64Array(length);
	const guess = diagonal(problem, m, length);

	const f = new Float64Array(n * m);
	const along = new Float64Array(n * m);
	const tried = new Float64Array(n * m);
	const slope = new Float64Array(n * m);
	const slopeT = new Float64Array(n * m);
	const byRow = new Float64Array(m * r);

	function decisions(at: Float64Array, out: Float64Array): void {
		productOfRows(z, n, at, m, r, out);
		if (!bias) return;
		for (let i = 0; i < n; i++)
			for (let c = 0; c < m; c++) out[i * m + c] += at[inW + c];
	}

	/** Of the whole, from `slope`. */
	function gradientAt(at: Float64Array): Float64Array {
		const g = new Float64Array(length);
		transposed(slope, n, m, slopeT);
		productOfRows(zt, r, slopeT, m, n, byRow);
		transposed(byRow, r, m, g);
		for (let j = 0; j < inW; j++) g[j] += at[j];
		for (let c = 0; c < length - inW; c++)
			for (let i = 0; i < n; i++) g[inW + c] += slope[i * m + c];
		return g;
	}

	decisions(theta, f);
	let value = loss.measure(f, labels, weights, slope) + half(theta, inW);
	let gradient = gradientAt(theta);
	const memory = openMemory(guess);

	for (let step = 0; step < MOST_STEPS; step++) {
		const size = Math.sqrt(dot(theta, 0, theta, 0, inW));
		if (norm(gradient) <= problem.tolerance * Math.max(1, size)) break;
		const direction = memory.direction(gradient);
		const downhill = dot(direction, 0, gradient, 0, length);
		if (!(downhill < 0)) break;
		decisions(direction, along);
		const cross = dot(theta, 0, direction, 0, inW);
		const square = dot(direction, 0, direction, 0, inW);
		const own = half(theta, inW);
		const at = (t: number) => {
			for (let i = 0; i < f.length; i++) tried[i] = f[i] + t * along[i];
			const cost = loss.measure(tried, labels, weights, slope);
			return {
				value: cost + own + t * cross + (t * t * square) / 2,
				slope: dot(slope, 0, along, 0, slope.length) + cross + t * square,
			};
		};
		const found = stepLength(at, value, downhill);
		if (found === undefined) break;
		const moved = new Float64Array(length);
		for (let j = 0; j < length; j++) {
			moved[j] = found.t * direction[j];
			theta[j] += moved[j];
		}
		f.set(tried);
		value = found.value;
		const next = gradientAt(theta);
		memory.add(moved, next, gradient);
		gradient = next;
	}
	return theta;
}

/**
 * Along a convex function: a step where its slope has become much flatter and the value has not risen. The last one
 * tried is the one returned.
 */
function stepLength(
	at: (t: number) => { value: number; slope: number },
	value: number,
	downhill: number,
): { t: number; value: number } | undefined {
	let low = 0;
	let lowSlope = downhill;
	let high: number | undefined;
	let highSlope = 0;
	let t = 1;
	const slack = 1e-12 * Math.abs(value);
	for (let turn = 0; turn < 40; turn++) {
		const here = at(t);
		const flat = here.slope >= 0.9 * downhill && here.slope <= -0.5 * downhill;
		if (flat && here.value <= value + 1e-4 * t * downhill + slack)
			return { t, value: here.value };
		if (here.slope < 0 && here.value <= value + slack) {
			low = t;
			lowSlope = here.slope;
			t = high === undefined ? 2 * t : between(low, lowSlope, high, highSlope);
		} else {
			high = t;
			highSlope = here.slope;
			t = between(low, lowSlope, high, highSlope);
		}
	}
	return undefined;
}

/** Where a straight slope would be flat, not too near to either end. */
function between(
	low: number,
	lowSlope: number,
	high: number,
	highSlope: number,
): number {
	const share = highSlope > 0 ? -lowSlope / (highSlope - lowSlope) : 0.5;
	return low + (high - low) * Math.min(0.9, Math.max(0.1, share));
}

/** Inverse of the curvature's diagonal, float64 [length]. */
function diagonal(
	{ z, r, labels, classes, weights, loss }: SmoothProblem,
	m: number,
	length: number,
): Float64Array {
	const n = labels.length;
	const h = loss.curvature(classes);
	const squares = new Float64Array(r);
	let total = 0;
	for (let i = 0; i < n; i++) {
		total += weights[i];
		for (let j = 0; j < r; j++) squares[j] += weights[i] * z[i * r + j] ** 2;
	}
	const out = new Float64Array(length).fill(1 / (h * total));
	for (let c = 0; c < m; c++)
		for (let j = 0; j < r; j++) out[c * r + j] = 1 / (1 + h * squares[j]);
	return out;
}

/** The last steps and what the gradient did in them. */
function openMemory(guess: Float64Array) {
	const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
	let gamma = 1;

	function direction(gradient: Float64Array): Float64Array {
		const q = gradient.slice();
		const length = q.length;
		const alphas: number[] = [];
		for (let p = pairs.length - 1; p >= 0; p--) {
			const { s, y, rho } = pairs[p];
			const alpha = rho * dot(s, 0, q, 0, length);
			alphas[p] = alpha;
			for (let j = 0; j < length; j++) q[j] -= alpha * y[j];
		}
		for (let j = 0; j < length; j++) q[j] *= gamma * guess[j];
		pairs.forEach(({ s, y, rho }, p) => {
			const rest = alphas[p] - rho * dot(y, 0, q, 0, length);
			for (let j = 0; j < length; j++) q[j] += rest * s[j];
		});
		for (let j = 0; j < length; j++) q[j] = -q[j];
		return q;
	}

	function add(s: Float64Array, next: Float64Array, last: Float64Array): void {
		const y = new Float64Array(s.length);
		let yDy = 0;
		for (let j = 0; j < s.length; j++) {
			y[j] = next[j] - last[j];
			yDy += y[j] * y[j] * guess[j];
		}
		const sy = dot(s, 0, y, 0, s.length);
		if (!(sy > 1e-300) || !(yDy > 0)) return;
		gamma = sy / yDy;
		pairs.push({ s, y, rho: 1 / sy });
		if (pairs.length > PAIRS) pairs.shift();
	}

	return { direction, add };
}

function half(theta: Float64Array, length: number): number {
	return dot(theta, 0, theta, 0, length) / 2;
}

function norm(values: Float64Array): number {
	return Math.sqrt(dot(values, 0, values, 0, values.length));
}
