/** Rows of features as directions, and their nearest neighbours by cosine. */

/** Float32 [n, d] with rows of length 1. A row of zeros stays. */
export function directions(
	features: Float32Array,
	n: number,
	d: number,
): Float32Array {
	const unit = new Float32Array(n * d);
	for (let row = 0; row < n; row++) {
		let sum = 0;
		for (let i = row * d; i < (row + 1) * d; i++) sum += features[i] ** 2;
		const factor = sum > 0 ? 1 / Math.sqrt(sum) : 0;
		for (let i = row * d; i < (row + 1) * d; i++)
			unit[i] = features[i] * factor;
	}
	return unit;
}

/** A row's neighbours, nearest first. */
export interface Neighbours {
	readonly rows: Int32Array;
	/** -1 … 1. */
	readonly cosines: Float32Array;
}

/**
 * The `count` nearest rows of each row, itself left out; ties by row. Compares all pairs once, in tiles that stay in
 * the processor's cache.
 */
export function nearestRows(
	unit: Float32Array,
	n: number,
	d: number,
	count: number,
): readonly Neighbours[] {
	const k = Math.min(count, n - 1);
	const rows = Array.from({ length: n }, () => new Int32Array(k).fill(-1));
	const cosines = Array.from({ length: n }, () =>
		new Float32Array(k).fill(Number.NEGATIVE_INFINITY),
	);
	const keep = (row: number, other: number, cosine: number) => {
		const own = cosines[row] as Float32Array;
		if (k === 0 || !(cosine > (own[k - 1] as number))) return;
		const ids = rows[row] as Int32Array;
		let place = k - 1;
		while (place > 0 && cosine > (own[place - 1] as number)) {
			own[place] = own[place - 1] as number;
			ids[place] = ids[place - 1] as number;
			place--;
		}
		own[place] = cosine;
		ids[place] = other;
	};
	const tile = Math.max(4, Math.floor(100_000 / d));
	for (let a = 0; a < n; a += tile)
		for (let b = a; b < n; b += tile)
			for (let i = a; i < Math.min(n, a + tile); i++)
				for (let j = Math.max(b, i + 1); j < Math.min(n, b + tile); j++) {
					const cosine = dot(unit, i * d, j * d, d);
					keep(i, j, cosine);
					keep(j, i, cosine);
				}
	return rows.map((ids, row) => ({
		rows: ids,
		cosines: cosines[row] as Float32Array,
	}));
}

function dot(x: Float32Array, a: number, b: number, d: number): number {
	let s0 = 0;
	let s1 = 0;
	let s2 = 0;
	let s3 = 0;
	let t = 0;
	for (; t + 3 < d; t += 4) {
		s0 += x[a + t] * x[b + t];
		s1 += x[a + t + 1] * x[b + t + 1];
		s2 += x[a + t + 2] * x[b + t + 2];
		s3 += x[a + t + 3] * x[b + t + 3];
	}
	for (; t < d; t++) s0 += x[a + t] * x[b + t];
	return s0 + s1 + (s2 + s3);
}
