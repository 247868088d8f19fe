import type { Tensor } from "@tensorflow/tfjs-core";
import type { Tf } from "../engine/backend.ts";
import type { TrainOptions } from "../experiment/types.ts";

/** Gradients of several micro-batches, added up on the device. */
export interface Accumulator {
	/** Takes ownership of the gradients of a micro-batch's summed loss. */
	readonly add: (gradients: ReadonlyMap<string, Tensor>) => void;
	/** The gradients of the whole batch's mean loss: what was added over the weight of all its photos. */
	readonly mean: (weight: number) => ReadonlyMap<string, Tensor>;
}

/** Photos of one optimizer step; the last step of an epoch may have fewer. */
export function photosPerStep({
	batch_size,
	accumulate = 1,
}: Pick<TrainOptions, "batch_size" | "accumulate">): number {
	return batch_size * accumulate;
}

/** Starts at nothing. Call within tf.tidy, which frees what it holds. */
export function openAccumulator(tf: Tf): Accumulator {
	const sums = new Map<string, Tensor>();
	return {
		add(gradients) {
			for (const [name, gradient] of gradients) {
				const before = sums.get(name);
				if (before === undefined) {
					sums.set(name, gradient);
					continue;
				}
				sums.set(name, tf.add(before, gradient));
				before.dispose();
				gradient.dispose();
			}
		},
		mean: (weight) =>
			new Map([...sums].map(([name, sum]) => [name, tf.div(sum, weight)])),
	};
}
