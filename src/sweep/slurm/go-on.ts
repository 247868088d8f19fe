import { setTimeout as sleep } from "node:timers/promises";
import { RunError } from "../../diagnostic.ts";
import { askToEnd, askToGoOn, isAskedToEnd } from "../folder.ts";
import { takeLease } from "../lease.ts";
import { scancel } from "./commands.ts";
import { lookAt, type View } from "./facts.ts";
import { markLost } from "./files.ts";
import { hasStopped, isAlive } from "./select.ts";
import { type SubmittedJob, submitMissing } from "./submit.ts";

/** What a step came to. */
export interface Step {
	readonly view: View;
	/** Jobs that this step submitted. */
	readonly submitted: readonly SubmittedJob[];
	/** Nothing is in the queue or running, and nothing is submitted again by itself. */
	readonly isOver: boolean;
}

/** How a step goes about it. */
export interface StepOptions {
	/** `user`: everything that is missing, attempts counted anew; `graft`: lost tasks, as often as sweep.retries allows. */
	readonly by: "user" | "graft";
	readonly onWarning: (code: string, message: string) => void;
	/** See tasksToSubmit. @default false */
	readonly alsoHeld?: boolean;
	/** @default 120, of a controller that does not answer */
	readonly patienceSeconds?: number;
}

/**
 * How long a record may take from a node to this machine: caches of network file systems hold a folder's listing for up
 * to 30 s by default (nfs(5), acdirmin). GRAFT_SLURM_GRACE changes it.
 */
function graceSeconds(): number {
	return Number(process.env.GRAFT_SLURM_GRACE ?? 30);
}

/**
 * Looks at a sweep and submits what is missing: what `graft run`, `sweep resume`, each turn of `sweep watch` and the job
 * that follows the arrays do. Several of them at once take turns.
 * @throws RunError "no-slurm", "sbatch-refused", "slurm-unreachable", "sweep-folder", "sweep-damaged"
 */
export async function goOn(
	folder: string,
	{ by, onWarning, alsoHeld = false, patienceSeconds = 120 }: StepOptions,
): Promise<Step> {
	const lease = await submissionLease(folder);
	try {
		if (by === "user") askToGoOn(folder);
		const view = await lookUntilSure(folder);
		if (by === "graft" && hasStopped(view)) await cancelSweep(folder);
		const submitted = isAskedToEnd(folder)
			? []
			: await submitMissing(folder, view, {
					by,
					alsoHeld,
					onWarning,
					patienceSeconds,
				});
		const isOver = submitted.length === 0 && !view.verdicts.some(isAlive);
		return { view, submitted, isOver };
	} finally {
		lease.release();
	}
}

/**
 * Cancels the sweep's jobs by their names; finished trials stay, and resume goes on.
 * @throws RunError "no-slurm", "slurm-unreachable", "sweep-folder"
 */
export async function cancelSweep(folder: string): Promise<void> {
	askToEnd(folder);
	const { rounds } = await lookAt(folder);
	const names = rounds.flatMap(({ jobs }) => jobs.map(({ name }) => name));
	const words = await scancel(names);
	if (words !== undefined)
		throw new RunError(
			"slurm-unreachable",
			`the jobs are not cancelled yet: ${words}`,
			{
				fix: "call graft sweep cancel again once Slurm's controller answers; tasks that start until then end at once",
			},
		);
}

/** A task that seems to be lost is looked at again after a while: its record may still be on its way. */
async function lookUntilSure(folder: string): Promise<View> {
	const view = await lookAt(folder);
	if (!view.verdicts.some(({ state }) => state === "gone")) return view;
	await sleep(graceSeconds() * 1000);
	const again = await lookAt(folder);
	for (const { state, key } of again.verdicts)
		if (state === "gone" && key !== undefined) markLost(folder, key);
	return again;
}

/** Two submitters at once would submit the same tasks twice. */
async function submissionLease(folder: string) {
	for (;;) {
		const lease = takeLease(folder, "slurm-submit");
		if (lease !== undefined) return lease;
		await sleep(200);
	}
}
