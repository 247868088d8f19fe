import type { Diagnostic } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { placed } from "./place.ts";

/** Share of the first step's weights that an average may still hold when training ends. */
const MOST_LEFT = 0.5;

/** Whether `ema` comes to an average of more than the first steps. @param photos of the train split; undefined: not known yet */
export function averageProblems(
	loaded: LoadedExperiment,
	photos: number | undefined,
): readonly Diagnostic[] {
	const { ema, epochs, batch_size, accumulate = 1 } = loaded.experiment.train;
	if (ema === undefined || ema.warmup || photos === undefined) return [];
	const steps = epochs * Math.ceil(photos / (batch_size * accumulate));
	const left = ema.decay ** (steps - 1);
	if (left <= MOST_LEFT) return [];
	const better = Number((1 - Math.min(1, 10 / steps)).toPrecision(2));
	return [
		placed(loaded, ["train", "ema"], {
			severity: "warning",
			code: "ema-too-slow",
			message: `training has ${steps} steps, and with decay ${ema.decay} the average still holds ${Math.round(left * 100)} % of the first step's weights at the end`,
			reason:
				"what is evaluated and kept is the average, and it would be little more than the start",
			fix: `write ema: { decay: ${ema.decay}, warmup: true }${better > 0 ? `, or ema: ${better}` : ""}`,
		}),
	];
}
