import type { AskedRows, LiveRows } from "../features/live-rows.ts";
import { thisMachine } from "../features/prefix.ts";
import { photosPerStep } from "./accumulate.ts";
import {
	answersOf,
	type Batch,
	mixed,
	numClassesOf,
	trainBatches,
} from "./batches.ts";
import { drawOrder } from "./sampling.ts";
import type { FitInput, TrainRows } from "./types.ts";

/**
 * The batches of a training, one after the other, prepared while the device computes.
 *
 *   step        k        │ k+1      │ k+2      │ …
 *   in memory   k … k+3  │ k+1 … +4 │ k+2 … +5 │     each in shared memory, filled by worker threads
 *
 * A step is one synchronous call of tfjs on this thread, so what is to be done meanwhile is given to the workers before
 * it begins. After the last batch of an epoch those of the next are prepared, while the valid photos pass the network.
 * Rows that are held as a whole need no threads: they are copied side by side just before their step (measured: 32 rows
 * of 1280 numbers 0.03 ms beside a step of 1 ms; of 256 x 14 x 14 0.6 ms beside one of 350). The copy to the device is
 * part of tfjs's first operator on the batch and cannot be begun before the step.
 */
export interface Feed {
	/** Begins to prepare the batches from this place on; what is not asked for then need not be prepared. */
	readonly begin: (epoch: number, skip: number) => void;
	/** Rows of this epoch (1-based, all phases counted), without features where they come batch by batch. */
	readonly rows: (epoch: number) => Promise<TrainRows>;
	/**
	 * The epoch's batches from place `skip` on; what is skipped is not computed. A batch holds until the next is asked for.
	 * Ends early when the signal aborts.
	 */
	readonly batches: (
		rows: TrainRows,
		epoch: number,
		skip: number,
	) => AsyncGenerator<Batch, void>;
	/** Gives up what was prepared for steps that are not taken. */
	readonly close: () => void;
}

/**
 * Batches that are prepared beside the one that is trained on. Whichever is slower, workers or device, two are enough to
 * keep it busy: one that is ready when a step ends, one to work on during the next; the third is for photos that take
 * longer than others. Each holds batch_size x accumulate rows: 32 photos of 224 x 224 are 19 MB.
 */
export const BATCHES_AHEAD = 3;

/** Small batches are prepared further ahead: each worker has a photo under its hands and one that is decoded meanwhile. */
const PHOTOS_A_WORKER = 2;

/** @param lastEpoch after which nothing is prepared; undefined: there is always another */
export function openFeed(
	input: Pick<
		FitInput,
		| "live"
		| "trainRows"
		| "options"
		| "seed"
		| "signal"
		| "classNames"
		| "evalSuffix"
	>,
	lastEpoch?: number,
): Feed {
	const { live, trainRows, options, seed, signal } = input;
	const classes = numClassesOf(input);
	if (live === undefined)
		return {
			begin: () => undefined,
			rows: trainRows,
			async *batches(rows, epoch, skip) {
				if (!("features" in rows))
					throw new Error("internal: rows without features");
				let place = 0;
				for (const batch of trainBatches(rows, options, classes, seed, epoch))
					if (place++ >= skip) yield batch;
			},
			close: () => undefined,
		};
	const queue = openQueue(live, options, seed, lastEpoch);
	return {
		begin: queue.begin,
		rows: () => Promise.resolve(live),
		async *batches(_, epoch, skip) {
			for (let place = skip; ; place++) {
				const asked = queue.at(epoch, place);
				if (asked === undefined) return;
				try {
					const features = await asked.rows.take();
					const batch = { features, ...answersOf(live, asked.chosen) };
					const { shape } = live;
					yield mixed(batch, shape, options, classes, seed, epoch, place);
				} catch (error) {
					if (signal?.aborted && error === signal.reason) return;
					throw error;
				} finally {
					asked.rows.release();
				}
			}
		},
		close: queue.close,
	};
}

/** A batch that was asked for. */
interface Asked {
	readonly epoch: number;
	readonly place: number;
	/** Indices of its rows. */
	readonly chosen: Uint32Array;
	readonly rows: AskedRows;
}

/** Batches on their way, in the order of training. */
function openQueue(
	live: LiveRows,
	options: FitInput["options"],
	seed: number,
	lastEpoch = Number.POSITIVE_INFINITY,
) {
	const photos = photosPerStep(options);
	const workers = thisMachine().cores;
	const ahead = Math.max(
		BATCHES_AHEAD,
		Math.ceil((PHOTOS_A_WORKER * workers) / photos),
	);
	const steps = Math.ceil(live.labels.length / photos);
	let waiting: Asked[] = [];
	let next = { epoch: 0, place: 0 };
	let drawn: { epoch: number; order: Uint32Array } | undefined;

	function orderOf(epoch: number): Uint32Array {
		if (drawn?.epoch !== epoch) {
			const { sampling } = options;
			drawn = { epoch, order: drawOrder(live.labels, sampling, seed, epoch) };
		}
		return drawn.order;
	}

	function fill(most: number): void {
		while (waiting.length < most && next.epoch <= lastEpoch && steps > 0) {
			const { epoch, place } = next;
			const start = place * photos;
			const chosen = orderOf(epoch).subarray(start, start + photos);
			waiting.push({ epoch, place, chosen, rows: live.ask(epoch, chosen) });
			const isLast = place + 1 === steps;
			next = isLast
				? { epoch: epoch + 1, place: 0 }
				: { epoch, place: place + 1 };
		}
	}

	function close(): void {
		for (const { rows } of waiting) rows.release();
		waiting = [];
	}

	function begin(epoch: number, place: number): void {
		const [first] = waiting;
		if (first?.epoch !== epoch || first.place !== place) {
			close();
			next = place < steps ? { epoch, place } : { epoch: epoch + 1, place: 0 };
		}
		fill(ahead + 1);
	}

	return {
		begin,
		/** This batch, which is the caller's now; undefined past the epoch's end. Asks for those after it. */
		at(epoch: number, place: number): Asked | undefined {
			if (place >= steps) return undefined;
			begin(epoch, place);
			return waiting.shift();
		},
		close,
	};
}
