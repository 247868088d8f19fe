import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { readWithBases } from "./extends.ts";
import { locate } from "./locate.ts";
import { resolveExperiment } from "./resolve.ts";
import { checkRules } from "./rules.ts";
import { applySets } from "./set.ts";
import type { Experiment, Provenance } from "./types.ts";
import { byPlace } from "./validate/sort.ts";
import { validate } from "./validate/validate.ts";
import type { Located } from "./yaml/source.ts";

/** An experiment file, read, resolved and free of mistakes. */
export interface LoadedExperiment {
	/** As the user named it. */
	readonly file: string;
	/** The normal form: shorthands written out, defaults filled in, paths absolute. */
	readonly experiment: Experiment;
	/** Where each value of it came from, in its order. */
	readonly provenance: readonly Provenance[];
	/** The place of a value in the files or on the command line, for diagnostics of later rooms. */
	readonly locate: (path: readonly (string | number)[]) => Located | undefined;
}

/**
 * Reads an experiment file and says everything that is wrong with it, sorted by place.
 *
 *   file ─ extends ─ --set ─ schema ─ normal form ─ rules between fields
 *   └─ text, YAML ─┘          └ all at once ┘        └─ all at once ──┘
 *
 * @param file path as the user named it
 * @param sets texts of `--set`, in order: `train.learning_rate=0.01`
 */
export function loadExperiment(
	file: string,
	sets: readonly string[],
): Result<LoadedExperiment> {
	const read = readWithBases(file);
	if (read.tree === undefined) return fail(byPlace(read.problems, file));
	const { tree, problems } = applySets(read.tree, sets);
	const faults = [...read.problems, ...problems, ...validate(tree)].filter(
		({ code }) => code !== "missing-key" || read.isWhole,
	);
	if (faults.length > 0) return fail(byPlace(inFile(faults, file), file));
	const { experiment, provenance } = resolveExperiment(tree, file);
	const find = (path: readonly (string | number)[]) => locate(tree, path);
	const found = byPlace(inFile(checkRules(experiment, find), file), file);
	if (found.some(({ severity }) => severity === "error")) return fail(found);
	return ok({ file, experiment, provenance, locate: find }, found);
}

/** What has no place of its own is about the file as a whole. */
function inFile(
	diagnostics: readonly Diagnostic[],
	file: string,
): readonly Diagnostic[] {
	return diagnostics.map((each) =>
		each.file === undefined ? { ...each, file } : each,
	);
}
