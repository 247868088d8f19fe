import { classesOf, classText, isRight, saidOf } from "../runs/labels.ts";
import { confusionCounts } from "../runs/report/confusion.ts";
import type { Prediction } from "../runs/types.ts";

/** What a run's predictions say, as the tables that MLflow's page of a run shows. */

interface Table {
	readonly columns: readonly string[];
	readonly data: readonly (readonly (string | number)[])[];
}

export const PREDICTION_TABLE = "predictions.json";
export const CONFUSION_TABLE = "confusion_matrix.json";

/** The tag that makes MLflow offer them as tables, also across runs; of several labels a photo there is no confusion matrix. */
export function tablesTag(isMultiLabel: boolean): string {
	const paths = [PREDICTION_TABLE, ...(isMultiLabel ? [] : [CONFUSION_TABLE])];
	return JSON.stringify(paths.map((path) => ({ path, type: "table" })));
}

/** One row a valid photo, the most wrong first. */
export function predictionTable(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): Table {
	const rows = [...predictions].sort((a, b) => b.loss - a.loss);
	return {
		columns: ["photo", "label", "predicted", "right", "confidence", "loss"],
		data: rows.map((one) => [
			one.path,
			classText(classesOf(one), classNames),
			classText(saidOf(one), classNames),
			isRight(one) ? "yes" : "no",
			finite(one.probabilities[one.predicted] ?? Number.NaN),
			finite(one.loss),
		]),
	};
}

/** One row a true class, one column a predicted one. */
export function confusionTable(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): Table {
	const counts = confusionCounts(predictions, classNames.length);
	const name = (index: number) => classNames[index] ?? `class ${index}`;
	return {
		columns: ["label", ...counts.map((_, index) => name(index))],
		data: counts.map((row, index) => [name(index), ...row]),
	};
}

/** JSON has no NaN. */
function finite(value: number): number | string {
	return Number.isFinite(value) ? value : String(value);
}
