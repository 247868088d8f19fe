import type { TaskEvent } from "./execute.ts";
import { describeFailure } from "./execute.ts";
import { isAskedToEnd } from "./folder.ts";
import type { Place, Places } from "./places.ts";
import { hasResult, readFailure, writeFailure } from "./results.ts";
import type { Schedule, TaskEnd } from "./schedule.ts";
import type { FailureCause, Task, TrialFailure } from "./types.ts";
import type { WorkOutcome } from "./worker.ts";

/** Who is told how a sweep goes on. */
export interface SweepListener {
	readonly onTaskStart: (task: Task, place: string) => void;
	readonly onEvent: (task: Task, event: TaskEvent) => void;
	/** `seconds` it took. */
	readonly onTaskEnd: (task: Task, status: string, seconds: number) => void;
	/** A trial has failed, now or not for the last time. */
	readonly onFailure: (task: Task, failure: TrialFailure) => void;
}

/** What a runner works with. */
export interface RunnerInput {
	readonly sweepFolder: string;
	readonly schedule: Schedule;
	readonly places: Places;
	readonly cores: number;
	/** Aborting ends the workers' runs as KILLED. */
	readonly signal: AbortSignal;
	readonly listener: SweepListener;
}

/** How often files are looked at for what others do: results, cancel, leases. */
const POLL_MS = 250;

/**
 * Gives tasks to places until the schedule is over, somebody cancels or `signal` aborts; then everything it started
 * has ended.
 */
export async function runTasks(input: RunnerInput): Promise<void> {
	const { sweepFolder, schedule, places, signal } = input;
	const running = new Set<Promise<void>>();
	const now = () => performance.now();
	const isEnding = () => signal.aborted || isAskedToEnd(sweepFolder);
	let isClosing = false;
	try {
		while (!isEnding() && !schedule.isOver()) {
			const started = place();
			if (started !== undefined) {
				const work = started.finally(() => running.delete(work));
				running.add(work);
				continue;
			}
			if (running.size < places.size) await places.rest();
			await Promise.race([...running, sleep(POLL_MS, signal)]);
		}
	} finally {
		isClosing = true;
		await places.close();
		await Promise.allSettled(running);
	}

	/** Starts the next task; undefined where no place is free. */
	function place(): Promise<void> | undefined {
		const ready = schedule.readyCount(now(), places.size);
		const taken = ready > 0 ? places.take() : undefined;
		if (taken === undefined) return undefined;
		const task = schedule.next(now());
		if (task === undefined) {
			places.free(taken);
			return undefined;
		}
		const atOnce = Math.min(places.size, ready + running.size);
		const cores = Math.max(1, Math.floor(input.cores / atOnce));
		return work(task, taken, cores);
	}

	async function work(task: Task, taken: Place, cores: number): Promise<void> {
		const { listener } = input;
		const begin = now();
		listener.onTaskStart(task, taken.name);
		const outcome = await taken.worker.run(task, cores, (event) => {
			listener.onEvent(task, event);
			if (event.type === "failure") listener.onFailure(task, event.failure);
		});
		// Its memory may still be full of what failed.
		if (lacksMemory(outcome)) await taken.worker.end();
		places.free(taken);
		if (!isClosing && !isEnding())
			for (const failure of noted(task, outcome))
				listener.onFailure(task, failure);
		schedule.end(task.id, endOf(outcome), now());
		listener.onTaskEnd(task, outcome.status, (now() - begin) / 1000);
	}

	/** What the worker could not write down itself: it died, or a fault kept it from trials. */
	function noted(task: Task, outcome: WorkOutcome): readonly TrialFailure[] {
		if (outcome.status === "BUSY" || outcome.status === "KILLED") return [];
		const failed = new Set(
			"failures" in outcome ? outcome.failures.map(({ trial }) => trial) : [],
		);
		if (task.kind === "extraction" && outcome.status === "FINISHED") return [];
		const { cause, code, message, fix } = reasonOf(outcome);
		return task.trials
			.filter((trial) => !failed.has(trial) && !hasResult(sweepFolder, trial))
			.map((trial) => {
				const error = { code, message, fix };
				const failure = {
					...describeFailure(sweepFolder, trial, error, cause, task.id),
					runId: readFailure(sweepFolder, trial)?.runId,
				};
				writeFailure(sweepFolder, failure);
				return failure;
			});
	}
}

function lacksMemory(outcome: WorkOutcome): boolean {
	return (
		"failures" in outcome &&
		outcome.failures.some(({ cause }) => cause === "memory")
	);
}

/** A task that was ended under its runner's hands lost its lease: another process has it. */
function endOf({ status }: WorkOutcome): TaskEnd {
	if (status === "BUSY" || status === "KILLED") return "busy";
	return status === "FINISHED" ? "finished" : "failed";
}

function reasonOf(outcome: WorkOutcome): {
	readonly cause: FailureCause;
	readonly code: string;
	readonly message: string;
	readonly fix: string | undefined;
} {
	if (outcome.status === "DIED")
		return {
			cause: outcome.memory ? "memory" : "infrastructure",
			code: "worker-died",
			message: outcome.message,
			fix: outcome.memory
				? "fewer workers (sweep.launcher.local.workers), a smaller batch_size, or more memory"
				: undefined,
		};
	const { code, message } =
		outcome.status === "FAULT"
			? outcome
			: { code: "internal", message: "the task ended without this trial" };
	// The disk may have room again, the folder may be back; a fault of Graft's stays one.
	const cause = code === "internal" ? "input" : "infrastructure";
	return { cause, code, message, fix: undefined };
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) return resolve();
		const wake = () => {
			clearTimeout(timer);
			signal.removeEventListener("abort", wake);
			resolve();
		};
		const timer = setTimeout(wake, ms);
		signal.addEventListener("abort", wake);
	});
}
