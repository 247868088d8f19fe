/**
 * Eigenvalues and eigenvectors of a symmetric matrix: Householder's reduction to three diagonals, then QL steps with
 * implicit shifts (Golub and Van Loan, Matrix Computations, 4th ed., 8.3; EISPACK's tql2). About 8 n³ operations.
 */
export interface Eigen {
	/** Descending. */
	readonly values: Float64Array;
	/** float64 [n, n]: row j belongs to values[j]; rows are orthonormal. */
	readonly vectors: Float64Array;
}

/** @param matrix float64 [n, n], symmetric; left as it is. */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
	const a = matrix.slice();
	const diagonal = new Float64Array(n);
	const beside = new Float64Array(n);
	const scales = tridiagonalize(a, n, diagonal, beside);
	const vectors = reflections(a, n, scales);
	diagonalize(diagonal, beside, vectors, n);
	return sorted(diagonal, vectors, n);
}

/**
 * a becomes Q T Qᵀ: T's diagonal and the numbers beside it; column k of `a` below the diagonal keeps the vector of
 * reflection k, whose scale is returned. Only the lower triangle is read.
 */
function tridiagonalize(
	a: Float64Array,
	n: number,
	diagonal: Float64Array,
	beside: Float64Array,
): Float64Array {
	const scales = new Float64Array(n);
	const v = new Float64Array(n);
	const p = new Float64Array(n);
	for (let k = 0; k < n; k++) {
		diagonal[k] = a[k * n + k];
		if (k + 1 >= n) break;
		let rest = 0;
		for (let i = k + 2; i < n; i++) rest += a[i * n + k] ** 2;
		const head = a[(k + 1) * n + k];
		if (rest === 0) {
			beside[k] = head;
			continue;
		}
		const norm = Math.sqrt(head * head + rest);
		const alpha = head > 0 ? -norm : norm;
		const first = head - alpha;
		// v = x - alpha e, scaled so that v[k + 1] = 1; H = I - scale v vᵀ
		const scale = -first / alpha;
		v[k + 1] = 1;
		for (let i = k + 2; i < n; i++) v[i] = a[i * n + k] / first;
		beside[k] = alpha;
		scales[k] = scale;
		p.fill(0, k + 1);
		for (let i = k + 1; i < n; i++) {
			const row = i * n;
			const vi = v[i];
			let sum = 0;
			for (let j = k + 1; j < i; j++) {
				const value = a[row + j];
				sum += value * v[j];
				p[j] += value * vi;
			}
			p[i] += sum + a[row + i] * vi;
		}
		let along = 0;
		for (let i = k + 1; i < n; i++) {
			p[i] *= scale;
			along += p[i] * v[i];
		}
		for (let i = k + 1; i < n; i++) p[i] -= (scale / 2) * along * v[i];
		for (let i = k + 1; i < n; i++) {
			const row = i * n;
			const vi = v[i];
			const pi = p[i];
			for (let j = k + 1; j <= i; j++) a[row + j] -= vi * p[j] + pi * v[j];
		}
		for (let i = k + 1; i < n; i++) a[i * n + k] = v[i];
	}
	return scales;
}

/** Qᵀ as rows: the reflections applied to the identity, the last first. */
function reflections(
	a: Float64Array,
	n: number,
	scales: Float64Array,
): Float64Array {
	const q = new Float64Array(n * n);
	for (let i = 0; i < n; i++) q[i * n + i] = 1;
	const v = new Float64Array(n);
	for (let k = n - 2; k >= 0; k--) {
		const scale = scales[k];
		if (scale === 0) continue;
		for (let i = k + 1; i < n; i++) v[i] = a[i * n + k];
		// Rows of q are columns of Q: H acts along each row.
		for (let row = k + 1; row < n; row++) {
			const start = row * n;
			let sum = 0;
			for (let i = k + 1; i < n; i++) sum += q[start + i] * v[i];
			if (sum === 0) continue;
			sum *= scale;
			for (let i = k + 1; i < n; i++) q[start + i] -= sum * v[i];
		}
	}
	return q;
}

/** Steps after which what is left beside the diagonal counts as rounding of the largest eigenvalue. */
const ROUNDING_TURNS = 30;

/** QL steps until nothing is left beside the diagonal; each turn mixes two rows of `vectors`. */
function diagonalize(
	d: Float64Array,
	e: Float64Array,
	vectors: Float64Array,
	n: number,
): void {
	let largest = 0;
	for (let i = 0; i < n; i++)
		largest = Math.max(largest, Math.abs(d[i]) + Math.abs(e[i]));
	const tiny = Number.EPSILON * largest;
	for (let l = 0; l < n; l++) {
		for (let turn = 0; ; turn++) {
			let m = l;
			while (m < n - 1) {
				const near = Math.abs(d[m]) + Math.abs(d[m + 1]);
				// Of many equal photos the eigenvalues are 0 but for rounding, which no step makes smaller.
				const room = turn < ROUNDING_TURNS ? 1e-3 : 4;
				if (Math.abs(e[m]) <= Number.EPSILON * near + tiny * room) break;
				m++;
			}
			if (m === l) break;
			if (turn > 60) throw new Error("internal: eigenvalues do not settle");
			qlStep(d, e, vectors, n, l, m);
		}
	}
}

function qlStep(
	d: Float64Array,
	e: Float64Array,
	vectors: Float64Array,
	n: number,
	l: number,
	m: number,
): void {
	let g = (d[l + 1] - d[l]) / (2 * e[l]);
	let r = Math.hypot(g, 1);
	g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
	let s = 1;
	let c = 1;
	let p = 0;
	for (let i = m - 1; i >= l; i--) {
		const f = s * e[i];
		const b = c * e[i];
		r = Math.sqrt(f * f + g * g);
		e[i + 1] = r;
		if (r === 0) {
			d[i + 1] -= p;
			e[m] = 0;
			return;
		}
		s = f / r;
		c = g / r;
		g = d[i + 1] - p;
		r = (d[i] - g) * s + 2 * c * b;
		p = s * r;
		d[i + 1] = g + p;
		g = c * r - b;
		turnRows(vectors, n, i, s, c);
	}
	d[l] -= p;
	e[l] = g;
	e[m] = 0;
}

function turnRows(
	vectors: Float64Array,
	n: number,
	i: number,
	s: number,
	c: number,
): void {
	const upper = i * n;
	const lower = upper + n;
	for (let t = 0; t < n; t++) {
		const x = vectors[upper + t];
		const y = vectors[lower + t];
		vectors[lower + t] = s * x + c * y;
		vectors[upper + t] = c * x - s * y;
	}
}

function sorted(values: Float64Array, vectors: Float64Array, n: number): Eigen {
	const order = Int32Array.from(values, (_, index) => index).sort(
		(a, b) => values[b] - values[a] || a - b,
	);
	const rows = new Float64Array(n * n);
	order.forEach((from, to) => {
		rows.set(vectors.subarray(from * n, (from + 1) * n), to * n);
	});
	return {
		values: Float64Array.from(order, (from) => values[from]),
		vectors: rows,
	};
}
