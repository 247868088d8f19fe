import { isMultiLabel, isRight, photosIn, rightShare } from "./labels.ts";
import type { EpochRecord, Prediction, RunRecord } from "./types.ts";
import { wilsonInterval } from "./wilson.ts";

/** The number a run is judged by, with how sure it is. */
export interface Score {
	/** Photos right and counted; both undefined where the photos' number is unknown, and where a photo has several labels. */
	readonly right: number | undefined;
	readonly total: number | undefined;
	/** 0 … 1; of several labels a photo the share of all labels that are right. */
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
	if (isMultiLabel(predictions)) {
		const shares = predictions.map(rightShare);
		const accuracy = shares.reduce((a, b) => a + b, 0) / shares.length;
		const unknown = { right: undefined, total: undefined };
		return { ...unknown, accuracy, interval: undefined };
	}
	if (predictions.length > 0) {
		const right = predictions.filter(isRight).length;
		return scored(right, predictions.length);
	}
	const accuracy = record.finalMetrics["valid/accuracy"];
	if (accuracy === undefined || !Number.isFinite(accuracy)) return undefined;
	const total = photosIn(record.data, "valid");
	if (total > 0 && record.data?.photos === undefined)
		return scored(Math.round(accuracy * total), total);
	return { right: undefined, total: undefined, accuracy, interval: undefined };
}

function scored(right: number, total: number): Score {
	const interval = wilsonInterval(right, total);
	return { right, total, accuracy: right / total, interval };
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
