import type { Diagnostic } from "../diagnostic.ts";
import type { Located } from "./source.ts";
import type { Experiment } from "./types.ts";

/** Finds the place of a value. */
export type Locate = (
	path: readonly (string | number)[],
) => Located | undefined;

export function checkRules(
	_experiment: Experiment,
	_locate: Locate,
): readonly Diagnostic[] {
	return [];
}
