import type { Style } from "../text.ts";
import { localTime, lossText, percent } from "./format-values.ts";
import {
	type Cell,
	type Column,
	type TableOptions,
	textTable,
} from "./text-table.ts";
import type { RunStatus, RunSummary } from "./types.ts";

/** `graft ls`: runs → table or JSON, sorted. */

/** How each status stands out. */
export const STATUS_STYLE: Readonly<Record<RunStatus, Style>> = {
	RUNNING: "cyan",
	FINISHED: "green",
	FAILED: "red",
	KILLED: "yellow",
};

/** What `--sort` takes → the value a run is sorted by and whether the largest comes first. */
const SORTS: Readonly<
	Record<
		string,
		{
			readonly key: (run: RunSummary) => number | string | undefined;
			readonly largestFirst: boolean;
		}
	>
> = {
	when: { key: (run) => run.startTime, largestFirst: true },
	accuracy: {
		key: (run) => run.metrics["valid/accuracy"],
		largestFirst: true,
	},
	loss: { key: (run) => run.metrics["valid/loss"], largestFirst: false },
	epochs: { key: (run) => run.epochs, largestFirst: true },
	seconds: { key: (run) => run.seconds, largestFirst: true },
	name: { key: (run) => run.runId, largestFirst: false },
	status: { key: (run) => run.status, largestFirst: false },
};

/** What `--sort` takes. */
export const SORT_NAMES: readonly string[] = Object.keys(SORTS);

/** Best first by one of SORT_NAMES; runs without a value (NaN included) last, ties newest first. */
export function sortRuns(
	runs: readonly RunSummary[],
	sort: string,
): RunSummary[] {
	const by = SORTS[sort];
	if (by === undefined) throw new Error(`internal: no sort "${sort}"`);
	return [...runs].sort((a, b) => {
		const [left, right] = [by.key(a), by.key(b)];
		const gaps = Number(isMissing(left)) - Number(isMissing(right));
		if (gaps !== 0 || isMissing(left) || isMissing(right)) return gaps;
		if (left === right) return 0;
		return left < right === by.largestFirst ? 1 : -1;
	});
}

function isMissing(value: number | string | undefined): value is undefined {
	return value === undefined || Number.isNaN(value);
}

const COLUMNS: readonly Column[] = [
	{ title: "run" },
	{ title: "status" },
	{ title: "when", dropOrder: 1 },
	{ title: "accuracy", align: "right" },
	{ title: "loss", align: "right", dropOrder: 2 },
	{ title: "epochs", align: "right", dropOrder: 4 },
	{ title: "seconds", align: "right", dropOrder: 5 },
	{ title: "error", dropOrder: 3 },
];

/** One line a run; accuracy and loss are those of the valid photos. */
export function runsTable(
	runs: readonly RunSummary[],
	options: TableOptions,
): string {
	const hasErrors = runs.some(({ error }) => error !== undefined);
	const columns = hasErrors ? COLUMNS : COLUMNS.slice(0, -1);
	return textTable(columns, runs.map(cells), options);
}

function cells(run: RunSummary): Cell[] {
	return [
		{ text: run.runId },
		{ text: run.status, style: STATUS_STYLE[run.status] },
		{ text: localTime(run.startTime) },
		{ text: percent(run.metrics["valid/accuracy"]), style: "bold" },
		{ text: lossText(run.metrics["valid/loss"]) },
		{ text: run.sweep ? trialsText(run.sweep) : epochsText(run) },
		{ text: run.seconds === undefined ? "" : run.seconds.toFixed(1) },
		{ text: run.error?.code ?? "" },
	];
}

/** Of a sweep: "52 trials", "31/52 trials", "51/52 trials, 1 failed". */
function trialsText({
	planned,
	finished,
	failed,
}: NonNullable<RunSummary["sweep"]>): string {
	const done = finished === planned ? planned : `${finished}/${planned}`;
	return `${done} trials${failed > 0 ? `, ${failed} failed` : ""}`;
}

/** "10", or "3/10" when fewer were finished than asked for. */
function epochsText({ epochs, epochsAsked }: RunSummary): string {
	if (epochs === 0 && epochsAsked === undefined) return "";
	if (epochsAsked === undefined || epochs >= epochsAsked) return String(epochs);
	return `${epochs}/${epochsAsked}`;
}

/** One run for machines; the same words as `run --format json`. */
export function summaryJson(run: RunSummary) {
	return {
		run_id: run.runId,
		name: run.name,
		status: run.status,
		run_dir: run.folder,
		start_time: run.startTime ?? null,
		end_time: run.endTime ?? null,
		seconds: run.seconds ?? null,
		epochs: run.epochs,
		metrics: run.metrics,
		...(run.sweep && { trials: run.sweep }),
		error: run.error ?? null,
	};
}
