import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { readWithBases } from "./extends.ts";
import { locate } from "./locate.ts";
import { expandStrategy, type Given } from "./presets/expand.ts";
import { resolveExperiment } from "./resolve.ts";
import { checkRules } from "./rules.ts";
import { applySets } from "./set.ts";
import type { Experiment, Provenance, Strategy } from "./types.ts";
import { byPlace } from "./validate/sort.ts";
import { validate } from "./validate/validate.ts";
import type { Located } from "./yaml/source.ts";
import { type Entry, isNull, type MapTree, type Tree } from "./yaml/tree.ts";

/** An experiment file, read, resolved and free of mistakes. */
export interface LoadedExperiment {
	/** As the user named it. */
	readonly file: string;
	/** The normal form: shorthands written out, defaults filled in, paths absolute. */
	readonly experiment: Experiment;
	/** Where each value of it came from, in its order. */
	readonly provenance: readonly Provenance[];
	/** The strategy that the file names; of auto, what the experiment says is linear_probe until run has decided. */
	readonly strategy?: Strategy;
	/** What of the experiment the strategy says, in the file's own syntax. */
	readonly strategyGives?: readonly Given[];
	/** The place of a value in the files or on the command line, for diagnostics of later rooms. */
	readonly locate: (path: readonly (string | number)[]) => Located | undefined;
}

/** A file with what it extends and what is set over it, as far as it could be read. */
export interface ReadExperiment {
	readonly file: string;
	/** Without `sweep`. */
	readonly tree: MapTree;
	readonly sweep: Entry | undefined;
	/** Mistakes of the texts; what they hide is not known. */
	readonly problems: readonly Diagnostic[];
	/** Whether every file could be read: otherwise keys may be missing for that reason alone. */
	readonly isWhole: boolean;
}

/** Reads the texts: the file, what it extends, `--set` over both. */
export function readExperiment(
	file: string,
	sets: readonly string[],
): Result<ReadExperiment> {
	const read = readWithBases(file);
	if (read.tree === undefined) return fail(byPlace(read.problems, file));
	const applied = applySets(read.tree, sets);
	const entries = new Map(applied.tree.entries);
	const sweep = entries.get("sweep");
	entries.delete("sweep");
	return ok({
		file,
		tree: { ...applied.tree, entries },
		sweep,
		problems: [...read.problems, ...applied.problems],
		isWhole: read.isWhole,
	});
}

/** What the schema says of a tree. */
export function treeFaults(
	tree: MapTree,
	{ isWhole }: Pick<ReadExperiment, "isWhole">,
): readonly Diagnostic[] {
	return validate(expandStrategy(tree).tree).filter(
		({ code }) => code !== "missing-key" || isWhole,
	);
}

/** The normal form of a tree that the schema allows, with what the rules between fields say. */
export function loadTree(
	written: MapTree,
	file: string,
): Result<LoadedExperiment> {
	const { tree, strategy, gives } = expandStrategy(written);
	const { experiment, provenance } = resolveExperiment(tree, file);
	const find = (path: readonly (string | number)[]) =>
		locate(path[0] === "strategy" ? written : tree, path);
	const says = (path: readonly string[]) => isWritten(written, path);
	const rules = checkRules(experiment, find, strategy && { strategy, says });
	const found = sorted(rules, file);
	if (found.some(({ severity }) => severity === "error")) return fail(found);
	const preset = strategy && { strategy, strategyGives: gives };
	return ok({ file, experiment, provenance, ...preset, locate: find }, found);
}

function isWritten(tree: Tree, [key, ...rest]: readonly string[]): boolean {
	if (key === undefined) return !isNull(tree);
	const entry = tree.kind === "map" ? tree.entries.get(key) : undefined;
	return entry !== undefined && isWritten(entry.value, rest);
}

/** Sorted by place; what has no place of its own is about the file as a whole. */
export function sorted(
	diagnostics: readonly Diagnostic[],
	file: string,
): readonly Diagnostic[] {
	const placed = diagnostics.map((each) =>
		each.file === undefined ? { ...each, file } : each,
	);
	return byPlace(placed, file);
}
