import { relative } from "node:path";
import {
	type Cell,
	type Column,
	type TableOptions,
	textTable,
} from "../runs/text-table.ts";
import { duration, printable } from "../text.ts";
import { countStates } from "./progress.ts";
import { countTasks, type SweepStatus } from "./status.ts";
import { bestText } from "./table.ts";
import type { TrialState } from "./types.ts";

/** So many trials are listed; all of them in JSON. */
const MOST = 20;

/** A sweep for people: counts, the best trials by the objective, then what failed. */
export function statusText(sweep: SweepStatus, options: TableOptions): string {
	const { trials, best, objective } = sweep;
	const sorted = ranked(sweep);
	const shown = sorted.slice(0, MOST);
	const left = sorted.length - shown.length;
	return [
		headline(sweep),
		...(best === undefined ? [] : [bestText(best, objective.metric)]),
		tasksLine(sweep),
		"",
		trialTable(shown, objective.metric, options).trimEnd(),
		...(left > 0 ? [`… ${left} more: --format json lists all`] : []),
		...failures(trials),
		"",
	].join("\n");
}

function headline(sweep: SweepStatus): string {
	const { sweepId, status, trials, seconds, toAsk = 0 } = sweep;
	const all = trials.length + toAsk;
	const asked = toAsk > 0 ? `${trials.length} of ${all} trials asked` : "";
	const by = countStates(trials);
	const counts = Object.entries(by)
		.filter(([, n]) => n > 0)
		.map(([state, n]) => `${n} ${state.toLowerCase()}`);
	return [
		sweepId,
		status,
		`${asked || `${all} trials`}: ${counts.join(", ")}`,
		duration(seconds),
	].join("  ");
}

function tasksLine({ tasks, folder }: SweepStatus): string {
	const { extraction, stacked, single } = countTasks(tasks);
	return `${extraction} extraction, ${stacked} stacked, ${single} single tasks  ${relative(process.cwd(), folder) || folder}`;
}

/** By the objective, best first; without a value last, in the file's order. */
export function ranked({
	trials,
	objective: { metric, mode },
}: Pick<SweepStatus, "trials" | "objective">): readonly TrialState[] {
	const sign = mode === "max" ? -1 : 1;
	const keyOf = ({ metrics }: TrialState) => {
		const value = metrics[metric];
		return value === undefined || Number.isNaN(value)
			? Number.POSITIVE_INFINITY
			: sign * value;
	};
	return [...trials].sort((a, b) => {
		const [left, right] = [keyOf(a), keyOf(b)];
		return left === right ? a.index - b.index : left - right;
	});
}

function trialTable(
	trials: readonly TrialState[],
	metric: string,
	options: TableOptions,
): string {
	const keys = [
		...new Set(trials.flatMap(({ values }) => Object.keys(values))),
	];
	const columns: Column[] = [
		{ title: metric, align: "right" },
		...keys.map((key) => ({ title: shortKey(key, keys) })),
		{ title: "status" },
		{ title: "run", dropOrder: 1 },
	];
	const rows = trials.map((trial): Cell[] => [
		{ text: trial.metrics[metric]?.toFixed(4) ?? "", style: "bold" },
		...keys.map((key) => ({ text: valueText(trial.values[key]) })),
		{ text: trial.status, style: STYLE[trial.status] },
		{ text: trial.runId },
	]);
	return textTable(columns, rows, options);
}

const STYLE = {
	PENDING: "dim",
	RUNNING: "cyan",
	FINISHED: "green",
	PRUNED: "yellow",
	FAILED: "red",
} as const;

/** `learning_rate` for `train.learning_rate`, where no other key ends so. */
function shortKey(key: string, keys: readonly string[]): string {
	const last = key.split(".").at(-1) as string;
	const alike = keys.filter((other) => other.split(".").at(-1) === last);
	return alike.length === 1 ? last : key;
}

function valueText(value: TrialState["values"][string] | undefined): string {
	if (value === undefined) return "";
	return printable(typeof value === "string" ? value : JSON.stringify(value));
}

/** Each reason once, with how many trials have it. */
function failures(trials: readonly TrialState[]): readonly string[] {
	const byReason = new Map<string, number>();
	for (const { status, error } of trials) {
		if (status !== "FAILED" || error === undefined) continue;
		const reason = `${error.code}: ${printable(error.message)}`;
		byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
	}
	if (byReason.size === 0) return [];
	const lines = [...byReason].map(([reason, n]) => `  ${n} × ${reason}`);
	return ["", "failed", ...lines.slice(0, 10)];
}
