import { coordinates } from "../train/classical/space.ts";

/**
 * LogME, how well features explain labels: the largest log evidence that a Bayesian linear model gives the one-hot labels,
 * mean over classes, a photo. You et al. 2021, "LogME: Practical Assessment of Pre-trained Models for Transfer Learning",
 * ICML, equation 2 and algorithm 1 (fixed-point steps for the prior's α and the noise's β).
 *
 *   log p(y|F) = D/2 log α + n/2 log β - 1/2 Σ log(α + β σ²) - β/2 |F m - y|² - α/2 |m|² - n/2 log 2π
 *
 * The features are taken as they are. Higher is better; values of features of different length D may be compared, which is
 * what the evidence is for. The same input gives the same bytes.
 * @param x float64 [n, d], finite
 * @param labels [n], 0 … numClasses-1; a class without photos does not count
 */
export function logMe(
	x: Float64Array,
	n: number,
	d: number,
	labels: Int32Array,
	numClasses: number,
): number {
	const { z, r } = coordinates(x, n, d);
	const squares = new Float64Array(r);
	for (let i = 0; i < n; i++)
		for (let j = 0; j < r; j++) squares[j] += z[i * r + j] ** 2;
	let sum = 0;
	let classes = 0;
	for (let c = 0; c < numClasses; c++) {
		const along = new Float64Array(r);
		let count = 0;
		for (let i = 0; i < n; i++) {
			if (labels[i] !== c) continue;
			count++;
			for (let j = 0; j < r; j++) along[j] += z[i * r + j];
		}
		if (count === 0) continue;
		for (let j = 0; j < r; j++)
			along[j] = squares[j] > 0 ? along[j] / Math.sqrt(squares[j]) : 0;
		sum += evidence(squares, along, count, n, d);
		classes++;
	}
	return sum / classes;
}

/** As the authors' code: keeps both denominators from 0. */
const EPSILON = 1e-5;
const STEPS = 11;
const SETTLED = 0.01;

/**
 * Of one class, divided by n.
 * @param squares squared singular values of F, those above 0
 * @param along Uᵀ y: the labels along the left singular vectors
 * @param length |y|²
 */
function evidence(
	squares: Float64Array,
	along: Float64Array,
	length: number,
	n: number,
	d: number,
): number {
	let [alpha, beta, ratio] = [1, 1, 1];
	let [weights, error] = [0, 0];
	const outside = Math.max(
		0,
		length - along.reduce((sum, u) => sum + u * u, 0),
	);
	for (let step = 0; step < STEPS; step++) {
		let gamma = 0;
		weights = 0;
		error = outside;
		squares.forEach((square, j) => {
			const held = alpha + beta * square;
			gamma += square / (square + ratio);
			weights += (beta * beta * square * along[j] ** 2) / held ** 2;
			error += ((alpha * along[j]) / held) ** 2;
		});
		alpha = gamma / (weights + EPSILON);
		beta = (n - gamma) / (error + EPSILON);
		const next = alpha / beta;
		if (Math.abs(next - ratio) / ratio < SETTLED) break;
		ratio = next;
	}
	let spread = (d - squares.length) * Math.log(alpha);
	for (const square of squares) spread += Math.log(alpha + beta * square);
	const whole =
		(d / 2) * Math.log(alpha) +
		(n / 2) * Math.log(beta) -
		spread / 2 -
		(beta / 2) * (error + EPSILON) -
		(alpha / 2) * (weights + EPSILON) -
		(n / 2) * Math.log(2 * Math.PI);
	return whole / n;
}
