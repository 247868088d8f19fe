import type { JobKind } from "./types.ts";

/** Most tasks of one array: Slurm's default MaxArraySize is 1001, and the highest index stays below it. */
export const MOST_IN_ARRAY = 1000;

/**
 * A job's name, unique in a sweep: by it a job is found whose number was lost with the shell that submitted it.
 * @param part from 1; said where a kind needs several arrays.
 */
export function jobName(
	sweepId: string,
	kind: JobKind,
	round: number,
	part = 1,
): string {
	const name = `graft-${sweepId}-${kind}-${round}`;
	return part === 1 ? name : `${name}-${part}`;
}

/** Pieces of at most `most`, in order. */
export function inParts<T>(items: readonly T[], most = MOST_IN_ARRAY): T[][] {
	const parts: T[][] = [];
	for (let from = 0; from < items.length; from += most)
		parts.push(items.slice(from, from + most));
	return parts;
}
