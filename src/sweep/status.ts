import { existsSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import type { Objective } from "../experiment/types.ts";
import { JOURNAL_FILE } from "../runs/journal.ts";
import { readRun } from "../runs/record.ts";
import type { RunRecord } from "../runs/types.ts";
import { readManifest, readTrials } from "./folder.ts";
import { holderOf } from "./lease.ts";
import { readFailures, readResults } from "./results.ts";
import { liveRunners } from "./runners.ts";
import type {
	Manifest,
	StoredTrial,
	Task,
	TaskKind,
	TrialFailure,
	TrialResult,
	TrialState,
} from "./types.ts";

/** A sweep as its files tell it: what `run` prints at the end and `sweep status` at any time. */
export interface SweepStatus {
	readonly sweepId: string;
	readonly name: string;
	readonly source: string;
	/** Absolute. */
	readonly folder: string;
	/** KILLED: something is missing, and nobody works on it. SUBMITTED: on Slurm, nothing has started yet. */
	readonly status: "SUBMITTED" | "RUNNING" | "FINISHED" | "FAILED" | "KILLED";
	readonly objective: Objective;
	/** In the file's order. */
	readonly trials: readonly TrialState[];
	/** Planned at the last start. */
	readonly tasks: readonly Task[];
	/** The finished trial with the best objective; the first in the file's order among equals. */
	readonly best: TrialState | undefined;
	/** From the first start to the last end, or to now. */
	readonly seconds: number;
	readonly startTime: string;
	/** Trials that are still to be asked for, of a sweep by TPE. */
	readonly toAsk?: number;
}

/** @throws RunError "sweep-damaged" */
export function readStatus(folder: string): SweepStatus {
	const manifest = readManifest(folder);
	const stored = new Map(readTrials(folder).map((trial) => [trial.id, trial]));
	const results = readResults(folder);
	const failures = readFailures(folder);
	const running = runningTrials(folder, manifest, results);
	const trials = manifest.trials.flatMap((id) => {
		const trial = stored.get(id);
		return trial === undefined
			? []
			: [stateOf(trial, results.get(id), failures.get(id), running.has(id))];
	});
	const objective = objectiveOf(manifest);
	const toAsk = manifest.tpe?.toAsk;
	const { startTime, endTime, end } = timesOf(folder, manifest);
	const isLive = running.size > 0 || liveRunners(folder).length > 0;
	const until =
		endTime === undefined || isLive ? Date.now() : Date.parse(endTime);
	return {
		sweepId: manifest.sweepId,
		name: manifest.name,
		source: manifest.source,
		folder,
		status: statusOf(trials, toAsk ?? 0, isLive, end),
		objective,
		trials,
		tasks: manifest.tasks,
		best: bestOf(trials, objective),
		seconds: (until - Date.parse(startTime)) / 1000,
		startTime,
		...(toAsk !== undefined && { toAsk }),
	};
}

/** What a sweep prefers. */
export function objectiveOf({ experiment }: Manifest): Objective {
	return (
		experiment.sweep?.objective ?? { metric: "valid/accuracy", mode: "max" }
	);
}

function stateOf(
	trial: StoredTrial,
	result: TrialResult | undefined,
	failure: TrialFailure | undefined,
	isRunning: boolean,
): TrialState {
	const { id, index, runId, values } = trial;
	const base = { trial: id, index, values };
	if (result !== undefined) {
		const { status, metrics } = result;
		return { ...base, runId: result.runId, status, metrics };
	}
	const metrics = {};
	if (isRunning) return { ...base, runId, status: "RUNNING", metrics };
	if (failure === undefined)
		return { ...base, runId, status: "PENDING", metrics };
	const { code, message } = failure;
	return {
		...base,
		runId: failure.runId ?? runId,
		status: "FAILED",
		metrics,
		error: { code, message },
	};
}

/** Trials without a result whose task, not their extraction, somebody holds. */
function runningTrials(
	folder: string,
	{ tasks }: Manifest,
	results: ReadonlyMap<string, TrialResult>,
): ReadonlySet<string> {
	const running = new Set<string>();
	for (const task of tasks) {
		if (task.kind === "extraction") continue;
		const open = task.trials.filter((trial) => !results.has(trial));
		if (open.length === 0 || holderOf(folder, task.id) === undefined) continue;
		for (const trial of open) running.add(trial);
	}
	return running;
}

function statusOf(
	trials: readonly TrialState[],
	toAsk: number,
	isLive: boolean,
	end: string | undefined,
): SweepStatus["status"] {
	const isDone = ({ status }: TrialState) =>
		status === "FINISHED" || status === "PRUNED";
	if (toAsk === 0 && trials.every(isDone)) return "FINISHED";
	if (isLive) return "RUNNING";
	if (end === "KILLED") return "KILLED";
	return trials.some(({ status }) => status === "FAILED") && end !== undefined
		? "FAILED"
		: "KILLED";
}

/** The best of the finished by an objective; NaN is never best. */
export function bestOf<T extends Pick<TrialState, "status" | "metrics">>(
	trials: readonly T[],
	{ metric, mode }: Objective,
): T | undefined {
	let best: T | undefined;
	for (const trial of trials) {
		const value = trial.metrics[metric];
		if (trial.status !== "FINISHED" || value === undefined) continue;
		if (Number.isNaN(value)) continue;
		const held = best?.metrics[metric];
		if (held === undefined || (mode === "max" ? value > held : value < held))
			best = trial;
	}
	return best;
}

/** What the sweep's journal tells; undefined before its first line, which another runner may just be writing. */
export function sweepRun(folder: string): RunRecord | undefined {
	if (!existsSync(join(folder, JOURNAL_FILE))) return undefined;
	try {
		return readRun(folder);
	} catch (error) {
		if (error instanceof RunError && error.code === "no-start")
			return undefined;
		throw error;
	}
}

function timesOf(folder: string, manifest: Manifest) {
	const run = sweepRun(folder);
	if (run === undefined)
		return { startTime: manifest.created, endTime: undefined, end: undefined };
	const { startTime, endTime, status, error } = run;
	const hasEnd = status !== "RUNNING" && error?.code !== "died";
	return { startTime, endTime, end: hasEnd ? status : undefined };
}

/** How many tasks of each kind. */
export function countTasks(
	tasks: readonly Pick<Task, "kind">[],
): Readonly<Record<TaskKind, number>> {
	const counts = { extraction: 0, stacked: 0, single: 0 };
	for (const { kind } of tasks) counts[kind]++;
	return counts;
}
