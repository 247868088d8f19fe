import type { EarlyStopping } from "../experiment/types.ts";
import type { Json } from "../fingerprint.ts";
import { directionOf, type Watched } from "./plateau.ts";

/** Looks at each epoch and says when to end. */
export interface StoppingWatch {
	/** `isBest`: no epoch so far was better. `stop`: the epochs of patience are over. */
	readonly see: (measured: Watched) => {
		readonly isBest: boolean;
		readonly stop: boolean;
	};
	/** What it has seen, as `restore` of the same options takes it. */
	readonly save: () => Json;
	readonly restore: (saved: Json) => void;
}

/**
 * keras.callbacks.EarlyStopping: better is better by more than min_delta; training ends when `patience` epochs in a
 * row were not (https://keras.io/api/callbacks/early_stopping/). Without options nothing is watched.
 */
export function watchStopping(
	options: EarlyStopping | undefined,
): StoppingWatch {
	if (options === undefined)
		return {
			see: () => ({ isBest: false, stop: false }),
			save: () => null,
			restore: () => undefined,
		};
	const { monitor, patience, min_delta, mode } = options;
	const sign = directionOf(monitor, mode) === "min" ? 1 : -1;
	let best = Number.POSITIVE_INFINITY;
	let waited = 0;
	return {
		see(measured) {
			const value = sign * measured[monitor];
			const isBest = value + min_delta < best;
			if (isBest) {
				best = value;
				waited = 0;
			} else waited++;
			return { isBest, stop: waited >= patience };
		},
		save: () => ({ best: String(best), waited }),
		restore: (saved) => {
			const from = saved as Record<string, Json>;
			best = Number(from.best);
			waited = from.waited as number;
		},
	};
}
