import { type Column, type TableOptions, textTable } from "../text-table.ts";
import type { MultiLabelEvaluation } from "./multi-label.ts";

/** An evaluation of several labels a photo for the terminal. */

/** Rows of classes; of more the weakest are shown. */
const MOST_CLASSES = 20;

/** Label and text, for the list of results. */
export function multiLabelEntries(
	evaluation: MultiLabelEvaluation,
): readonly [string, string][] {
	const { averagePrecision, rocAuc, micro, macro, samples } = evaluation;
	return [
		["mean average precision", share(averagePrecision)],
		[
			"F1",
			`micro ${share(micro.f1)}, macro ${share(macro.f1)}, samples ${share(samples.f1)}`,
		],
		[
			"photos wholly right",
			`${(100 * evaluation.subsetAccuracy).toFixed(2)} %, Hamming loss ${share(evaluation.hammingLoss)}`,
		],
		...(rocAuc === undefined
			? []
			: [["ROC-AUC", share(rocAuc)] as [string, string]]),
	];
}

/** One line a class, the weakest where there are many. */
export function labelsText(
	{ classes }: MultiLabelEvaluation,
	options: TableOptions,
): string {
	const columns: Column[] = [
		{ title: "class" },
		{ title: "photos", align: "right" },
		{ title: "said", align: "right" },
		{ title: "AP", align: "right" },
		{ title: "recall", align: "right" },
		{ title: "precision", align: "right" },
		{ title: "F1", align: "right" },
	];
	const shown =
		classes.length <= MOST_CLASSES
			? classes
			: [...classes]
					.sort((a, b) => (a.averagePrecision ?? 2) - (b.averagePrecision ?? 2))
					.slice(0, MOST_CLASSES);
	const rows = shown.map((scores) => [
		{ text: scores.name },
		{ text: String(scores.support) },
		{ text: String(scores.predicted) },
		{ text: share(scores.averagePrecision) },
		{ text: scores.support === 0 ? "–" : share(scores.recall) },
		{ text: scores.predicted === 0 ? "–" : share(scores.precision) },
		{ text: share(scores.f1) },
	]);
	const rest =
		shown.length < classes.length
			? `  the ${shown.length} weakest of ${classes.length} classes; --format json has all\n`
			: "";
	return textTable(columns, rows, { ...options, indent: "  " }) + rest;
}

/** Three digits; a dash for what is undefined. */
export function share(value: number | undefined): string {
	return value === undefined ? "–" : value.toFixed(3);
}
