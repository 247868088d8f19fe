import type { Task, TaskKind, TrialFailure } from "../types.ts";
import type { View } from "./facts.ts";
import { inParts, jobName } from "./names.ts";
import type { PlannedJob } from "./types.ts";
import type { Verdict } from "./verdict.ts";

/** In the order in which they are submitted. */
const KINDS: readonly TaskKind[] = ["extraction", "stacked", "single"];

/**
 * Tasks to be submitted: those without results that are neither in the queue nor running.
 * @param by `user`: whatever has failed before; `graft`: only what may be tried again.
 * @param alsoHeld also those whose copy on a lost node still lives: the new copy waits for the lease
 */
export function tasksToSubmit(
	verdicts: readonly Verdict[],
	by: "user" | "graft",
	alsoHeld = false,
): readonly Task[] {
	const byId = new Map(verdicts.map((v) => [v.task.id, v] as const));
	const isWanted = ({ state, again }: Verdict): boolean =>
		state === "new" ||
		((state === "ended" || state === "gone") && (again || by === "user")) ||
		(state === "held" && alsoHeld && again);
	/** Its extraction is there, comes, or is submitted with it. */
	const canStart = ({ task }: Verdict): boolean =>
		task.after.every((id) => {
			const first = byId.get(id);
			return (
				first === undefined ||
				first.state === "done" ||
				isAlive(first) ||
				isWanted(first)
			);
		});
	return verdicts
		.filter((verdict) => isWanted(verdict) && canStart(verdict))
		.map(({ task }) => task);
}

/** In the queue or running, as far as is known. */
export function isAlive({ state }: Verdict): boolean {
	return (
		state === "queued" ||
		state === "running" ||
		state === "held" ||
		state === "unknown"
	);
}

/** Whether `on_failure` ends the sweep: failures since the user last started it are counted. */
export function hasStopped({
	manifest,
	rounds,
	failures,
	verdicts,
}: View): boolean {
	const onFailure = manifest.experiment.sweep?.on_failure ?? "continue";
	if (onFailure === "continue") return false;
	const since = rounds.filter(({ by }) => by === "user").at(-1)?.created ?? "";
	const again = new Set(
		verdicts
			.filter((verdict) => verdict.again || isAlive(verdict))
			.flatMap(({ task }) => task.trials),
	);
	const retries = manifest.experiment.sweep?.retries;
	/** Counted over all starts of the sweep, which only makes it end a little earlier. */
	const isSpent = ({ cause, attempts }: TrialFailure) =>
		cause === "input" || attempts > (retries?.[cause] ?? 0);
	const final = [...failures.values()].filter(
		(failure) =>
			failure.failed >= since &&
			(isSpent(failure) || !again.has(failure.trial)),
	);
	return final.length >= (onFailure === "stop" ? 1 : onFailure.stop_after);
}

/** One array per kind (several where Slurm's arrays are too short), and the job that follows them. */
export function jobsOf(
	sweepId: string,
	round: number,
	tasks: readonly Task[],
): readonly PlannedJob[] {
	const arrays = KINDS.flatMap((kind) =>
		inParts(tasks.filter((task) => task.kind === kind)).map((part, index) => ({
			name: jobName(sweepId, kind, round, index + 1),
			kind,
			tasks: part.map(({ id }) => id),
		})),
	);
	const name = jobName(sweepId, "collect", round);
	return [...arrays, { name, kind: "collect", tasks: [] }];
}
