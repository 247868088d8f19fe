import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Diagnostic } from "../diagnostic.ts";
import { merge } from "./merge.ts";
import { experimentSchema } from "./schema.ts";
import { validateAs } from "./validate/validate.ts";
import { type Read, readExperimentFile } from "./yaml/read.ts";
import { located } from "./yaml/source.ts";
import type { MapTree, ScalarTree } from "./yaml/tree.ts";

/** These belong to the file they stand in. */
const NOT_INHERITED = ["extends", "name", "description"];

/** A file and what it extends, as far as they could be read. */
export interface Layers extends Read<MapTree> {
	/** Whether every file could be read: otherwise keys may be missing for that reason alone. */
	readonly isWhole: boolean;
}

/**
 * A file with everything it extends, in one tree: the files it names in order, each over the one
 * before, itself on top. Mistakes in another file are reported at their place there.
 */
export function readWithBases(
	file: string,
	above: readonly string[] = [],
): Layers {
	const own = readExperimentFile(file, above.length === 0 ? "file" : "extends");
	if (own.tree === undefined) return { ...own, isWhole: false };
	const named = basesOf(own.tree);
	const problems = [...own.problems, ...named.problems];
	let isWhole = named.problems.length === 0;
	let tree: MapTree = { ...own.tree, entries: new Map() };
	for (const base of named.bases) {
		const read = readBase(file, base, [...above, resolve(file)]);
		problems.push(...read.problems);
		isWhole &&= read.isWhole;
		if (read.tree === undefined) continue;
		const inherited = without(read.tree, NOT_INHERITED);
		tree = merge(tree, inherited, experimentSchema) as MapTree;
	}
	const ownKeys = without(own.tree, ["extends"]);
	tree = merge(tree, ownKeys, experimentSchema) as MapTree;
	return { tree, problems, isWhole };
}

/** The names after `extends`, with their places. */
function basesOf(tree: MapTree): {
	readonly bases: readonly ScalarTree[];
	readonly problems: readonly Diagnostic[];
} {
	const value = tree.entries.get("extends")?.value;
	if (value === undefined) return { bases: [], problems: [] };
	const schema = experimentSchema.properties?.extends ?? {};
	const problems = validateAs(value, schema, ["extends"]);
	if (problems.length > 0) return { bases: [], problems };
	const bases = value.kind === "list" ? value.items : [value];
	return { bases: bases as readonly ScalarTree[], problems };
}

function readBase(
	file: string,
	base: ScalarTree,
	chain: readonly string[],
): Layers {
	const name = String(base.value);
	const path = isAbsolute(name) ? name : join(dirname(file), name);
	const place = base.at === undefined ? { file } : located(base.at);
	if (chain.includes(resolve(path)))
		return {
			tree: undefined,
			isWhole: false,
			problems: [
				{
					severity: "error",
					code: "extends-cycle",
					...place,
					message:
						resolve(path) === chain.at(-1)
							? "this file extends itself"
							: `"${name}" extends this file in turn`,
					reason: "files that extend each other in a circle have no first one",
					fix: "take one of the extends away",
				},
			],
		};
	const read = readWithBases(path, chain);
	const problems = read.problems.map((problem) =>
		problem.file === path && problem.range === undefined
			? { ...problem, ...place, message: `"${name}": ${problem.message}` }
			: problem,
	);
	return { ...read, problems };
}

function without(tree: MapTree, keys: readonly string[]): MapTree {
	const entries = [...tree.entries].filter(([key]) => !keys.includes(key));
	return { ...tree, entries: new Map(entries) };
}
