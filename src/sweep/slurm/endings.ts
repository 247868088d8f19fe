import type { FailureCause } from "../types.ts";
import type { ExitRecord } from "./types.ts";
import type { Facts, Verdict } from "./verdict.ts";

/** How a task ended that has no results, what that is counted as, and whether it is worth another attempt. */

/** What is known of the task besides. */
export type Base = Omit<Verdict, "state">;

/** By the record that its script left. @param state squeue's, where it still knows the job */
export function ended(
	base: Base,
	exit: ExitRecord,
	state: string | undefined,
	facts: Facts,
): Verdict {
	const because = (why: string, cause: FailureCause): Verdict => ({
		...base,
		state: "ended",
		why,
		cause,
		again: mayTryAgain(base, cause, facts),
	});
	switch (exit.reason) {
		case "USR1":
		case "TERM": {
			// Who cancels a job by hand does not want it back at once; graft sweep resume brings it.
			const words =
				exit.reason === "USR1"
					? "time limit or preemption"
					: "preempted or cancelled";
			const isWord = state !== undefined && !/^(FAILED|COMPLETED)$/.test(state);
			const known = isWord ? state : words;
			const verdict = because(known, "infrastructure");
			return state === "CANCELLED" ? { ...verdict, again: false } : verdict;
		}
		case "waits":
			// Its extraction is what counts.
			return {
				...because("extraction missing", "infrastructure"),
				again: true,
			};
		case "setup":
		case "no-node":
		case "no-graft":
		case "version":
			return because(WORDS[exit.reason](exit), "infrastructure");
		case "ended":
			break;
	}
	if (state === "OUT_OF_MEMORY") return because(state, "memory");
	const failure = facts.failureOf(base.task);
	return failure === undefined
		? because(`exit code ${exit.code}`, "infrastructure")
		: because("failed", failure);
}

/** What a script found on its node. */
const WORDS = {
	setup: ({ code, node }: ExitRecord) =>
		`a line of launcher.slurm.setup ended the script on ${node} with code ${code}`,
	"no-node": ({ node, detail }: ExitRecord) =>
		`Node.js does not start on ${node}: ${detail}`,
	"no-graft": ({ node, detail }: ExitRecord) =>
		`there is no Graft on ${node}: ${detail}`,
	version: ({ node, detail }: ExitRecord) =>
		`on ${node} there is Graft ${detail}, another version than the one that submitted`,
} as const;

/** Without a record. */
export function lost(
	base: Base,
	state: string | undefined,
	facts: Facts,
): Verdict {
	const cause = state === "OUT_OF_MEMORY" ? "memory" : "infrastructure";
	const verdict = {
		...base,
		why: howLost(base, state, facts),
		cause,
		again: state !== "CANCELLED" && mayTryAgain(base, cause, facts),
	} as const;
	// NODE_FAIL, TIMEOUT, PREEMPTED …: no record will come. After COMPLETED or FAILED one may be on its way.
	const isFinal =
		facts.lost.has(base.key ?? "") ||
		(state !== undefined && state !== "COMPLETED" && state !== "FAILED");
	return { ...verdict, state: isFinal ? "ended" : "gone" };
}

/** A script that never began where Slurm says that it ran: it could not write, or was not even read. */
function howLost(
	{ job }: Base,
	state: string | undefined,
	{ hasStarted }: Facts,
): string {
	if (job === undefined) return "never submitted";
	const isStrange = state === "FAILED" || state === "COMPLETED";
	return isStrange && !hasStarted(job)
		? `${state} without starting (is the sweep's folder seen by the nodes?)`
		: (state ?? "lost");
}

/** `attempts` are over, the first of them was no retry. */
export function mayTryAgain(
	{ attempts }: Base,
	cause: FailureCause,
	{ retries }: Facts,
): boolean {
	return cause === "input" ? false : attempts <= retries[cause];
}
