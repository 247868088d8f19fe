import { dirname } from "node:path";
import { captureEnvironment, type RunFacts } from "./environment.ts";
import { gitState } from "./git-state.ts";
import type { Environment } from "./types.ts";

/**
 * What the records of many runs of one process have in common, asked for once. Such runs do without system metrics
 * of their own: the machine works for all of them.
 */
export interface SharedRecord {
	readonly git: Promise<Environment["git"]>;
	/** The machine, with what only the run knows. */
	readonly environment: (facts: RunFacts) => Environment;
}

/** @param source the experiment's file: git is asked where it lies. */
export function shareRecord(source: string): SharedRecord {
	let machine: Environment | undefined;
	return {
		git: gitState(dirname(source)),
		environment(facts) {
			machine ??= captureEnvironment(facts);
			return { ...machine, ...facts };
		},
	};
}
