import { sizeOf } from "../model/dtypes.ts";
import { random } from "../random.ts";
import type { Rows } from "./types.ts";

/** Which rows come together, and their numbers side by side. */

/** One batch, its rows in the order drawn. */
export interface Batch {
	/** float32 [n, ...shape]; overwritten by the next batch. */
	readonly features: Float32Array;
	readonly labels: Int32Array;
	/** float32 [n, k], what a photo's outputs shall be, where that is more than its label: several labels, or a mix of two photos. */
	readonly targets?: Float32Array;
}

/**
 * The batches of one epoch: rows shuffled by random(seed, "shuffle", epoch), the last batch smaller where
 * the count does not divide (torch's DataLoader with shuffle and without drop_last).
 */
export function* shuffledBatches(
	rows: Rows,
	batchSize: number,
	seed: number,
	epoch: number,
): Generator<Batch> {
	const order = random(seed, "shuffle", epoch).permutation(rows.labels.length);
	yield* gathered(rows, batchSize, order);
}

/** All rows in their order, `batchSize` at a time. */
export function* batchesInOrder(
	rows: Rows,
	batchSize: number,
): Generator<Batch> {
	const width = widthOf(rows);
	for (let start = 0; start < rows.labels.length; start += batchSize) {
		const end = Math.min(start + batchSize, rows.labels.length);
		yield {
			features: rows.features.subarray(start * width, end * width),
			labels: rows.labels.subarray(start, end),
		};
	}
}

function* gathered(
	rows: Rows,
	batchSize: number,
	order: Uint32Array,
): Generator<Batch> {
	const width = widthOf(rows);
	const buffer = new Float32Array(Math.min(batchSize, order.length) * width);
	for (let start = 0; start < order.length; start += batchSize) {
		const chosen = order.subarray(start, start + batchSize);
		const labels = new Int32Array(chosen.length);
		chosen.forEach((row, place) => {
			const from = row * width;
			buffer.set(rows.features.subarray(from, from + width), place * width);
			labels[place] = rows.labels[row];
		});
		yield { features: buffer.subarray(0, chosen.length * width), labels };
	}
}

/** Numbers in one row. */
export function widthOf({ shape }: Rows): number {
	return sizeOf(shape);
}
