import { fail, type Result } from "../diagnostic.ts";
import {
	type LoadedExperiment,
	loadTree,
	readExperiment,
	sorted,
	treeFaults,
} from "./load-tree.ts";
import { loadBase } from "./sweep/load-sweep.ts";

export type { LoadedExperiment } from "./load-tree.ts";

/**
 * Reads an experiment file and says everything that is wrong with it, sorted by place. Of a file with `sweep`, the
 * section and each of its values are checked, and the experiment is the file's own; loadSweep has the trials.
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
	const read = readExperiment(file, sets);
	if (!read.ok) return read;
	if (read.value.sweep !== undefined) return loadBase(read.value);
	const { tree, problems } = read.value;
	const faults = [...problems, ...treeFaults(tree, read.value)];
	if (faults.length > 0) return fail(sorted(faults, file));
	return loadTree(tree, file);
}

/** Whether a file, with what it extends and what is set, is a sweep; false where it cannot be read. */
export function isSweep(file: string, sets: readonly string[]): boolean {
	const read = readExperiment(file, sets);
	return read.ok && read.value.sweep !== undefined;
}
