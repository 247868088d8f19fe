import type { Metric, Prediction } from "../types.ts";
import { evaluatePredictions } from "./evaluate.ts";
import type { Evaluation } from "./types.ts";

/** A run's predictions, scored; undefined where there are none, or where they are of a run without probabilities. */
export function evaluationOf(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): Evaluation | undefined {
	const isWhole = predictions.every(
		({ probabilities }) => probabilities.length === classNames.length,
	);
	if (predictions.length === 0 || !isWhole) return undefined;
	return evaluatePredictions({
		classNames,
		labels: predictions.map(({ label }) => label),
		probabilities: predictions.map(({ probabilities }) => probabilities),
		predicted: predictions.map(({ predicted }) => predicted),
	});
}

/** What of it is a metric of the run, at its last step; what is undefined is left out. */
export function evaluationMetrics(
	evaluation: Evaluation,
	at: { readonly step: number; readonly timestamp: number },
	split = "valid",
): readonly Metric[] {
	const values = {
		balanced_accuracy: evaluation.balancedAccuracy,
		precision_macro: evaluation.macro.precision,
		recall_macro: evaluation.macro.recall,
		f1_macro: evaluation.macro.f1,
		roc_auc: evaluation.rocAuc,
		average_precision: evaluation.averagePrecision,
		top_5_accuracy: evaluation.topK[5],
		brier: evaluation.brier,
		ece: evaluation.calibration.ece,
	};
	return Object.entries(values).flatMap(([name, value]) =>
		value === undefined ? [] : [{ key: `${split}/${name}`, value, ...at }],
	);
}
