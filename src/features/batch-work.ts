import type { Pixels } from "../data/types.ts";
import { sizeOf } from "../model/dtypes.ts";
import type { BatchOrder, BatchReport, Job, Trouble } from "./messages.ts";
import type { PhotoWork } from "./photo-work.ts";
import type { Prefix } from "./prefix.ts";
import { failureOf, readPhoto } from "./read-photo.ts";

/** A photo whose decoding has begun. */
interface Begun {
	readonly order: BatchOrder;
	readonly job: Job;
	readonly decoded: Promise<Pixels>;
}

/**
 * One worker's part of the batches of a training.
 *
 *   next photo of the batch ─ file ─ decode ─ transforms ─ network? ─ its row in the batch
 *            ↑ (one number in shared memory)                            │
 *            └──────────────────────────────────────────────────────────┘
 *
 * It reads the files itself and asks the main thread for nothing: that thread may be inside a training step, which
 * does not give way before it ends.
 * @returns does what is left of a batch; `following` is the batch after it, if there is one already: its first photo is
 *   read and decoded while the last of this one is transformed
 */
export function openBatchWork(
	prefix: Prefix,
	{ decode, transformed, compute, batchSize }: PhotoWork,
): (
	order: BatchOrder,
	following: () => BatchOrder | undefined,
) => Promise<BatchReport> {
	const inputLength = sizeOf(prefix.inputShape);
	const rowLength = sizeOf(prefix.featureShape);
	/** float32 [batchSize, …inputShape]; past the photos that wait lie others: a row does not depend on who is beside it. */
	const inputs = new Float32Array(batchSize * inputLength);
	let ahead: Begun | undefined;

	function take(order: BatchOrder | undefined): Begun | undefined {
		if (order === undefined) return undefined;
		const job = order.jobs[Atomics.add(order.next, 0, 1)];
		if (job === undefined) return undefined;
		const decoded = decode(job, readPhoto(job));
		// A failure is met when its turn comes.
		decoded.catch(() => undefined);
		return { order, job, decoded };
	}

	return async (order, following) => {
		const troubles: Trouble[] = [];
		let done = 0;
		let waiting: number[] = [];

		async function runNetwork(): Promise<void> {
			const rows = waiting;
			waiting = [];
			if (rows.length === 0) return;
			try {
				const features = await compute(inputs);
				rows.forEach((row, index) => {
					const from = index * rowLength;
					const values = features.subarray(from, from + rowLength);
					order.target.set(values, row * rowLength);
				});
			} catch (error) {
				troubles.push(failureOf(error, undefined));
			}
		}

		let current = ahead?.order === order ? ahead : take(order);
		ahead = undefined;
		while (current !== undefined) {
			const after = take(order);
			if (after === undefined) ahead = take(following());
			const input = await transformed(current.job, current.decoded);
			done++;
			if (input instanceof Float32Array) {
				inputs.set(input, waiting.length * inputLength);
				waiting.push(current.job.row);
				if (waiting.length === batchSize) await runNetwork();
			} else troubles.push(input);
			current = after;
		}
		await runNetwork();
		return { type: "batch", batch: order.batch, done, troubles };
	};
}
