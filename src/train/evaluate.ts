import type { Tf } from "../engine/backend.ts";
import type { CompiledGraph } from "../engine/tfjs/compile.ts";
import { scoped } from "../engine/tfjs/scoped.ts";
import { type Batch, batchesInOrder, widthOf } from "./batches.ts";
import { isOutOfMemory, tooLarge } from "./fit-errors.ts";
import { type BatchLoss, type Loss, meanLoss, measure } from "./loss.ts";
import { microBatches } from "./micro-batch.ts";
import type { Rows } from "./types.ts";

/** How good a network is on rows with known labels. */
export interface Evaluation extends BatchLoss {
	/** The criterion over the rows. */
	readonly loss: number;
	/** Share of rows right, of multi-label rows the share of their labels, 0 … 1. */
	readonly accuracy: number;
}

/** Numbers that are uploaded at once: bounds memory, and is the same on every machine. */
const CHUNK = 4_000_000;

/** @param outputs float32 [n, k], what the loss takes; n at least 1. */
export function evaluate(
	loss: Loss,
	outputs: Float32Array,
	labels: Int32Array,
	targets?: Float32Array,
): Evaluation {
	const measured = measure(loss, outputs, labels, targets);
	return {
		...measured,
		loss: meanLoss(measured),
		accuracy: measured.right / labels.length,
	};
}

/** How many predictions equal their label. */
export function countRight(predicted: Int32Array, labels: Int32Array): number {
	return labels.reduce(
		(count, label, row) => count + (predicted[row] === label ? 1 : 0),
		0,
	);
}

/** The network's outputs for all rows in order, float32 [n, k]; gives way to the event loop through `pause`. */
export async function outputsOf(
	tf: Tf,
	graph: CompiledGraph,
	rows: Rows,
	pause: () => Promise<void>,
): Promise<Float32Array> {
	const parts: Float32Array[] = [];
	const forward = ({ features, labels }: Batch) =>
		scoped(tf, () => {
			const x = tf.tensor(features, [labels.length, ...rows.shape]);
			return graph
				.forward(x, { training: false, seed: 0, step: 0 })
				.output.dataSync() as Float32Array;
		});
	let atOnce = Math.max(1, Math.min(256, Math.floor(CHUNK / widthOf(rows))));
	for (const batch of batchesInOrder(rows, atOnce)) {
		await pause();
		const left = [...microBatches(batch, atOnce)];
		for (let part = left.shift(); part; part = left.shift())
			try {
				parts.push(forward(part));
			} catch (error) {
				if (!isOutOfMemory(error)) throw error;
				if (part.labels.length === 1) throw tooLarge(error);
				atOnce = Math.ceil(part.labels.length / 2);
				left.unshift(...microBatches(part, atOnce));
			}
	}
	const all = new Float32Array(
		parts.reduce((sum, { length }) => sum + length, 0),
	);
	let place = 0;
	for (const part of parts) {
		all.set(part, place);
		place += part.length;
	}
	return all;
}
