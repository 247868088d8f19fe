import type { Batch } from "./batches.ts";

/** A batch in parts of at most `rows` photos, in its order: views, no copies. */
export function microBatches(batch: Batch, rows: number): readonly Batch[] {
	const n = batch.labels.length;
	if (n <= rows) return [batch];
	return Array.from({ length: Math.ceil(n / rows) }, (_, part) => {
		const from = part * rows;
		return rowsOf(batch, from, Math.min(from + rows, n));
	});
}

function rowsOf(batch: Batch, from: number, to: number): Batch {
	const n = batch.labels.length;
	const cut = (values: Float32Array) => {
		const width = values.length / n;
		return values.subarray(from * width, to * width);
	};
	return {
		...batch,
		features: cut(batch.features),
		labels: batch.labels.subarray(from, to),
		...(batch.targets && { targets: cut(batch.targets) }),
	};
}
