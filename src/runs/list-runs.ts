import {
	closeSync,
	type Dirent,
	fstatSync,
	openSync,
	readdirSync,
	readSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { RunError } from "../diagnostic.ts";
import { epochsOf } from "../experiment/classical-types.ts";
import { JOURNAL_FILE } from "./journal.ts";
import { isGone } from "./process-alive.ts";
import { parseEvent } from "./read-journal.ts";
import { died, lastValues } from "./record.ts";
import type { JournalEvent, RunSummary } from "./types.ts";

/**
 * All runs of a folder, newest first, at the price of the first and the last lines of each journal:
 *
 *   start ── environment ── data ── phase ── metrics … metrics ── metrics ── end
 *   └─ head ─┘                                          └──────── tail ───────┘
 */

/** Bytes of a journal that are read from each of its ends; a start event that is longer is read whole. */
const WINDOW = 32_768;

/**
 * One summary per folder that holds a journal, newest first. A missing folder has no runs.
 * @throws RunError "runs-folder" when the folder is there and cannot be read.
 */
export function listRuns(runsFolder: string): RunSummary[] {
	const root = resolve(runsFolder);
	const runs: RunSummary[] = [];
	const window = Buffer.allocUnsafe(2 * WINDOW);
	for (const entry of folders(root)) {
		const summary = summarize(join(root, entry.name), entry.name, window);
		if (summary !== undefined) runs.push(summary);
	}
	return runs.sort(newestFirst);
}

function newestFirst(a: RunSummary, b: RunSummary): number {
	const [left, right] = [a.startTime ?? "", b.startTime ?? ""];
	if (left !== right) return left < right ? 1 : -1;
	return a.runId < b.runId ? -1 : 1;
}

function folders(root: string): Dirent[] {
	try {
		return readdirSync(root, { withFileTypes: true }).filter(
			(entry) => entry.isDirectory() || entry.isSymbolicLink(),
		);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
		throw new RunError(
			"runs-folder",
			`cannot read the runs folder ${root}: ${(error as Error).message}`,
			{
				fix: "name a folder of runs with --runs DIR or GRAFT_RUNS",
				cause: error,
			},
		);
	}
}

/** Undefined when the folder holds no journal: it is no run. */
function summarize(
	folder: string,
	runId: string,
	window: Buffer,
): RunSummary | undefined {
	const ends = readEnds(join(folder, JOURNAL_FILE), window);
	if (ends === undefined) return undefined;
	const first = parseEvent(ends.head);
	const { end, last, epochs, metrics, resumed } = lookBack(ends.tail);
	const start =
		resumed ?? (isEvent(first) && first.type === "start" ? first : undefined);
	const alive = end === undefined && start !== undefined && !isGone(start);
	const startTime = beginOf(first);
	const endTime = end?.time ?? (alive ? undefined : last?.time);
	const isSweep = start?.kind === "sweep";
	return {
		runId,
		name: start?.name ?? "",
		status: end?.status ?? (alive ? "RUNNING" : "FAILED"),
		startTime,
		endTime,
		seconds: secondsBetween(startTime, endTime),
		epochs,
		epochsAsked: isSweep ? undefined : epochsOf(start?.experiment),
		metrics: isSweep ? bestIn(metrics) : metrics,
		...(isSweep && { sweep: trialsIn(metrics) }),
		error:
			end?.error ?? (end || alive ? undefined : errorWithoutEnd(start?.pid)),
		folder,
	};
}

/** `best/valid/accuracy` of a sweep's journal is its best trial's `valid/accuracy`. */
function bestIn(metrics: RunSummary["metrics"]): Record<string, number> {
	const entries = Object.entries(metrics)
		.filter(([key]) => key.startsWith("best/"))
		.map(([key, value]) => [key.slice("best/".length), value] as const);
	return Object.fromEntries(entries);
}

function trialsIn(
	metrics: RunSummary["metrics"],
): NonNullable<RunSummary["sweep"]> {
	const {
		"trials/planned": planned = 0,
		"trials/finished": finished = 0,
		"trials/pruned": pruned = 0,
		"trials/failed": failed = 0,
	} = metrics;
	return { planned, finished: finished + pruned, failed };
}

/** The command's begin where the first event is a start, else that event's time. */
function beginOf(first: ReturnType<typeof parseEvent>): string | undefined {
	if (!isEvent(first)) return undefined;
	return (first.type === "start" ? first.begin : undefined) ?? first.time;
}

function errorWithoutEnd(pid: number | undefined): RunSummary["error"] {
	if (pid !== undefined) return died(pid);
	return { code: "no-start", message: "the journal has no readable start" };
}

/** Seconds from start to end, or to now. */
function secondsBetween(
	start: string | undefined,
	end: string | undefined,
): number | undefined {
	if (start === undefined) return undefined;
	const until = end === undefined ? Date.now() : Date.parse(end);
	return Math.max(0, (until - Date.parse(start)) / 1000);
}

/** Reads lines from the last to the first until the last finished epoch is known. */
function lookBack(lines: readonly string[]) {
	let end: Extract<JournalEvent, { type: "end" }> | undefined;
	let resumed: Extract<JournalEvent, { type: "start" }> | undefined;
	let last: JournalEvent | undefined;
	let epochs = 0;
	let metrics: Record<string, number> = {};
	for (let index = lines.length - 1; index >= 0; index--) {
		const event = parseEvent(lines[index] as string);
		if (!isEvent(event)) continue;
		last ??= event;
		if (event.type === "end" && resumed === undefined) end ??= event;
		if (event.type === "start" && end === undefined) resumed ??= event;
		if (event.type !== "metrics") continue;
		// Metrics of one epoch may come in several events; those of the epoch before end the search.
		if (epochs !== 0 && event.epoch !== epochs) break;
		const values = lastValues(event.metrics);
		// The result's values, of an earlier epoch; how many epochs there were is said before.
		if (event.restored) {
			metrics = { ...values, ...metrics };
			continue;
		}
		// With `log: step` an epoch may have begun without having been evaluated.
		if ("valid/loss" in values) epochs = event.epoch;
		metrics = { ...values, ...metrics };
	}
	return { end, resumed, last, epochs, metrics };
}

function isEvent(event: ReturnType<typeof parseEvent>): event is JournalEvent {
	return event !== undefined && event !== "unknown";
}

/** The first line, and all lines that end in the last WINDOW bytes; of a short journal, all lines. */
function readEnds(
	path: string,
	window: Buffer,
): { head: string; tail: string[] } | undefined {
	let file: number;
	try {
		file = openSync(path, "r");
	} catch {
		return undefined;
	}
	try {
		const { size } = fstatSync(file);
		const head = window.subarray(
			0,
			readSync(file, window, 0, window.length, 0),
		);
		const firstLine = lineAt(file, head, size);
		if (size <= head.length) return { head: firstLine, tail: linesOf(head) };
		const tail = Buffer.allocUnsafe(WINDOW);
		const length = readSync(file, tail, 0, WINDOW, size - WINDOW);
		// The first line of the tail is perhaps cut, and then fails to parse: nothing is lost.
		return { head: firstLine, tail: linesOf(tail.subarray(0, length)) };
	} catch {
		return undefined;
	} finally {
		closeSync(file);
	}
}

function lineAt(file: number, head: Buffer, size: number): string {
	const newline = head.indexOf(0x0a);
	if (newline !== -1) return head.toString("utf8", 0, newline);
	if (size <= head.length) return head.toString("utf8");
	const whole = Buffer.allocUnsafe(Math.min(size, 64 * WINDOW));
	const length = readSync(file, whole, 0, whole.length, 0);
	const end = whole.subarray(0, length).indexOf(0x0a);
	return whole.toString("utf8", 0, end === -1 ? length : end);
}

function linesOf(bytes: Buffer): string[] {
	return bytes.toString("utf8").split("\n");
}
