import type { CorruptPhoto, Sample } from "../data/types.ts";
import { sizeOf } from "../model/dtypes.ts";

/** Rows of features by photo content, without labels or splits. */
export interface FeatureSet {
	/** Of one row. */
	readonly shape: readonly number[];
	/** float32 [n, …shape]. */
	readonly data: Float32Array;
	/** sha256 of a photo → its row in `data`. Corrupt photos have none. */
	readonly rowOf: ReadonlyMap<string, number>;
	/** Photos that could not be decoded, each path, in the order asked for. */
	readonly corrupt: readonly CorruptPhoto[];
	/** Rows that came from the cache, and rows that were computed. */
	readonly cached: number;
	readonly computed: number;
}

/**
 * The rows of these samples, in their order: float32 [samples, …shape]. A view on the set where its rows
 * lie in that order already, else a copy.
 * @throws Error "internal:" for a sample without a row.
 */
export function rowsFor(
	set: FeatureSet,
	samples: readonly Pick<Sample, "path" | "sha256">[],
): Float32Array {
	const length = sizeOf(set.shape);
	const rows = samples.map(({ path, sha256 }) => {
		const row = set.rowOf.get(sha256);
		if (row === undefined)
			throw new Error(`internal: no features were computed for ${path}`);
		return row;
	});
	const [first = 0] = rows;
	if (rows.every((row, index) => row === first + index))
		return set.data.subarray(first * length, (first + rows.length) * length);
	const data = new Float32Array(rows.length * length);
	rows.forEach((row, index) => {
		const from = row * length;
		data.set(set.data.subarray(from, from + length), index * length);
	});
	return data;
}
