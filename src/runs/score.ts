import type { EpochRecord, Prediction, RunRecord } from "./types.ts";
import { wilsonInterval } from "./wilson.ts";

/** The number a run is judged by, with how sure it is. */
export interface Score {
	/** Photos right and counted; both undefined where the photos' number is unknown. */
	readonly right: number | undefined;
	readonly total: number | undefined;
	/** 0 … 1. */
	readonly accuracy: number;
	/** Wilson, 95 %. */
	readonly interval: readonly [number, number] | undefined;
}

/**
 * Valid accuracy: counted from the predictions where there are some, else the last epoch's metric with
 * the number of valid photos. Undefined when no epoch was evaluated.
 */
export function scoreOf(
	record: RunRecord,
	predictions: readonly Prediction[],
): Score | undefined {
	if (predictions.length > 0) {
		const right = predictions.filter(isRight).length;
		return scored(right, predictions.length);
	}
	const accuracy = record.finalMetrics["valid/accuracy"];
	if (accuracy === undefined || !Number.isFinite(accuracy)) return undefined;
	const counts = record.data?.counts.valid ?? [];
	const total = counts.reduce((sum, photos) => sum + photos, 0);
	if (total > 0) return scored(Math.round(accuracy * total), total);
	return { right: undefined, total: undefined, accuracy, interval: undefined };
}

function scored(right: number, total: number): Score {
	const interval = wilsonInterval(right, total);
	return { right, total, accuracy: right / total, interval };
}

/** Whether the class with the largest output is the label. */
export function isRight({ label, predicted }: Prediction): boolean {
	return label === predicted;
}

/** The epoch with the highest valid accuracy, the earliest of several. */
export function bestEpoch(
	epochs: readonly EpochRecord[],
): EpochRecord | undefined {
	const accuracy = (epoch: EpochRecord) =>
		epoch.metrics["valid/accuracy"] ?? Number.NEGATIVE_INFINITY;
	return epochs
		.filter(({ metrics }) => "valid/accuracy" in metrics)
		.reduce<EpochRecord | undefined>(
			(best, epoch) =>
				best === undefined || accuracy(epoch) > accuracy(best) ? epoch : best,
			undefined,
		);
}
