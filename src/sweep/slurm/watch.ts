import { setTimeout as sleep } from "node:timers/promises";
import { readRun } from "../../runs/record.ts";
import { isAskedToEnd } from "../folder.ts";
import { readStatus, type SweepStatus } from "../status.ts";
import { openSweepJournal } from "../sweep-journal.ts";
import { lookAt, type View } from "./facts.ts";
import { goOn, type Step, type StepOptions } from "./go-on.ts";
import { hasStopped, isAlive, tasksToSubmit } from "./select.ts";

/** A sweep's status, and what Slurm makes of it. */
export interface SlurmStatus extends SweepStatus {
	readonly slurm: View;
}

/** Status from any shell that sees the folder: files and one squeue. @throws RunError "no-slurm", "sweep-damaged" */
export async function slurmStatus(folder: string): Promise<SlurmStatus> {
	return withSlurm(folder, await lookAt(folder));
}

/** What the files say, completed by what is in the queue. */
export function withSlurm(folder: string, slurm: View): SlurmStatus {
	const status = readStatus(folder);
	const running = new Set(
		slurm.verdicts
			.filter(
				({ task, state }) => state === "running" && task.kind !== "extraction",
			)
			.flatMap(({ task }) => task.trials),
	);
	const trials = status.trials.map((trial) =>
		running.has(trial.trial) && trial.status === "PENDING"
			? { ...trial, status: "RUNNING" as const }
			: trial,
	);
	return { ...status, trials, status: statusOf(status, slurm, folder), slurm };
}

function statusOf(
	{ status, trials }: SweepStatus,
	view: View,
	folder: string,
): SlurmStatus["status"] {
	if (status === "FINISHED") return status;
	const { verdicts } = view;
	const hasBegun = verdicts.some(
		({ state }) => state === "running" || state === "done" || state === "ended",
	);
	if (verdicts.some(isAlive)) return hasBegun ? "RUNNING" : "SUBMITTED";
	if (isAskedToEnd(folder)) return hasStopped(view) ? "FAILED" : "KILLED";
	// What is lost and worth another attempt is the next turn's.
	if (tasksToSubmit(verdicts, "graft").length > 0) return "RUNNING";
	return trials.some((trial) => trial.status === "FAILED") ||
		verdicts.some(({ state }) => state === "ended")
		? "FAILED"
		: "KILLED";
}

/** A lease whose process died on another machine is stale after a minute; a little later it is taken over. */
const HELD_SECONDS = 90;

/**
 * The job that follows the arrays, and `graft sweep collect`: one turn, after copies on lost nodes were waited for. Those
 * that still live then get a second copy, which waits for their end.
 * @throws RunError as goOn
 */
export async function collectAfterArrays(
	folder: string,
	argv: readonly string[],
	options: Omit<StepOptions, "by">,
): Promise<Step> {
	const until = Date.now() + HELD_SECONDS * 1000;
	while (Date.now() < until) {
		const { verdicts } = await lookAt(folder);
		if (verdicts.every(({ state }) => state !== "held")) break;
		await sleep(2000);
	}
	return collect(folder, argv, { ...options, by: "graft", alsoHeld: true });
}

/**
 * One turn by Graft itself: lost tasks are submitted again, and once nothing is left to do the sweep's journal ends.
 * @throws RunError as goOn
 */
export async function collect(
	folder: string,
	argv: readonly string[],
	options: StepOptions,
): Promise<Step> {
	const step = await goOn(folder, options);
	if (!step.isOver) return step;
	const { status } = withSlurm(folder, step.view);
	const hasEnded = readRun(folder).status === status;
	if (status !== "SUBMITTED" && status !== "RUNNING" && !hasEnded)
		openSweepJournal(folder, argv, 0).end(status);
	return step;
}

/** How a watcher goes about it. */
export interface WatchOptions extends Omit<StepOptions, "by"> {
	/** Between two looks: one squeue each. GRAFT_SLURM_POLL changes it. @default 20 */
	readonly seconds?: number;
	readonly signal: AbortSignal;
	readonly onStep: (step: Step, status: SlurmStatus) => void;
}

/** Looks every few seconds and submits lost tasks again, until nothing is left to do or `signal` aborts. @throws RunError as goOn */
export async function watchSweep(
	folder: string,
	argv: readonly string[],
	{ signal, onStep, seconds, ...options }: WatchOptions,
): Promise<SlurmStatus> {
	const pause = seconds ?? Number(process.env.GRAFT_SLURM_POLL ?? 20);
	for (;;) {
		const step = await collect(folder, argv, { ...options, by: "graft" });
		const status = withSlurm(folder, step.view);
		onStep(step, status);
		if (step.isOver || signal.aborted) return status;
		await sleep(pause * 1000, undefined, { signal }).catch(() => undefined);
		if (signal.aborted) return status;
	}
}
