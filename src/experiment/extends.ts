import { dirname, isAbsolute, join, resolve } from "node:path";
import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { merge } from "./merge.ts";
import { readExperimentFile } from "./read.ts";
import { experimentSchema } from "./schema.ts";
import { located } from "./source.ts";
import type { MapTree, ScalarTree } from "./tree.ts";
import { validateAs } from "./validate.ts";

/** These belong to the file they stand in. */
const NOT_INHERITED = ["extends", "name", "description"];

/**
 * A file with everything it extends, in one tree: the files it names in order, each over the one
 * before, itself on top. Mistakes in another file are reported at their place there.
 */
export function readWithBases(
	file: string,
	above: readonly string[] = [],
): Result<MapTree> {
	const own = readExperimentFile(file, above.length === 0 ? "file" : "extends");
	if (!own.ok) return own;
	const named = basesOf(own.value);
	if (!named.ok) return named;
	const chain = [...above, resolve(file)];
	const problems: Diagnostic[] = [];
	let tree: MapTree = { kind: "map", entries: new Map(), at: own.value.at };
	for (const base of named.value) {
		const read = readBase(file, base, chain);
		if (read.ok)
			tree = merge(
				tree,
				without(read.value, NOT_INHERITED),
				experimentSchema,
			) as MapTree;
		else problems.push(...read.diagnostics);
	}
	if (problems.length > 0) return fail(problems);
	return ok(
		merge(tree, without(own.value, ["extends"]), experimentSchema) as MapTree,
	);
}

/** The names after `extends`, with their places. */
function basesOf(tree: MapTree): Result<readonly ScalarTree[]> {
	const entry = tree.entries.get("extends");
	if (entry === undefined) return ok([]);
	const schema = experimentSchema.properties?.extends ?? {};
	const problems = validateAs(entry.value, schema, ["extends"]);
	if (problems.length > 0) return fail(problems);
	const { value } = entry;
	return ok(
		(value.kind === "list" ? value.items : [value]) as readonly ScalarTree[],
	);
}

function readBase(
	file: string,
	base: ScalarTree,
	chain: readonly string[],
): Result<MapTree> {
	const name = String(base.value);
	const path = isAbsolute(name) ? name : join(dirname(file), name);
	const place = base.at === undefined ? { file } : located(base.at);
	const round = chain.indexOf(resolve(path));
	if (round >= 0)
		return fail([
			{
				severity: "error",
				code: "extends-cycle",
				...place,
				message:
					round === chain.length - 1
						? "this file extends itself"
						: `"${name}" extends this file in turn`,
				reason: "files that extend each other in a circle have no first one",
				fix: "take one of the extends away",
			},
		]);
	const read = readWithBases(path, chain);
	if (read.ok) return read;
	return fail(
		read.diagnostics.map((problem) =>
			problem.file === path && problem.range === undefined
				? { ...problem, ...place, message: `"${name}": ${problem.message}` }
				: problem,
		),
	);
}

function without(tree: MapTree, keys: readonly string[]): MapTree {
	const entries = [...tree.entries].filter(([key]) => !keys.includes(key));
	return { ...tree, entries: new Map(entries) };
}
