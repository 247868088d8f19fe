import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { JOURNAL_FILE, openJournal } from "../runs/journal.ts";
import { isGone } from "../runs/process-alive.ts";
import { readJournal } from "../runs/read-journal.ts";
import { foldJournal } from "../runs/record.ts";
import type { JournalEvent, RunRecord } from "../runs/types.ts";
import { trialsFolder } from "./folder.ts";
import { namesIn } from "./results.ts";
import type { StoredTrial, TrialResult } from "./types.ts";

/**
 * Earlier attempts at a trial that has no result, looked at before the next one:
 *
 *   finished, but its process died before it said so   adopted: nothing is run twice
 *   failed by itself                                   kept: its journal says why
 *   ended in the middle, process gone                  removed, unless a server knows of it
 *   ended in the middle, who knows where               its journal ends as KILLED
 */

/** What MLflow's note in a run's folder is called: a server has seen the run. */
const SENT_FILE = "mlflow.json";

/** The caller holds the lease of the trial's task. @returns the result of an attempt that finished. */
export function settleAttempts(
	sweepFolder: string,
	trial: StoredTrial,
	taskId: string,
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
		if (hasEnded) continue;
		if (!existsSync(join(folder, SENT_FILE)) && isOver(record)) {
			rmSync(folder, { recursive: true, force: true });
			continue;
		}
		if (!record.hasEnd) endAsKilled(folder);
	}
	return undefined;
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
	const start = content.events.find((event) => event.type === "start");
	if (start === undefined) return undefined;
	const hasEnd = content.events.some((event) => event.type === "end");
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
