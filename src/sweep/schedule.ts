import type { OnFailure, SweepOptions } from "../experiment/types.ts";
import type { Task, TrialFailure } from "./types.ts";

/**
 * Which task comes next. Knows no processes and no clock: what is finished and what failed is asked of the files, so
 * that several runners agree without talking to each other.
 *
 *   waiting ─ all of `after` over ─ ready ─ running ─┬─ over
 *      └─────── retry, or busy elsewhere ────────────┘
 */
export interface ScheduleInput {
	/** An extraction before those that wait for it. */
	readonly tasks: readonly Task[];
	readonly retries: SweepOptions["retries"];
	readonly onFailure: OnFailure;
	readonly hasResult: (trial: string) => boolean;
	readonly failureOf: (trial: string) => TrialFailure | undefined;
}

/** How a task ended, as far as the schedule cares. */
export type TaskEnd =
	/** It did what it is for: an extraction has filled the cache, each other's trial has a result. */
	| "finished"
	/** Some of its trials have a failure that is new. */
	| "failed"
	/** Another process has it. */
	| "busy";

export interface Schedule {
	/** The next task to start, with the trials that are still wanted; undefined: nothing is ready at this time. */
	readonly next: (nowMs: number) => Task | undefined;
	readonly end: (taskId: string, end: TaskEnd, nowMs: number) => void;
	/** Tasks that could start now beside those that run; counted up to `most`. */
	readonly readyCount: (nowMs: number, most: number) => number;
	/** Nothing is left to do or to wait for, or failures have stopped the sweep. */
	readonly isOver: () => boolean;
	/** `on_failure` has stopped it: nothing more is started. */
	readonly isStopped: () => boolean;
	/** Trials that have failed for good since the schedule was opened. */
	readonly failed: () => readonly TrialFailure[];
	/** Tasks that were started here, by kind. */
	readonly started: () => Readonly<Record<Task["kind"], number>>;
}

/** The first retry waits so long, each later one twice as long as the one before. */
const BACKOFF_MS = 1_000;

/** How soon a task that another process has is asked for again. */
const BUSY_MS = 500;

/** Opens a schedule; failures of earlier starts are forgiven. */
export function openSchedule(input: ScheduleInput): Schedule {
	const { tasks, hasResult, failureOf } = input;
	const attemptsBefore = new Map<string, number>();
	for (const trial of new Set(tasks.flatMap(({ trials }) => trials)))
		attemptsBefore.set(trial, failureOf(trial)?.attempts ?? 0);
	const running = new Set<string>();
	const over = new Set<string>();
	const notBefore = new Map<string, number>();
	const lost = new Map<string, TrialFailure>();
	const ordered = inOrder(tasks);
	const done = new Set<string>();
	const started = { extraction: 0, stacked: 0, single: 0 };

	function attemptsOf(failure: TrialFailure | undefined): number {
		if (failure === undefined) return 0;
		return failure.attempts - (attemptsBefore.get(failure.trial) ?? 0);
	}

	/** Trials of a task that are neither finished nor failed for good. */
	function wanted(task: Task): readonly string[] {
		return task.trials.filter((trial) => {
			if (lost.has(trial) || isDone(trial)) return false;
			const failure = failureOf(trial);
			const attempts = attemptsOf(failure);
			if (failure === undefined || attempts <= allowed(failure)) return true;
			lost.set(trial, failure);
			return false;
		});
	}

	/** Asked of the files until it is so. */
	function isDone(trial: string): boolean {
		if (!done.has(trial) && hasResult(trial)) done.add(trial);
		return done.has(trial);
	}

	function allowed({ cause }: TrialFailure): number {
		return cause === "input" ? 0 : input.retries[cause];
	}

	const known = new Set(tasks.map(({ id }) => id));

	/** All that comes before it is over. */
	function isFree(task: Task): boolean {
		return task.after.every((id) => over.has(id) || !known.has(id));
	}

	/** True also of a task that has nothing left to do, which thereby is over. */
	function isTaskOver(task: Task): boolean {
		if (over.has(task.id)) return true;
		if (running.has(task.id) || !isFree(task) || wanted(task).length > 0)
			return false;
		over.add(task.id);
		return true;
	}

	function isReady(task: Task, nowMs: number): boolean {
		if (over.has(task.id) || running.has(task.id)) return false;
		if ((notBefore.get(task.id) ?? 0) > nowMs) return false;
		return isFree(task) && !isTaskOver(task);
	}

	function isStopped(): boolean {
		const { onFailure } = input;
		if (onFailure === "continue") return false;
		const most = onFailure === "stop" ? 1 : onFailure.stop_after;
		return lost.size >= most;
	}

	function next(nowMs: number): Task | undefined {
		if (isStopped()) return undefined;
		const task = ordered.find((each) => isReady(each, nowMs));
		if (task === undefined) return undefined;
		running.add(task.id);
		started[task.kind]++;
		return { ...task, trials: wanted(task) };
	}

	function end(taskId: string, how: TaskEnd, nowMs: number): void {
		running.delete(taskId);
		const task = tasks.find(({ id }) => id === taskId);
		if (task === undefined) return;
		if (how === "busy") {
			started[task.kind]--;
			notBefore.set(taskId, nowMs + BUSY_MS);
			return;
		}
		const left = wanted(task);
		// An extraction leaves its trials without a result, and perhaps with the failure of an earlier attempt.
		const isDone = task.kind === "extraction" && how === "finished";
		if (isDone || left.length === 0) {
			over.add(taskId);
			return;
		}
		const most = Math.max(...left.map((trial) => attemptsOf(failureOf(trial))));
		notBefore.set(taskId, nowMs + BACKOFF_MS * 2 ** Math.max(0, most - 1));
	}

	return {
		next,
		end,
		readyCount: (nowMs, most) => {
			let count = 0;
			for (const task of ordered) {
				if (count >= most || isStopped()) break;
				if (isReady(task, nowMs)) count++;
			}
			return count;
		},
		isOver: () => isStopped() || ordered.every(isTaskOver),
		isStopped,
		failed: () => [...lost.values()],
		started: () => started,
	};
}

/** Extractions first, for others wait for them; then the longest, so that the last to end is a short one. */
function inOrder(tasks: readonly Task[]): readonly Task[] {
	const first = (task: Task) => (task.kind === "extraction" ? 0 : 1);
	return [...tasks].sort(
		(a, b) => first(a) - first(b) || b.seconds - a.seconds,
	);
}
