import type { LinearFit, TrainSet } from "./linear.ts";
import { mirrored } from "./logistic.ts";
import { productOfRows, transposed } from "./matrix.ts";
import { coordinates } from "./space.ts";

/** A ridge regression whose every alpha is at hand. */
export interface RidgePath {
	/** Weights and bias for this alpha. */
	readonly at: (alpha: number) => LinearFit;
	/** Share right and mean squared error of photos left out one by one, exactly, without fitting again. */
	readonly leaveOneOut: (alpha: number) => {
		readonly accuracy: number;
		readonly loss: number;
	};
}

/**
 * sklearn.linear_model.RidgeClassifier: least squares on ±1 a class, ½ alpha ‖w‖² beside it, the bias free. With
 * X = T Vᵀ, T's columns orthogonal with squares λ, every alpha is W = V (Λ + alpha)⁻¹ Tᵀ Y, and a left-out photo's
 * residual is e / (1 - h), h = Σ t² / (λ + alpha) + weight share (Rifkin and Lippert, Notes on Regularized Least
 * Squares, 2007). Photo weights enter as √weight on both sides.
 */
export function openRidge(train: TrainSet): RidgePath {
	const { z, r, labels, classes, weights } = train;
	const n = labels.length;
	const m = classes === 2 ? 1 : classes;
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	const zMean = new Float64Array(r);
	const yMean = new Float64Array(m);
	const y = new Float64Array(n * m);
	for (let i = 0; i < n; i++) {
		const share = weights[i] / total;
		for (let j = 0; j < r; j++) zMean[j] += share * z[i * r + j];
		for (let c = 0; c < m; c++) {
			y[i * m + c] = labels[i] === (m === 1 ? 1 : c) ? 1 : -1;
			yMean[c] += share * y[i * m + c];
		}
	}
	const x = new Float64Array(n * r);
	const yw = new Float64Array(n * m);
	for (let i = 0; i < n; i++) {
		const root = Math.sqrt(weights[i]);
		for (let j = 0; j < r; j++) x[i * r + j] = root * (z[i * r + j] - zMean[j]);
		for (let c = 0; c < m; c++)
			yw[i * m + c] = root * (y[i * m + c] - yMean[c]);
	}
	const { z: t, axes, r: q } = coordinates(x, n, r);
	const squares = new Float64Array(q);
	for (let i = 0; i < n; i++)
		for (let j = 0; j < q; j++) squares[j] += t[i * q + j] ** 2;
	// Tᵀ Y, float64 [m, q]
	const ty = productOfRows(transposed(yw, n, m), m, transposed(t, n, q), q, n);

	/** Weights along the axes, float64 [m, q]. */
	function along(alpha: number): Float64Array {
		const out = ty.slice();
		for (let c = 0; c < m; c++)
			for (let j = 0; j < q; j++) out[c * q + j] /= squares[j] + alpha || 1;
		return out;
	}

	function at(alpha: number): LinearFit {
		const weight = productOfRows(along(alpha), m, transposed(axes, q, r), r, q);
		const bias = yMean.slice();
		for (let c = 0; c < m; c++)
			for (let j = 0; j < r; j++) bias[c] -= weight[c * r + j] * zMean[j];
		return m === 1 ? mirrored(weight, bias, 1) : { weight, bias };
	}

	function leaveOneOut(alpha: number) {
		const fitted = productOfRows(t, n, along(alpha), m, q);
		let loss = 0;
		let right = 0;
		for (let i = 0; i < n; i++) {
			let own = weights[i] / total;
			for (let j = 0; j < q; j++)
				own += t[i * q + j] ** 2 / (squares[j] + alpha || 1);
			const root = Math.sqrt(weights[i]);
			const free = Math.max(1 - own, 1e-12);
			let best = 0;
			let largest = Number.NEGATIVE_INFINITY;
			for (let c = 0; c < m; c++) {
				const residual = (yw[i * m + c] - fitted[i * m + c]) / free / root;
				loss += residual * residual;
				const decision = y[i * m + c] - residual;
				if (decision > largest) {
					largest = decision;
					best = c;
				}
			}
			const predicted = m === 1 ? (largest > 0 ? 1 : 0) : best;
			if (predicted === labels[i]) right++;
		}
		return { accuracy: right / n, loss: loss / (n * m) };
	}

	return { at, leaveOneOut };
}
