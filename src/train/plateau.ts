import type {
	Monitor,
	MonitorMode,
	PlateauOptions,
} from "../experiment/types.ts";
import type { Json } from "../fingerprint.ts";
import type { EpochEvent } from "./types.ts";

/** What an epoch measured, by key. */
export type Watched = Readonly<Record<Monitor, number>>;

/** auto made plain: a loss shall fall, an accuracy rise (Keras's rule). */
export function directionOf(
	monitor: Monitor,
	mode: MonitorMode,
): "min" | "max" {
	if (mode !== "auto") return mode;
	return monitor.endsWith("accuracy") ? "max" : "min";
}

/** A learning rate that falls when nothing gets better. */
export interface Plateau {
	readonly rate: () => number;
	readonly endEpoch: (measured: Watched) => void;
	/** What it has seen, as `restore` of the same options takes it. */
	readonly save: () => Json;
	readonly restore: (saved: Json) => void;
}

/**
 * torch.optim.lr_scheduler.ReduceLROnPlateau
 * (https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html).
 */
export function openPlateau(options: PlateauOptions, start: number): Plateau {
	const { monitor, factor, patience, cooldown, min_lr, eps } = options;
	const isLess = directionOf(monitor, options.mode) === "min";
	let rate = start;
	let best = isLess ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
	let bad = 0;
	let cooling = 0;

	function endEpoch(measured: Watched): void {
		const value = measured[monitor];
		if (isBetter(options, isLess, value, best)) {
			best = value;
			bad = 0;
		} else bad++;
		if (cooling > 0) {
			cooling--;
			bad = 0;
		}
		if (bad <= patience) return;
		const next = Math.max(rate * factor, min_lr);
		if (rate - next > eps) rate = next;
		cooling = cooldown;
		bad = 0;
	}

	return {
		rate: () => rate,
		endEpoch,
		save: () => ({ rate, best: String(best), bad, cooling }),
		restore: (saved) => {
			const from = saved as Record<string, Json>;
			rate = from.rate as number;
			best = Number(from.best);
			bad = from.bad as number;
			cooling = from.cooling as number;
		},
	};
}

function isBetter(
	{ threshold, threshold_mode }: PlateauOptions,
	isLess: boolean,
	value: number,
	best: number,
): boolean {
	if (threshold_mode === "abs")
		return isLess ? value < best - threshold : value > best + threshold;
	return isLess
		? value < best * (1 - threshold)
		: value > best * (1 + threshold);
}

/** What is looked at in an epoch's event. */
export function watched(event: EpochEvent): Watched {
	return {
		"valid/loss": event.validLoss,
		"valid/accuracy": event.validAccuracy,
		"train/loss": event.trainLoss,
		"train/accuracy": event.trainAccuracy,
	};
}
