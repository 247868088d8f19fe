import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { readText } from "./read-bytes.ts";
import { located, makeSource, type Source } from "./source.ts";
import type { MapTree, Tree } from "./tree.ts";
import { explainYaml } from "./yaml-errors.ts";
import { treeFromYaml } from "./yaml-tree.ts";

/**
 * An experiment file as a map with the place of every key and value.
 *
 *   bytes → UTF-8 text → YAML 1.2 (JSON is part of it) → tree
 */
export function readExperimentFile(
	file: string,
	from: "file" | "extends",
): Result<MapTree> {
	const text = readText(file);
	if (!text.ok) return text;
	const source = makeSource(text.value, {
		file,
		from,
		folder: resolve(dirname(file)),
	});
	const tree = readYaml(source);
	if (!tree.ok) return tree;
	if (tree.value === undefined) return fail([emptyFile(source)]);
	if (tree.value.kind !== "map") return fail([notAMap(source, tree.value)]);
	return ok(tree.value);
}

/**
 * The tree of a YAML text; undefined when it holds no value.
 * @param text what is parsed, when a part of the source is blanked out
 */
export function readYaml(
	source: Source,
	text = source.text,
): Result<Tree | undefined> {
	const document = parse(text);
	if (document === undefined) return fail([tooDeep(source)]);
	const problems = [...document.errors, ...document.warnings];
	if (problems.length > 0) return fail(explainYaml(problems, source));
	if (document.contents === null) return ok(undefined);
	return treeFromYaml(document.contents, document, source);
}

/** Undefined when the nesting is deeper than the stack. */
function parse(text: string) {
	try {
		return parseDocument(text, {
			prettyErrors: false,
			uniqueKeys: false,
			logLevel: "silent",
		});
	} catch (error) {
		if (error instanceof RangeError) return undefined;
		throw error;
	}
}

function tooDeep({ file }: Source): Diagnostic {
	return {
		severity: "error",
		code: "yaml-too-deep",
		file,
		message: "this file is nested too deeply to be read",
		reason: "an experiment file has fewer than ten levels",
		fix: "look at the path",
	};
}

function emptyFile(source: Source): Diagnostic {
	const hasComments = source.text.includes("#");
	return {
		severity: "error",
		code: "empty-file",
		file: source.file,
		message: hasComments
			? "this file holds comments only"
			: "this file is empty",
		reason: "an experiment needs at least data and model",
		fix: "start with\n         data: { root: photos }\n         model: { backbone: efficientnet_lite0 }",
	};
}

function notAMap(source: Source, tree: Tree): Diagnostic {
	const isList = tree.kind === "list";
	const text = source.text.trim();
	return {
		severity: "error",
		code: "not-a-map",
		...(tree.at === undefined
			? { file: source.file }
			: located({ ...tree.at, end: tree.at.start + 1 })),
		message: `this file is ${isList ? "a list" : "a single value"}, expected keys with values`,
		reason: "an experiment is written as key: value, one key a line",
		fix: isList
			? 'take the "- " away, or name the list: transforms: …'
			: /^\w+:\S/.test(text)
				? "put a space after each colon"
				: "write for example data: { root: photos }",
	};
}
