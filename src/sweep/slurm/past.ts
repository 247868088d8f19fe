import type { Round, Submitted } from "./types.ts";

/** Every submission of each task. */

/** One submission of a task. */
export interface Attempt {
	readonly name: string;
	/** Place in its array. */
	readonly place: number;
	/** Slurm's number of the array; undefined where sbatch's answer is not known. */
	readonly array: string | undefined;
	readonly refused: string | undefined;
	/** Whether it counts: made since the user last started the sweep. */
	readonly counts: boolean;
}

/** Every attempt at each task, oldest first. */
export function attemptsByTask({
	rounds,
	submitted,
}: {
	readonly rounds: readonly Round[];
	readonly submitted: ReadonlyMap<string, Submitted>;
}): ReadonlyMap<string, readonly Attempt[]> {
	const lastByUser = Math.max(
		0,
		...rounds.filter(({ by }) => by === "user").map(({ round }) => round),
	);
	const found = new Map<string, Attempt[]>();
	for (const { round, jobs } of rounds)
		for (const { name, tasks } of jobs) {
			const answer = submitted.get(name);
			const array = answer && "job" in answer ? answer.job : undefined;
			const refused =
				answer && "refused" in answer ? answer.refused : undefined;
			for (const [place, task] of tasks.entries()) {
				const list = found.get(task) ?? [];
				const counts = round >= lastByUser;
				list.push({ name, place, array, refused, counts });
				found.set(task, list);
			}
		}
	return found;
}
