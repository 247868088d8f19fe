import { join } from "node:path";
import { attachedText } from "../plan/strategy-lines.ts";
import { count, displayWidth, padded, paint, printable } from "../text.ts";
import type { MultiLabelEvaluation } from "./evaluation/multi-label.ts";
import {
	labelsText,
	multiLabelEntries,
} from "./evaluation/multi-label-text.ts";
import { evaluationOf, multiLabelOf } from "./evaluation/of-predictions.ts";
import {
	classesText,
	confusionsText,
	evaluationEntries,
} from "./evaluation/text.ts";
import type { Evaluation } from "./evaluation/types.ts";
import {
	detailText,
	environmentEntries,
	localTime,
	lossText,
	percent,
	secondsText,
} from "./format-values.ts";
import { STATUS_STYLE } from "./ls-text.ts";
import { bestEpoch, scoreOf } from "./score.ts";
import { stopText } from "./stop-text.ts";
import { type Column, type TableOptions, textTable } from "./text-table.ts";
import type { EpochRecord, Prediction, RunRecord } from "./types.ts";

/** `graft show RUN`: a record → text, one block a topic. */

/** Rows of a table of epochs or classes; a longer table is thinned and says so. */
const MOST_ROWS = 40;

/** Everything about one run; blocks for which nothing was recorded are left out. */
export function showText(
	record: RunRecord,
	predictions: readonly Prediction[],
	options: TableOptions,
): string {
	const classNames = record.data?.classNames ?? [];
	const evaluation = evaluationOf(predictions, classNames);
	const labels = multiLabelOf(predictions, classNames);
	const blocks: readonly (readonly [string, string])[] = [
		["error", errorText(record)],
		["strategy", strategyText(record)],
		["result", resultText(record, predictions, evaluation, labels)],
		["classes", evaluation ? classesText(evaluation, options) : ""],
		["labels", labels ? labelsText(labels, options) : ""],
		["confusions", evaluation ? confusionsText(evaluation) : ""],
		["epochs", epochsText(record, options)],
		["phases", phasesText(record)],
		["data", dataText(record, options)],
		["warnings", warningsText(record)],
		["environment", pairs(environmentEntriesOf(record))],
		["files", filesText(record)],
	];
	const printed = blocks
		.filter(([, text]) => text !== "")
		.map(([title, text]) => `${paint(title, "bold", options.color)}\n${text}`);
	return [heading(record, options.color), ...printed].join("\n");
}

function heading(record: RunRecord, color: boolean): string {
	const { runId, status, startTime, endTime, source, experiment } = record;
	const lines = [
		`${paint(runId, "bold", color)}  ${paint(status, STATUS_STYLE[status], color)}`,
		`  ${localTime(startTime, true)}${endTime ? `, ${secondsText((Date.parse(endTime) - Date.parse(startTime)) / 1000)}` : ""}, from ${printable(source)}`,
	];
	if (record.trial !== undefined) {
		const values = Object.entries(record.trial.values).map(
			([key, value]) => `${key}=${JSON.stringify(value)}`,
		);
		lines.push(
			printable(`  trial of ${record.trial.sweepId}: ${values.join(" ")}`),
		);
	}
	const { attached } = record;
	if (attached !== undefined) lines.push(`  head at ${attachedText(attached)}`);
	if (experiment.description)
		lines.push(indented(experiment.description.trim(), "  "));
	return `${lines.join("\n")}\n`;
}

function errorText({ error }: RunRecord): string {
	return error === undefined
		? ""
		: `${indented(`${error.code}: ${error.message}`, "  ")}\n`;
}

/** What `strategy: auto` came to, and why. */
function strategyText({ strategy }: RunRecord): string {
	if (strategy === undefined) return "";
	const { sets = [], reasons } = strategy;
	const lines = [`auto: ${sets.join(" ")}`, ...reasons];
	return `${lines.map((line) => `  ${printable(line)}`).join("\n")}\n`;
}

/** Each line of a text behind an indent. */
function indented(text: string, indent: string): string {
	return text
		.split(/\r?\n/)
		.map((line) => (indent + printable(line)).trimEnd())
		.join("\n");
}

function resultText(
	record: RunRecord,
	predictions: readonly Prediction[],
	evaluation: Evaluation | undefined,
	labels: MultiLabelEvaluation | undefined,
): string {
	const score = scoreOf(record, predictions);
	const entries: [string, string][] = [];
	if (score !== undefined) {
		const { right, total, interval } = score;
		const photos =
			interval === undefined
				? labels && " of all labels"
				: ` (${right} of ${count(total ?? 0, "photo")} right, 95 % interval ${(interval[0] * 100).toFixed(1)} … ${percent(interval[1], 1)})`;
		entries.push(["valid accuracy", percent(score.accuracy) + (photos ?? "")]);
	}
	const loss = record.finalMetrics["valid/loss"];
	if (loss !== undefined) entries.push(["valid loss", lossText(loss)]);
	if (record.stop) entries.push(["training", stopText(record.stop)]);
	const best = bestEpoch(record.epochs);
	if (best !== undefined && record.epochs.length > 1)
		entries.push([
			"best epoch",
			`${best.epoch} with ${percent(best.metrics["valid/accuracy"])}`,
		]);
	const test = record.finalMetrics["test/accuracy"];
	if (test !== undefined)
		entries.push(["test accuracy", `${percent(test)} (graft finalize)`]);
	if (labels !== undefined) entries.push(...multiLabelEntries(labels));
	if (evaluation !== undefined)
		for (const [name, text] of evaluationEntries(evaluation))
			entries.push([name, text]);
	return pairs(entries);
}

const EPOCH_COLUMNS = [
	["train/loss", "train loss", lossText],
	["train/accuracy", "train accuracy", percent],
	["valid/loss", "valid loss", lossText],
	["valid/accuracy", "valid accuracy", percent],
] as const;

function epochsText({ epochs }: RunRecord, options: TableOptions): string {
	const columns: Column[] = [
		{ title: "epoch", align: "right" },
		...EPOCH_COLUMNS.map(([, title]) => ({ title, align: "right" as const })),
	];
	const rows = thinned(epochs).map(({ epoch, metrics }) => [
		{ text: String(epoch) },
		...EPOCH_COLUMNS.map(([key, , print]) => ({ text: print(metrics[key]) })),
	]);
	if (rows.length === 0) return "";
	return (
		textTable(columns, rows, { ...options, indent: "  " }) +
		rest(rows.length, epochs.length, "epochs")
	);
}

/** First, last, best and evenly spaced ones between. */
function thinned(epochs: readonly EpochRecord[]): readonly EpochRecord[] {
	if (epochs.length <= MOST_ROWS) return epochs;
	const stride = (epochs.length - 1) / (MOST_ROWS - 2);
	const kept = new Set(
		Array.from({ length: MOST_ROWS - 1 }, (_, row) => Math.round(row * stride)),
	);
	const best = bestEpoch(epochs);
	return epochs.filter((epoch, index) => kept.has(index) || epoch === best);
}

function rest(shown: number, all: number, noun: string): string {
	if (shown === all) return "";
	return `  ${shown} of ${all} ${noun}; --format json has all\n`;
}

function phasesText({ phases }: RunRecord): string {
	return pairs(
		phases.map(({ name, seconds, detail }) => {
			const more = detailText(detail);
			return [name, secondsText(seconds) + (more === "" ? "" : `, ${more}`)];
		}),
	);
}

function dataText({ data }: RunRecord, options: TableOptions): string {
	if (data === undefined) return "";
	const splits = Object.keys(data.counts);
	const names = data.classNames.slice(0, MOST_ROWS);
	const rows = names.map((name, label) => [
		{ text: name },
		...splits.map((split) => ({
			text: String(data.counts[split]?.[label] ?? 0),
		})),
	]);
	const columns = [
		{ title: "class" },
		...splits.map((title) => ({ title, align: "right" as const })),
	];
	const corrupt = data.corrupt.slice(0, MOST_ROWS);
	return [
		`  ${printable(data.root)}\n`,
		textTable(columns, rows, { ...options, indent: "  " }),
		rest(rows.length, data.classNames.length, "classes"),
		data.corrupt.length === 0
			? ""
			: `  left out: ${count(data.corrupt.length, "photo")}\n`,
		...corrupt.map(
			({ path, reason }) => `    ${printable(path)}: ${printable(reason)}\n`,
		),
		rest(corrupt.length, data.corrupt.length, "photos"),
	].join("");
}

function warningsText({ warnings }: RunRecord): string {
	return warnings
		.map(({ code, message }) => `  ${printable(code)}: ${printable(message)}\n`)
		.join("");
}

function environmentEntriesOf({ environment, fingerprint }: RunRecord) {
	if (environment === undefined) return [];
	return [
		...environmentEntries(environment),
		["fingerprint", fingerprint] as const,
	];
}

/** Report first: it is what one opens. */
function filesText({ artifacts, folder }: RunRecord): string {
	const paths = artifacts.map(({ path }) => path);
	const pages = paths.filter((path) => path.endsWith(".html"));
	const others = paths.filter((path) => !path.endsWith(".html"));
	return [...pages, ...others, "journal.jsonl"]
		.map((path) => `  ${printable(join(folder, path))}\n`)
		.join("");
}

function pairs(entries: readonly (readonly [string, string])[]): string {
	const width = Math.max(
		0,
		...entries.map(([key]) => displayWidth(printable(key))),
	);
	return entries
		.map(
			([key, value]) =>
				`  ${padded(printable(key), width)}  ${printable(value)}\n`,
		)
		.join("");
}
