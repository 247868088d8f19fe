import type { TrainOptions } from "../experiment/types.ts";
import { sizeOf } from "../model/dtypes.ts";
import { random } from "../random.ts";
import { photosPerStep } from "./accumulate.ts";
import { drawMix, mixBatch } from "./mix.ts";
import { drawOrder } from "./sampling.ts";
import type { FitInput, Rows } from "./types.ts";

/** Which rows come together, and their numbers side by side. */

/** One batch, its rows in the order drawn. */
export interface Batch {
	/** float32 [n, ...shape]; overwritten by the next batch. */
	readonly features: Float32Array;
	readonly labels: Int32Array;
	/** float32 [n, k], what a photo's outputs shall be, where that is more than its label: several labels, or a mix of two photos. */
	readonly targets?: Float32Array;
}

/** What decides the batches of an epoch, beside the rows. */
export type BatchOptions = Pick<
	TrainOptions,
	"batch_size" | "accumulate" | "sampling" | "mixup" | "cutmix"
>;

/**
 * The batches of one epoch, each for one step of the optimizer: rows in the order that `sampling` draws, the last batch smaller where the count does not
 * divide (torch's DataLoader without drop_last), and mixed where that is asked for. A batch depends on seed, epoch and
 * its place alone, not on those before it.
 */
export function* trainBatches(
	rows: Rows,
	options: BatchOptions,
	numClasses: number,
	seed: number,
	epoch: number,
): Generator<Batch> {
	const order = drawOrder(rows.labels, options.sampling, seed, epoch);
	let place = 0;
	for (const batch of gathered(rows, photosPerStep(options), order))
		yield mixed(batch, rows.shape, options, numClasses, seed, epoch, place++);
}

/** The batch at this place of the epoch, mixed in place where that is asked for. */
export function mixed(
	batch: Batch,
	shape: readonly number[],
	options: BatchOptions,
	numClasses: number,
	seed: number,
	epoch: number,
	place: number,
): Batch {
	if (options.mixup === undefined && options.cutmix === undefined) return batch;
	const stream = random(seed, "mix", epoch, place);
	const mix = drawMix(options, shape, stream);
	return mixBatch(batch, shape, mix, numClasses);
}

/** Classes that the network tells apart. */
export function numClassesOf({
	classNames = [],
	evalSuffix,
}: Pick<FitInput, "classNames" | "evalSuffix">): number {
	return classNames.length || Number(evalSuffix.outputs[0]?.shape?.at(-1));
}

/** All rows in their order, `batchSize` at a time. */
export function* batchesInOrder(
	rows: Rows,
	batchSize: number,
): Generator<Batch> {
	const width = widthOf(rows);
	const { labels, targets } = rows;
	const classes = (targets?.length ?? 0) / labels.length;
	for (let start = 0; start < labels.length; start += batchSize) {
		const end = Math.min(start + batchSize, labels.length);
		yield {
			features: rows.features.subarray(start * width, end * width),
			labels: labels.subarray(start, end),
			...(targets && {
				targets: targets.subarray(start * classes, end * classes),
			}),
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
		chosen.forEach((row, place) => {
			const from = row * width;
			buffer.set(rows.features.subarray(from, from + width), place * width);
		});
		const features = buffer.subarray(0, chosen.length * width);
		yield { features, ...answersOf(rows, chosen) };
	}
}

/** What these rows shall be recognised as. */
export function answersOf(
	rows: Pick<Rows, "labels" | "targets">,
	chosen: Uint32Array,
): Omit<Batch, "features"> {
	const labels = Int32Array.from(chosen, (row) => rows.labels[row] as number);
	const targets = rows.targets && chosenOf(rows.targets, rows, chosen);
	return { labels, ...(targets && { targets }) };
}

/** Rows of [n, k] numbers side by side. */
function chosenOf(
	values: Float32Array,
	{ labels }: Pick<Rows, "labels">,
	chosen: Uint32Array,
): Float32Array {
	const k = values.length / labels.length;
	const out = new Float32Array(chosen.length * k);
	chosen.forEach((row, place) => {
		out.set(values.subarray(row * k, row * k + k), place * k);
	});
	return out;
}

/** Numbers in one row. */
export function widthOf({ shape }: Rows): number {
	return sizeOf(shape);
}
