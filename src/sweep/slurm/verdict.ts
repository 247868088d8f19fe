import type { SweepOptions } from "../../experiment/types.ts";
import type { FailureCause, Task } from "../types.ts";
import { ended, lost, mayTryAgain } from "./endings.ts";
import { type Attempt, attemptsByTask } from "./past.ts";
import type { ExitRecord, Queue, Round, Submitted } from "./types.ts";

/**
 * What has become of each task: a pure function of the files and one squeue.
 *
 *   results there ── done
 *   squeue has it alive ── queued | running
 *   exit record ── ended, and why
 *   squeue says how it ended, or nothing of it ── lost: infrastructure
 *   squeue does not answer ── unknown, never failed
 */
export type TaskState =
	/** All its trials have results; an extraction: all rows are there. */
	| "done"
	/** Not submitted yet. */
	| "new"
	| "queued"
	| "running"
	/** Slurm has given up on it, its process lives: the copy on a lost node may still finish. */
	| "held"
	/** The controller does not answer, and no file says that it ended. */
	| "unknown"
	/** Slurm knows it no more and it left no exit record: lost, unless the record is still on its way to this machine. */
	| "gone"
	/** Ended without all results; `again` says whether it is submitted once more. */
	| "ended";

/** A task, its state, and what is known of its last attempt. */
export interface Verdict {
	readonly task: Task;
	readonly state: TaskState;
	/** Attempts since the user last started the sweep, those in the queue included. */
	readonly attempts: number;
	/** Of an ended or lost task: why, in a word or two, for tables: `NODE_FAIL`, `TIMEOUT`, `preempted or cancelled` … */
	readonly why: string;
	/** Of an ended or lost task: what the retries are counted by. */
	readonly cause: FailureCause | undefined;
	/** Whether Graft may submit it again by itself. */
	readonly again: boolean;
	/** Slurm's number, `12_3`; undefined before sbatch answered. */
	readonly job: string | undefined;
	/** Of its last attempt: the array's name and the place in it, `graft-x-single-1_3`. */
	readonly key: string | undefined;
}

/** Everything a verdict depends on. */
export interface Facts {
	readonly tasks: readonly Task[];
	readonly rounds: readonly Round[];
	readonly submitted: ReadonlyMap<string, Submitted>;
	readonly queue: Queue;
	/** Whether a task's work is there. */
	readonly isDone: (task: Task) => boolean;
	/** Exit record of `12_3`, a task of the array with this name. */
	readonly exitOf: (job: string, name: string) => ExitRecord | undefined;
	/** Whether the script of `12_3` has begun. */
	readonly hasStarted: (job: string) => boolean;
	/** Cause of the last failure of an open trial of the task; undefined where none is noted. */
	readonly failureOf: (task: Task) => FailureCause | undefined;
	/** Whether a live process holds the task's lease. */
	readonly isHeld: (task: Task) => boolean;
	/** Keys of tasks (see Verdict) that were waited for in vain. */
	readonly lost: ReadonlySet<string>;
	readonly retries: SweepOptions["retries"];
}

/** In the order of the tasks. */
export function verdicts(facts: Facts): readonly Verdict[] {
	const attempts = attemptsByTask(facts);
	const index = indexQueue(facts);
	return facts.tasks.map((task) =>
		verdictOf(task, attempts.get(task.id) ?? [], facts, index),
	);
}

interface QueueIndex {
	/** By name and number: a controller that has lost its state gives numbers away a second time. */
	readonly byId: ReadonlyMap<string, string>;
	/** Job name → number of the array or job. */
	readonly arrayByName: ReadonlyMap<string, string>;
}

function indexQueue({ queue }: Facts): QueueIndex {
	const jobs = queue.ok ? queue.jobs : [];
	return {
		byId: new Map(
			jobs.map(({ id, name, state }) => [`${name} ${id}`, state] as const),
		),
		arrayByName: new Map(
			jobs.map(({ id, name }) => [name, id.split("_")[0] ?? id] as const),
		),
	};
}

/** States of squeue in which a job has a future. */
const WAITING = new Set([
	"PENDING",
	"REQUEUED",
	"REQUEUE_HOLD",
	"REQUEUE_FED",
	"SPECIAL_EXIT",
]);
const LIVE = new Set([
	"RUNNING",
	"CONFIGURING",
	"COMPLETING",
	"SUSPENDED",
	"STOPPED",
	"SIGNALING",
	"STAGE_OUT",
	"RESIZING",
]);

function verdictOf(
	task: Task,
	attempts: readonly Attempt[],
	facts: Facts,
	index: QueueIndex,
): Verdict {
	const last = attempts.at(-1);
	const array = last && (last.array ?? index.arrayByName.get(last.name));
	const job = array === undefined ? undefined : `${array}_${last?.place}`;
	const base = {
		task,
		attempts: attempts.filter(
			(attempt) => attempt.counts && !waitedOnly(attempt, facts),
		).length,
		why: "",
		cause: undefined,
		again: false,
		job,
		key: last && `${last.name}_${last.place}`,
	} as const;
	if (facts.isDone(task)) return { ...base, state: "done" };
	if (last === undefined) return { ...base, state: "new", again: true };

	const state =
		job === undefined ? undefined : index.byId.get(`${last.name} ${job}`);
	if (state !== undefined && WAITING.has(state))
		return { ...base, state: "queued" };
	if (state !== undefined && LIVE.has(state))
		return { ...base, state: "running" };
	const exit = job === undefined ? undefined : facts.exitOf(job, last.name);
	if (exit !== undefined) return ended(base, exit, state, facts);
	if (facts.isHeld(task))
		return {
			...base,
			state: "held",
			again: mayTryAgain(base, "infrastructure", facts),
		};
	if (last.refused !== undefined)
		return { ...base, state: "ended", why: "refused by sbatch" };
	if (!facts.queue.ok) return { ...base, state: "unknown" };
	return lost(base, state, facts);
}

/** It found its extraction missing and ended at once: no attempt at its own work. */
function waitedOnly(
	{ array, place, name }: Attempt,
	{ exitOf }: Facts,
): boolean {
	return (
		array !== undefined && exitOf(`${array}_${place}`, name)?.reason === "waits"
	);
}
