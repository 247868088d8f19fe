import { basename } from "node:path";
import { fail, type Result } from "../diagnostic.ts";
import { findRun } from "../runs/find-run.ts";
import { isSweep } from "../sweep/folder.ts";
import { readStatus } from "../sweep/status.ts";

/** As findRun, for verbs that look at one trained network: a sweep is the diagnostic "run-is-sweep". */
export function findOneRun(
	runsFolder: string,
	word: string,
	verb: string,
): Result<string> {
	const found = findRun(runsFolder, word);
	if (!found.ok || !isSweep(found.value)) return found;
	const { best } = readStatus(found.value);
	const id = basename(found.value);
	return fail([
		{
			severity: "error",
			code: "run-is-sweep",
			message: `${id} is a sweep, and ${verb} takes one run`,
			fix:
				best === undefined
					? `name one of its trials: graft sweep status ${id} lists them`
					: `name one of its trials; the best is ${verb} ${best.runId}`,
		},
	]);
}
