import { relative } from "node:path";
import type { ProgressStream } from "../features/progress.ts";
import { logFile } from "../sweep/folder.ts";
import { type Meter, openMeter } from "../sweep/progress.ts";
import type { RunSweepOptions, SweepStart } from "../sweep/run-sweep.ts";
import { plainLine, tableLines, valuesText } from "../sweep/table.ts";
import type { Task, TrialFailure } from "../sweep/types.ts";
import { count, printable } from "../text.ts";
import type { Io } from "./io.ts";

/** How a sweep that runs is shown: a table that is redrawn on a terminal, plain lines elsewhere. */
export interface SweepView {
	readonly listener: RunSweepOptions["listener"];
	/** Leaves the last state standing. */
	readonly end: () => void;
}

/** A terminal is redrawn, and a line is written elsewhere, so often. */
const TERMINAL_MS = 200;
const PLAIN_MS = 5_000;

/** So many failures are told in a line each; the first in full. */
const MOST_TOLD = 10;

/** @param onFolder the sweep's journal is there */
export function openSweepView(
	io: Io,
	stream: ProgressStream & { readonly rows?: number },
	onFolder: (folder: string) => void,
): SweepView {
	let meter: Meter | undefined;
	let folder = "";
	let timer: NodeJS.Timeout | undefined;
	let drawn = 0;
	let said = "";
	const told: TrialFailure[] = [];
	let alike = 0;

	function clear(): void {
		if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[J`);
		drawn = 0;
	}

	function draw(): void {
		if (meter === undefined) return;
		if (!stream.isTTY) {
			const line = plainLine(meter.progress());
			if (line !== said) io.stderr(`${line}\n`);
			said = line;
			return;
		}
		const lines = tableLines(meter.progress(), {
			color: io.color,
			width: stream.columns || 80,
			height: (stream.rows || 24) - 1,
		});
		clear();
		stream.write(`${lines.join("\n")}\n`);
		drawn = lines.length;
	}

	function say(text: string): void {
		clear();
		io.stderr(text);
		if (stream.isTTY) draw();
	}

	function onStart(start: SweepStart): void {
		const { status, placeCount, round } = start;
		const { trials, tasks, objective, toAsk = 0 } = status;
		meter = openMeter(trials, tasks, objective, placeCount);
		if (round > 0) {
			if (trials.some(isOpen))
				say(
					`round ${round}  ${trials.length} of ${count(trials.length + toAsk, "trial")} asked\n`,
				);
			return;
		}
		folder = start.folder;
		onFolder(folder);
		const done = trials.filter((trial) => !isOpen(trial)).length;
		const kept = done > 0 ? `, ${done} of them finished before` : "";
		io.stderr(
			`sweep ${start.sweepId}  ${count(trials.length + toAsk, "trial")}${toAsk > 0 ? `, ${trials.length} of them asked` : ""}${kept}, on ${start.places}\n`,
		);
		timer = setInterval(draw, stream.isTTY ? TERMINAL_MS : PLAIN_MS);
		timer.unref();
	}

	function onFailure(task: Task, failure: TrialFailure): void {
		if (isShared(task, failure) && told.some(isAlike(failure))) {
			alike++;
			return;
		}
		told.push(failure);
		if (told.length === 1) say(failureText(failure, folder, valuesOf(failure)));
		else if (told.length <= MOST_TOLD)
			say(
				`failed  ${valuesOf(failure)}: ${failure.code}, log ${shortLog(folder, task.id)}\n`,
			);
	}

	function valuesOf({ trial }: TrialFailure): string {
		const state = meter?.progress().trials.get(trial);
		return state === undefined ? trial : valuesText(state.values);
	}

	return {
		listener: {
			onStart,
			onTaskStart: (task, place) => meter?.start(task, place),
			onEvent: (task, event) => {
				meter?.event(task, event);
				if (event.type === "warning")
					say(`graft: warning ${event.code}: ${printable(event.message)}\n`);
			},
			onTaskEnd: (task) => meter?.end(task),
			onFailure,
		},
		end: () => {
			clearInterval(timer);
			draw();
			const more = alike + Math.max(0, told.length - MOST_TOLD);
			if (more > 0) io.stderr(`failed  ${count(more, "time")} more\n`);
		},
	};
}

function isOpen({ status }: SweepStart["status"]["trials"][number]): boolean {
	return status !== "FINISHED" && status !== "PRUNED";
}

/** What befalls all trials of a task at once is told once. */
function isShared({ kind }: Task, { code }: TrialFailure): boolean {
	return kind === "extraction" || code === "worker-died";
}

function isAlike(failure: TrialFailure): (other: TrialFailure) => boolean {
	return ({ task, code, attempts }) =>
		task === failure.task &&
		code === failure.code &&
		attempts === failure.attempts;
}

/** The first failure, with what to do and where to read on. */
function failureText(
	{ code, message, fix, task, attempts }: TrialFailure,
	folder: string,
	values: string,
): string {
	const again = attempts > 1 ? ` (attempt ${attempts})` : "";
	return [
		`graft: error ${code}: ${printable(message)}`,
		`  trial: ${values}${again}`,
		...(fix === undefined ? [] : [`  fix: ${fix}`]),
		`  log: ${shortLog(folder, task)}`,
		"",
	].join("\n");
}

function shortLog(folder: string, task: string): string {
	const path = logFile(folder, task);
	const short = relative(process.cwd(), path);
	return short.startsWith("..") ? path : short;
}
