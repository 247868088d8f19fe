import { count } from "../../text.ts";
import type { TaskKind } from "../types.ts";
import type { View } from "./facts.ts";
import { tasksToSubmit } from "./select.ts";
import type { SubmittedJob } from "./submit.ts";
import type { TaskState } from "./verdict.ts";

/** What Slurm makes of a sweep, for people and for machines. */

/** Task states in the order in which they are said, with their words. */
const WORDS: Readonly<Record<TaskState, string>> = {
	done: "done",
	running: "running",
	held: "running on a node that Slurm has lost",
	queued: "queued",
	new: "not submitted",
	unknown: "unknown",
	gone: "without a word",
	ended: "ended",
};

/** Most tasks that are told one by one. */
const MOST = 10;

/** Lines for stderr or a table's head: counts by kind, then each task that ended without results, and why. */
export function slurmLines({ verdicts, queue }: View): readonly string[] {
	const kinds: readonly TaskKind[] = ["extraction", "stacked", "single"];
	const counts = kinds.flatMap((kind) => {
		const mine = verdicts.filter(({ task }) => task.kind === kind);
		if (mine.length === 0) return [];
		const parts = (Object.keys(WORDS) as TaskState[]).flatMap((state) => {
			const n = mine.filter((verdict) => verdict.state === state).length;
			return n === 0 ? [] : [`${n} ${WORDS[state]}`];
		});
		return [`slurm  ${kind}: ${parts.join(", ")}`];
	});
	const lost = verdicts.filter(({ why }) => why !== "");
	const coming = new Set(tasksToSubmit(verdicts, "graft"));
	const told = lost.slice(0, MOST).map(({ task, job, why, attempts }) => {
		const next = coming.has(task)
			? `is submitted again (attempt ${attempts + 1})`
			: "is not submitted again by itself: graft sweep resume";
		return `  ${task.id}  ${job ?? ""}  ${why}; ${next}`;
	});
	return [
		...counts,
		...told,
		...(lost.length > MOST
			? [`  and ${count(lost.length - MOST, "task")} more`]
			: []),
		...(queue.ok
			? []
			: [
					`slurm  the controller does not answer, so what is in the queue is unknown: ${queue.words}`,
				]),
	];
}

/** What was submitted: `job 12  graft-grid-s1a2b3c-stacked-1  4 tasks`. */
export function submittedLines(
	jobs: readonly SubmittedJob[],
): readonly string[] {
	return jobs.map(({ job, name, kind, tasks }) =>
		kind === "collect"
			? `job ${job}  ${name}  follows them and submits lost tasks again`
			: `job ${job}  ${name}  ${count(tasks.length, "task")}`,
	);
}

/** For `--format json`, beside the sweep's own words. */
export function slurmJson({ verdicts, queue, rounds }: View) {
	const tasks: Partial<Record<TaskState, number>> = {};
	const coming = new Set(tasksToSubmit(verdicts, "graft"));
	for (const { state } of verdicts) tasks[state] = (tasks[state] ?? 0) + 1;
	return {
		controller: queue.ok ? "up" : "unknown",
		rounds: rounds.length,
		tasks,
		lost: verdicts
			.filter(({ why }) => why !== "")
			.map(({ task, job, why, attempts }) => ({
				task: task.id,
				job: job ?? null,
				why,
				again: coming.has(task),
				attempts,
			})),
	};
}
