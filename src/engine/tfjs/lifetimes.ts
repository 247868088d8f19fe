import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * Who still needs a tensor. One that nobody needs is freed at once rather than at the end of the step, which is most
 * of what a step would hold.
 */
export interface Lifetimes {
	/** One more needs it. */
	readonly hold: (tensor: Tensor) => void;
	/** One less; the last one frees it, unless it was kept (tf.keep). */
	readonly release: (tensor: Tensor) => void;
}

/** For the tensors of one pass. */
export function trackLifetimes(): Lifetimes {
	const holders = new Map<Tensor, number>();
	return {
		hold(tensor) {
			holders.set(tensor, (holders.get(tensor) ?? 0) + 1);
		},
		release(tensor) {
			const left = (holders.get(tensor) ?? 1) - 1;
			if (left > 0) {
				holders.set(tensor, left);
				return;
			}
			holders.delete(tensor);
			if (!tensor.kept && !tensor.isDisposed) tensor.dispose();
		},
	};
}
