import { printable } from "../../text.ts";
import { type Column, type TableOptions, textTable } from "../text-table.ts";
import type { Evaluation } from "./types.ts";

/** An evaluation for the terminal: its averages, its classes, its confusions. */

/** Rows of classes; of more the weakest are shown. */
const MOST_CLASSES = 20;
/** Pairs of classes that are mistaken for each other. */
const MOST_PAIRS = 8;

/** Label and text, for the list of results. */
export function evaluationEntries(
	evaluation: Evaluation,
): readonly (readonly [string, string])[] {
	const { macro, topK } = evaluation;
	const entries: (readonly [string, string] | undefined)[] = [
		["balanced accuracy", percent(evaluation.balancedAccuracy)],
		[
			"macro",
			`precision ${share(macro.precision)}, recall ${share(macro.recall)}, F1 ${share(macro.f1)}`,
		],
		topK[5] === undefined ? undefined : ["top-5 accuracy", percent(topK[5])],
		evaluation.rocAuc === undefined
			? undefined
			: [
					"ranking",
					`ROC-AUC ${share(evaluation.rocAuc)}, average precision ${share(evaluation.averagePrecision ?? 0)}`,
				],
		["calibration", calibrationText(evaluation)],
	];
	return entries.filter((entry) => entry !== undefined);
}

/** Where every photo is right, any sureness is too little, and no temperature says anything. */
function calibrationText({ accuracy, calibration }: Evaluation): string {
	const { ece, temperature, eceAtTemperature } = calibration;
	const error = `ECE ${share(ece)}`;
	return accuracy === 1
		? error
		: `${error}; ${share(eceAtTemperature)} were logits divided by ${temperature.toFixed(2)}${sureness(temperature)}`;
}

/** Fitted on the very photos that it is told of: the direction is what it says. */
function sureness(temperature: number): string {
	if (temperature > 1.2) return " (too sure of itself)";
	return temperature < 0.8 ? " (less sure than it might be)" : "";
}

/** One line a class, the weakest first where there are many. */
export function classesText(
	{ classes }: Evaluation,
	options: TableOptions,
): string {
	const columns: Column[] = [
		{ title: "class" },
		{ title: "photos", align: "right" },
		{ title: "recall", align: "right" },
		{ title: "95 %", align: "right", dropOrder: 1 },
		{ title: "precision", align: "right" },
		{ title: "F1", align: "right" },
	];
	const shown =
		classes.length <= MOST_CLASSES
			? classes
			: [...classes].sort((a, b) => a.f1 - b.f1).slice(0, MOST_CLASSES);
	const rows = shown.map((scores) => {
		const [low, high] = scores.recallInterval;
		return [
			{ text: scores.name },
			{ text: String(scores.support) },
			{ text: scores.support === 0 ? "–" : share(scores.recall) },
			{ text: scores.support === 0 ? "" : `${share(low)} … ${share(high)}` },
			{ text: share(scores.precision) },
			{ text: share(scores.f1) },
		];
	});
	const rest =
		shown.length < classes.length
			? `  the ${shown.length} weakest of ${classes.length} classes; --format json has all\n`
			: "";
	return textTable(columns, rows, { ...options, indent: "  " }) + rest;
}

/** What is taken for what, the most frequent first. */
export function confusionsText({ confusion, classes }: Evaluation): string {
	const pairs = confusion.flatMap((row, label) =>
		row.flatMap((photos, predicted) =>
			photos > 0 && label !== predicted ? [{ label, predicted, photos }] : [],
		),
	);
	const name = (index: number) => classes[index]?.name ?? String(index);
	return pairs
		.sort((a, b) => b.photos - a.photos)
		.slice(0, MOST_PAIRS)
		.map(
			({ label, predicted, photos }) =>
				`  ${printable(`${photos} x ${name(label)} taken for ${name(predicted)}`)}\n`,
		)
		.join("");
}

function percent(value: number): string {
	return `${(100 * value).toFixed(2)} %`;
}

function share(value: number): string {
	return value.toFixed(3);
}
