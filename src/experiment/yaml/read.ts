import { dirname, resolve } from "node:path";
import { type Document, parseAllDocuments } from "yaml";
import type { Diagnostic } from "../../diagnostic.ts";
import { readText } from "./read-bytes.ts";
import { located, makeSource, type Source } from "./source.ts";
import type { MapTree, Tree } from "./tree.ts";
import { explainYaml } from "./yaml-errors.ts";
import { treeFromYaml } from "./yaml-tree.ts";

/** What a text holds, as far as it could be read, and what is wrong with it. */
export interface Read<T extends Tree> {
	readonly tree: T | undefined;
	readonly problems: readonly Diagnostic[];
}

/**
 * An experiment file as a map with the place of every key and value.
 *
 *   bytes → UTF-8 text → YAML 1.2 (JSON is part of it) → tree
 */
export function readExperimentFile(
	file: string,
	from: "file" | "extends",
): Read<MapTree> {
	const text = readText(file);
	if (!text.ok) return { tree: undefined, problems: text.diagnostics };
	const source = makeSource(text.value, {
		file,
		from,
		folder: resolve(dirname(file)),
	});
	const { tree, problems } = readYaml(source);
	if (tree?.kind === "map") return { tree, problems };
	const fault = tree === undefined ? emptyFile(source) : notAMap(source, tree);
	return {
		tree: undefined,
		problems: problems.length > 0 ? problems : [fault],
	};
}

/**
 * The tree of a YAML text; undefined when it is not YAML or holds no value.
 * @param text what is parsed, when a part of the source is blanked out
 */
export function readYaml(source: Source, text = source.text): Read<Tree> {
	if (isTooDeep(text)) return { tree: undefined, problems: [tooDeep(source)] };
	const [document, second] = documentsOf(text);
	if (document === undefined) return { tree: undefined, problems: [] };
	const problems = [...document.errors, ...document.warnings];
	if (problems.length > 0)
		return { tree: undefined, problems: explainYaml(problems, source) };
	if (second !== undefined)
		return { tree: undefined, problems: [twoDocuments(source, second)] };
	if (document.contents === null) return { tree: undefined, problems: [] };
	const read = treeFromYaml(document.contents, document, source);
	const isNothing = read.tree?.kind === "scalar" && read.tree.text === "";
	return isNothing ? { ...read, tree: undefined } : read;
}

function documentsOf(text: string) {
	const documents = parseAllDocuments(text, {
		prettyErrors: false,
		uniqueKeys: false,
		logLevel: "silent",
	});
	return "empty" in documents ? [] : documents;
}

/** Whether the nesting could exhaust the stack: the parser's own recursion would end the process. */
function isTooDeep(text: string): boolean {
	if (/^[ \t?:-]{400}/m.test(text)) return true;
	let depth = 0;
	for (let at = 0; at < text.length; at++) {
		const char = text.charCodeAt(at);
		if (char === OPEN_LIST || char === OPEN_MAP) depth++;
		else if (char === CLOSE_LIST || char === CLOSE_MAP)
			depth = Math.max(0, depth - 1);
		if (depth > 100) return true;
	}
	return false;
}

const [OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [..."[]{}"].map((char) =>
	char.charCodeAt(0),
);

/** Points at the `---` that the second document begins with. */
function twoDocuments(source: Source, second: Document): Diagnostic {
	const start = source.text.lastIndexOf("---", (second.range?.[0] ?? 0) + 3);
	return {
		severity: "error",
		code: "yaml-documents",
		...located({ source, start, end: start + 3 }),
		message: "a second document begins here",
		reason: "a file holds one experiment",
		fix: "put it into a file of its own, or take the --- away",
	};
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
		fix: "start with\ndata: { root: photos }\nmodel: { backbone: efficientnet_lite0 }",
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
