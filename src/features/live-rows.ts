import { join } from "node:path";
import type { CorruptPhoto, Sample } from "../data/types.ts";
import { RunError } from "../diagnostic.ts";
import { sizeOf } from "../model/dtypes.ts";
import type { OpenPrefix } from "./extract.ts";
import { corruptError, failedError, sizesDiffer } from "./extract-errors.ts";
import type { Trouble } from "./messages.ts";
import type { Filling } from "./worker-pool.ts";

/**
 * Rows that are drawn anew each epoch, batch by batch: no epoch is ever held as a whole.
 *
 *   asked     batch k+1 … k+3 ─ worker threads fill them, photo by photo ─┐
 *   trained on batch k        ─ the device                                ├─ each in shared memory, where it stays
 *                                                                         ┘   until it is released
 *
 * How many are held is the business of whoever asks (src/train/feed.ts). A row depends on its photo, the seed and the
 * epoch alone.
 */
export interface LiveRows {
	/** Of one row. */
	readonly shape: readonly number[];
	/** int32 [n], class indices; -1 with `data.multi_label`. */
	readonly labels: Int32Array;
	/** With `data.multi_label`: float32 [n, classes], 1 where a photo has the class, else 0. */
	readonly targets?: Float32Array;
	/** Begins to compute these rows of an epoch (1-based), behind all that was asked for before. */
	readonly ask: (epoch: number, rows: Uint32Array) => AskedRows;
}

/** A batch on its way. */
export interface AskedRows {
	/**
	 * float32 [rows, …shape], in the order asked; may be written to until it is released.
	 * @throws RunError "corrupt-photo", "sizes-differ", "photo-changed", "photo-unreadable", "worker-died" and what the
	 *   network throws; the reason of the signal when it is aborted
	 */
	readonly take: () => Promise<Float32Array>;
	/** Gives its memory back; of what is not computed yet, nothing more is begun. */
	readonly release: () => void;
}

/** Whose rows, and who computes them. */
export interface LiveOptions extends Omit<LiveRows, "ask"> {
	/** The folder that sample paths are relative to. */
	readonly root: string;
	/** In the order of the labels. */
	readonly samples: readonly Sample[];
	readonly prefix: OpenPrefix;
	/** [channels, height, width] after the transforms. */
	readonly inputShape: readonly number[];
	/** All corrupt photos, once one of them was met. */
	readonly corrupt: (
		met: readonly CorruptPhoto[],
	) => Promise<readonly CorruptPhoto[]>;
	readonly signal?: AbortSignal;
}

/** Nothing is computed before it is asked for. */
export function openLiveRows(options: LiveOptions): LiveRows {
	const { root, samples, prefix, shape, labels, targets, signal } = options;
	const width = sizeOf(prefix.shape);
	/** Memory that batches before have given back, each piece enough for the largest so far. */
	let free: SharedArrayBuffer[] = [];
	let most = 0;

	function ask(epoch: number, rows: Uint32Array): AskedRows {
		const bytes = 4 * rows.length * width;
		if (bytes > most) free = [];
		most = Math.max(most, bytes);
		const slot = free.pop() ?? allocate(most, rows.length);
		const target = new Float32Array(slot, 0, rows.length * width);
		const chosen = Array.from(rows, (row) => samples[row] as Sample);
		const jobs = chosen.map(({ path, sha256 }, row) => ({
			...{ row, file: join(root, path), sha256, view: epoch },
		}));
		const filling = prefix.pool.fill(jobs, target);
		let isFilled = false;
		return {
			async take() {
				const troubles = await unlessAborted(filling, signal);
				isFilled = true;
				if (troubles.length > 0) throw await errorOf(troubles, chosen);
				return prefix.finish(target, rows.length);
			},
			release() {
				// Into memory of a batch that was given up somebody may still write.
				if (!isFilled) filling.cancel();
				else if (slot.byteLength === most) free.push(slot);
			},
		};
	}

	async function errorOf(
		troubles: readonly Trouble[],
		batch: readonly Sample[],
	): Promise<Error> {
		const met = troubles.flatMap((trouble) => {
			if (trouble.type !== "corrupt") return [];
			const { path } = batch[trouble.row] as Sample;
			return [{ path, reason: trouble.reason }];
		});
		const other = troubles.find(({ type }) => type !== "corrupt");
		if (other === undefined)
			return corruptError(await options.corrupt(met), root);
		const path = other.row === undefined ? undefined : batch[other.row]?.path;
		if (other.type === "failed") return failedError(other, path);
		const rest = new Set(troubles.map(({ row }) => row));
		const fine = batch.find((_, row) => !rest.has(row));
		return sizesDiffer(
			{ path: path ?? "", shape: other.type === "size" ? other.shape : [] },
			fine && { path: fine.path, shape: options.inputShape },
			options.inputShape,
		);
	}

	return { shape, labels, ...(targets && { targets }), ask };
}

/** @throws RunError "features-too-large" */
function allocate(bytes: number, rows: number): SharedArrayBuffer {
	try {
		return new SharedArrayBuffer(bytes);
	} catch (cause) {
		throw new RunError(
			"features-too-large",
			`a batch of ${rows} photos takes ${(bytes / 2 ** 30).toFixed(1)} GiB of memory`,
			{
				fix: "give train.batch_size or train.accumulate a smaller number",
				cause,
			},
		);
	}
}

function unlessAborted(
	{ done }: Filling,
	signal: AbortSignal | undefined,
): Filling["done"] {
	if (signal === undefined) return done;
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		if (signal.aborted) return abort();
		signal.addEventListener("abort", abort);
		done
			.then(resolve, reject)
			.finally(() => signal.removeEventListener("abort", abort));
	});
}
