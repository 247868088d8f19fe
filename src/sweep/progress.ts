import type { Objective } from "../experiment/types.ts";
import type { TaskEvent } from "./execute.ts";
import { bestOf } from "./status.ts";
import type { Task, TrialState } from "./types.ts";

/** How far a sweep is, kept up by events; what the live table and the plain lines show. */
export interface Progress {
	readonly objective: Objective;
	readonly trials: ReadonlyMap<string, LiveTrial>;
	/** Tasks that run here, in the order they began. */
	readonly tasks: ReadonlyMap<string, LiveTask>;
	readonly best: TrialState | undefined;
	/** Until all is done; undefined while nothing says how fast it goes. */
	readonly secondsLeft: number | undefined;
}

/** A trial, and the epoch it has reached. */
export interface LiveTrial extends TrialState {
	readonly epoch: number;
	readonly epochs: number;
}

/** A task that runs. */
export interface LiveTask {
	readonly task: Task;
	readonly place: string;
	readonly begin: number;
	/** Photos, of an extraction or of a run's own features. */
	readonly features:
		| { readonly done: number; readonly total: number }
		| undefined;
}

/** Takes events, answers the progress. `now` in ms. */
export interface Meter {
	readonly start: (task: Task, place: string) => void;
	readonly event: (task: Task, event: TaskEvent) => void;
	readonly end: (task: Task) => void;
	readonly progress: () => Progress;
}

/** @param slots how many tasks run at once */
export function openMeter(
	states: readonly TrialState[],
	tasks: readonly Task[],
	objective: Objective,
	slots: number,
	now: () => number = () => performance.now(),
): Meter {
	const trials = new Map<string, LiveTrial>(
		states.map((state) => [state.trial, { ...state, epoch: 0, epochs: 0 }]),
	);
	const live = new Map<string, LiveTask>();
	const begin = now();
	const expected = new Map(tasks.map(({ id, seconds }) => [id, seconds]));
	let spent = 0;
	let planned = 0;

	function set(trial: string, change: Partial<LiveTrial>): void {
		const state = trials.get(trial);
		if (state !== undefined) trials.set(trial, { ...state, ...change });
	}

	function event(task: Task, said: TaskEvent): void {
		if (said.type === "start")
			set(said.trial, { status: "RUNNING", runId: said.runId });
		else if (said.type === "features") {
			const entry = live.get(task.id);
			const { done, total } = said;
			if (entry) live.set(task.id, { ...entry, features: { done, total } });
		} else if (said.type === "epoch") {
			const { trial, epoch, epochs, metrics } = said;
			set(trial, { epoch, epochs, metrics });
		} else if (said.type === "result") {
			const { trial, status, metrics, runId } = said.result;
			set(trial, { status, metrics, runId });
		} else if (said.type === "failure") {
			const { trial, code, message } = said.failure;
			set(trial, { status: "FAILED", error: { code, message } });
		}
	}

	function end(task: Task): void {
		const entry = live.get(task.id);
		live.delete(task.id);
		if (entry === undefined) return;
		spent += (now() - entry.begin) / 1000;
		planned += expected.get(task.id) ?? 0;
		expected.delete(task.id);
		for (const trial of task.trials)
			if (trials.get(trial)?.status === "RUNNING")
				set(trial, { status: "PENDING", epoch: 0 });
	}

	/** Expected seconds, put right by what the tasks so far took, less what running ones have behind them. */
	function secondsLeft(): number | undefined {
		if (live.size === 0) return undefined;
		const open = new Set(
			[...trials.values()]
				.filter(({ status }) => status === "PENDING" || status === "RUNNING")
				.map(({ trial }) => trial),
		);
		const left = tasks.filter(
			({ id, trials: ids }) =>
				expected.has(id) && ids.some((trial) => open.has(trial)),
		);
		const rate = planned > 0 ? spent / planned : 1;
		const seconds = left.reduce((sum, { id, seconds: each }) => {
			const entry = live.get(id);
			const behind = entry ? (now() - entry.begin) / 1000 : 0;
			return sum + Math.max(0, each * rate - behind);
		}, 0);
		if (planned === 0 && now() - begin < 2_000) return undefined;
		return seconds / Math.max(1, Math.min(slots, left.length));
	}

	return {
		start: (task, place) =>
			void live.set(task.id, {
				task,
				place,
				begin: now(),
				features: undefined,
			}),
		event,
		end,
		progress: () => ({
			objective,
			trials,
			tasks: live,
			best: bestOf([...trials.values()], objective),
			secondsLeft: secondsLeft(),
		}),
	};
}

/** Trials by state. */
export function countStates(
	trials: Iterable<Pick<TrialState, "status">>,
): Readonly<Record<TrialState["status"], number>> {
	const counts = { PENDING: 0, RUNNING: 0, FINISHED: 0, PRUNED: 0, FAILED: 0 };
	for (const { status } of trials) counts[status]++;
	return counts;
}
