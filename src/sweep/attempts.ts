import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stateFiles } from "../runs/checkpoints/state-file.ts";
import { JOURNAL_FILE, openJournal } from "../runs/journal.ts";
import { isGone } from "../runs/process-alive.ts";
import { readJournal } from "../runs/read-journal.ts";
import { foldJournal } from "../runs/record.ts";
import { openResumption, type Resumption } from "../runs/resume.ts";
import type { JournalEvent, RunRecord } from "../runs/types.ts";
import { trialsFolder } from "./folder.ts";
import { namesIn } from "./results.ts";
import type { StoredTrial, TrialResult } from "./types.ts";

/**
 * Earlier attempts at a trial that has no result, looked at before the next one:
 *
 *   finished, but its process died before it said so   adopted: nothing is run twice
 *   failed by itself                                   kept: its journal says why
 *   ended in the middle, process gone, with a state    kept: the next attempt goes on from there
 *   the same without                                   removed, unless a server knows of it
 *   ended in the middle, who knows where               its journal ends as KILLED
 */

/** What MLflow's note in a run's folder is called: a server has seen the run. */
const SENT_FILE = "mlflow.json";

/**
 * The caller holds the lease of the trial's task.
 * @param goesOn whether what ended in the middle is gone on with, where it can be
 * @returns the result of an attempt that finished
 */
export function settleAttempts(
	sweepFolder: string,
	trial: StoredTrial,
	taskId: string,
	goesOn = false,
): TrialResult | undefined {
	for (const name of attemptsOf(sweepFolder, trial)) {
		const folder = join(trialsFolder(sweepFolder), name);
		const record = recordIn(folder);
		if (record === undefined) {
			rmSync(folder, { recursive: true, force: true });
			continue;
		}
		if (record.run.status === "FINISHED")
			return resultOf(record.run, trial, taskId);
		const hasEnded = record.run.status === "FAILED" && record.hasEnd;
		if (hasEnded || (goesOn && canGoOn(record))) continue;
		if (!existsSync(join(folder, SENT_FILE)) && isOver(record)) {
			rmSync(folder, { recursive: true, force: true });
			continue;
		}
		if (!record.hasEnd) endAsKilled(folder);
	}
	return undefined;
}

/**
 * The attempt at a trial that goes on in its own folder, from its last state that is whole.
 * @param fingerprint what the trial is now
 */
export async function interruptedAttempt(
	sweepFolder: string,
	trial: Pick<StoredTrial, "runId">,
	fingerprint: string,
): Promise<Resumption | undefined> {
	for (const name of attemptsOf(sweepFolder, trial).toReversed()) {
		const folder = join(trialsFolder(sweepFolder), name);
		const record = recordIn(folder);
		if (record === undefined || !canGoOn(record)) continue;
		const { runId } = record.run;
		if (record.run.fingerprint === fingerprint) {
			const resumption = await openResumption(folder, { runId, fingerprint });
			if (resumption.state !== undefined) return resumption;
		}
		if (existsSync(join(folder, SENT_FILE))) continue;
		rmSync(folder, { recursive: true, force: true });
	}
	return undefined;
}

/** Ended by no fault of its own, for certain, and what it had learnt is there. */
function canGoOn(attempt: Attempt): boolean {
	const { status, folder } = attempt.run;
	const isInterrupted = status === "KILLED" || !attempt.hasEnd;
	return isInterrupted && isOver(attempt) && stateFiles(folder).length > 0;
}

/** Folder names of a trial's attempts: its run id, and that with -2, -3 … */
export function attemptsOf(
	sweepFolder: string,
	{ runId }: Pick<StoredTrial, "runId">,
): readonly string[] {
	return namesIn(trialsFolder(sweepFolder)).filter(
		(name) =>
			name === runId ||
			(name.startsWith(`${runId}-`) &&
				/^\d+$/.test(name.slice(runId.length + 1))),
	);
}

/** A finished run's record as a result. */
export function resultOf(
	run: Pick<
		RunRecord,
		"runId" | "finalMetrics" | "epochs" | "stop" | "startTime" | "endTime"
	>,
	trial: StoredTrial,
	task: string,
): TrialResult {
	const { startTime, endTime = startTime } = run;
	return {
		trial: trial.id,
		index: trial.index,
		runId: run.runId,
		status: run.stop?.reason === "asked" ? "PRUNED" : "FINISHED",
		values: trial.values,
		metrics: run.finalMetrics,
		epochs: run.epochs.at(-1)?.epoch ?? 0,
		seconds: (Date.parse(endTime) - Date.parse(startTime)) / 1000,
		task,
		finished: endTime,
	};
}

interface Attempt {
	readonly run: RunRecord;
	readonly hasEnd: boolean;
	readonly start: Extract<JournalEvent, { type: "start" }>;
}

/** Undefined where the journal has no start: the process died while it made the folder. */
function recordIn(folder: string): Attempt | undefined {
	const path = join(folder, JOURNAL_FILE);
	if (!existsSync(path)) return undefined;
	const content = readJournal(path);
	// Whoever went on with it last is the one that may still be alive.
	const from = content.events.findLastIndex(({ type }) => type === "start");
	const start = content.events[from];
	if (start?.type !== "start") return undefined;
	const hasEnd = content.events
		.slice(from)
		.some((event) => event.type === "end");
	return { run: foldJournal(content, folder), hasEnd, start };
}

/** Nobody writes into it any more, for certain. */
function isOver({ hasEnd, start }: Attempt): boolean {
	return hasEnd || isGone(start);
}

function endAsKilled(folder: string): void {
	const journal = openJournal(folder);
	const message = "another process took over this trial's task";
	journal.append({
		type: "end",
		status: "KILLED",
		error: { code: "killed", message },
	});
	journal.close();
}
