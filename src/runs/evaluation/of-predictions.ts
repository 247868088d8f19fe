import { classesOf, isMultiLabel } from "../labels.ts";
import type { Metric, Prediction } from "../types.ts";
import { evaluatePredictions } from "./evaluate.ts";
import { evaluateLabels, type MultiLabelEvaluation } from "./multi-label.ts";
import type { Evaluation } from "./types.ts";

/** A run's predictions, scored; undefined where there are none, where they are of a run without probabilities, or of several labels a photo. */
export function evaluationOf(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): Evaluation | undefined {
	const isWhole = predictions.every(
		({ probabilities }) => probabilities.length === classNames.length,
	);
	if (predictions.length === 0 || !isWhole || isMultiLabel(predictions))
		return undefined;
	return evaluatePredictions({
		classNames,
		labels: predictions.map(({ label }) => label),
		probabilities: predictions.map(({ probabilities }) => probabilities),
		predicted: predictions.map(({ predicted }) => predicted),
	});
}

/** The same of several labels a photo; undefined where a photo has one. */
export function multiLabelOf(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): MultiLabelEvaluation | undefined {
	const isWhole = predictions.every(
		({ probabilities }) => probabilities.length === classNames.length,
	);
	if (!isMultiLabel(predictions) || !isWhole) return undefined;
	return evaluateLabels({
		classNames,
		labels: predictions.map(classesOf),
		probabilities: predictions.map(({ probabilities }) => probabilities),
	});
}

/** What predictions say that is a metric of the run, at its last step; what is undefined is left out. */
export function predictionMetrics(
	predictions: readonly Prediction[],
	classNames: readonly string[],
	at: MetricTime,
	split = "valid",
): readonly Metric[] {
	const evaluation = evaluationOf(predictions, classNames);
	if (evaluation !== undefined) return evaluationMetrics(evaluation, at, split);
	const labels = multiLabelOf(predictions, classNames);
	return labels === undefined ? [] : labelMetrics(labels, at, split);
}

type MetricTime = Pick<Metric, "step" | "timestamp">;

function labelMetrics(
	labels: MultiLabelEvaluation,
	at: MetricTime,
	split: string,
): readonly Metric[] {
	return metricsOf(split, at, {
		average_precision: labels.averagePrecision,
		roc_auc: labels.rocAuc,
		f1_micro: labels.micro.f1,
		f1_macro: labels.macro.f1,
		f1_samples: labels.samples.f1,
		precision_macro: labels.macro.precision,
		recall_macro: labels.macro.recall,
		subset_accuracy: labels.subsetAccuracy,
		hamming_loss: labels.hammingLoss,
	});
}

function metricsOf(
	split: string,
	at: MetricTime,
	values: Readonly<Record<string, number | undefined>>,
): readonly Metric[] {
	return Object.entries(values).flatMap(([name, value]) =>
		value === undefined ? [] : [{ key: `${split}/${name}`, value, ...at }],
	);
}

function evaluationMetrics(
	evaluation: Evaluation,
	at: MetricTime,
	split: string,
): readonly Metric[] {
	return metricsOf(split, at, {
		balanced_accuracy: evaluation.balancedAccuracy,
		precision_macro: evaluation.macro.precision,
		recall_macro: evaluation.macro.recall,
		f1_macro: evaluation.macro.f1,
		roc_auc: evaluation.rocAuc,
		average_precision: evaluation.averagePrecision,
		top_5_accuracy: evaluation.topK[5],
		brier: evaluation.brier,
		ece: evaluation.calibration.ece,
	});
}
