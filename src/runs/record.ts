import { basename, join, resolve } from "node:path";
import { RunError } from "../diagnostic.ts";
import { JOURNAL_FILE } from "./journal.ts";
import { isGone } from "./process-alive.ts";
import { type JournalContent, readJournal } from "./read-journal.ts";
import { stepsOf } from "./step-record.ts";
import type {
	EpochRecord,
	JournalEvent,
	Metric,
	RunRecord,
	RunStatus,
} from "./types.ts";

/** journal.jsonl → one value: everything `show`, the report and MLflow know of a run. */

type Start = Extract<JournalEvent, { type: "start" }>;

/**
 * Folds a run's journal. Damaged lines are skipped and named in a warning; a run whose process is gone
 * without an end event reads as FAILED, "died".
 * @throws RunError "no-journal" when there is none, "no-start" when its first event is missing or damaged.
 */
export function readRun(folder: string): RunRecord {
	const path = join(resolve(folder), JOURNAL_FILE);
	return foldJournal(readJournal(path), resolve(folder));
}

/** The fold itself; looks at nothing but the events and, for a run without an end, at its process. */
export function foldJournal(
	{ events, damagedLines }: JournalContent,
	folder: string,
): RunRecord {
	const starts = events.filter((event) => event.type === "start");
	const first = starts[0];
	const last = starts[starts.length - 1];
	if (first === undefined || last === undefined) throw noStart(folder);
	const metrics = events.flatMap((event) =>
		event.type === "metrics" ? event.metrics : [],
	);
	return {
		runId: first.runId,
		name: first.name,
		...ending(events, last),
		fingerprint: first.fingerprint,
		source: first.source,
		argv: last.argv,
		experiment: first.experiment,
		trial: first.trial,
		...(first.strategy && { strategy: first.strategy }),
		...(first.attached && { attached: first.attached }),
		kind: first.kind ?? "run",
		environment: ofType(events, "environment").at(-1)?.environment,
		data: ofType(events, "data").at(-1),
		metrics,
		finalMetrics: lastValues(metrics),
		epochs: byEpoch(events),
		steps: ofType(events, "steps").flatMap(stepsOf),
		stop: ofType(events, "stop").at(-1),
		phases: ofType(events, "phase").map(({ name, seconds, detail }) => ({
			name,
			seconds,
			detail,
		})),
		artifacts: lastOfEachPath(ofType(events, "artifact")),
		warnings: [
			...ofType(events, "warning").map(({ code, message }) => ({
				code,
				message,
			})),
			...damageWarning(damagedLines),
		],
		startTime: first.begin ?? first.time,
		folder,
	};
}

/** How a run ended: what its last start was followed by. */
function ending(
	events: readonly JournalEvent[],
	start: Start,
): {
	status: RunStatus;
	endTime: string | undefined;
	error: RunRecord["error"];
} {
	const since = events.slice(events.indexOf(start));
	const end = ofType(since, "end").at(-1);
	if (end !== undefined)
		return { status: end.status, endTime: end.time, error: end.error };
	if (!isGone(start))
		return { status: "RUNNING", endTime: undefined, error: undefined };
	return {
		status: "FAILED",
		endTime: events[events.length - 1]?.time,
		error: died(start.pid),
	};
}

/** The error of a run that ended without saying so. */
export function died(pid: number): { code: string; message: string } {
	return {
		code: "died",
		message: `process ${pid} ended without a word (killed, out of memory, or the machine stopped)`,
	};
}

function noStart(folder: string): RunError {
	return new RunError(
		"no-start",
		`${join(folder, JOURNAL_FILE)} has no readable start: ${basename(folder)} ended before its first line was written, or the file is damaged`,
		{ fix: "run the experiment again; the folder can be deleted" },
	);
}

function damageWarning(lines: readonly number[]): RunRecord["warnings"] {
	if (lines.length === 0) return [];
	const shown = lines.slice(0, 10).join(", ");
	const more = lines.length > 10 ? ` and ${lines.length - 10} more` : "";
	return [
		{
			code: "journal-damaged",
			message: `${JOURNAL_FILE}: skipped damaged line${lines.length === 1 ? "" : "s"} ${shown}${more}`,
		},
	];
}

function ofType<T extends JournalEvent["type"]>(
	events: readonly JournalEvent[],
	type: T,
): Extract<JournalEvent, { type: T }>[] {
	return events.filter(
		(event): event is Extract<JournalEvent, { type: T }> => event.type === type,
	);
}

function byEpoch(events: readonly JournalEvent[]): EpochRecord[] {
	const epochs = new Map<number, Metric[]>();
	for (const { epoch, metrics } of ofType(events, "metrics"))
		epochs.set(epoch, [...(epochs.get(epoch) ?? []), ...metrics]);
	return [...epochs]
		.sort(([a], [b]) => a - b)
		.map(([epoch, metrics]) => ({ epoch, metrics: lastValues(metrics) }));
}

/** Last value of each key. */
export function lastValues(metrics: readonly Metric[]): Record<string, number> {
	return Object.fromEntries(metrics.map(({ key, value }) => [key, value]));
}

function lastOfEachPath(
	artifacts: readonly Extract<JournalEvent, { type: "artifact" }>[],
): RunRecord["artifacts"] {
	const byPath = new Map(
		artifacts.map(({ type: _, time: __, ...artifact }) => [
			artifact.path,
			artifact,
		]),
	);
	return [...byPath.values()];
}
