import {
	type Document,
	isAlias,
	isMap,
	isPair,
	isScalar,
	isSeq,
	type Node,
	type Pair,
	type YAMLMap,
	type YAMLSeq,
	type Scalar as YamlScalar,
} from "yaml";
import type { Diagnostic } from "../../diagnostic.ts";
import { located, type Place, type Source } from "./source.ts";
import type { Entry, MapTree, Scalar, Tree } from "./tree.ts";

/** More values than any experiment has: what aliases of aliases grow to. */
const MAX_VALUES = 20_000;

/** With one of these the tree is not what was meant. */
const FATAL = new Set(["yaml-alias", "yaml-key", "yaml-too-many"]);

interface Walk {
	readonly document: Document;
	readonly source: Source;
	readonly problems: Diagnostic[];
	/** Anchors that are being written out: an alias to one of them would never end. */
	readonly open: Set<unknown>;
	values: number;
}

/**
 * YAML's nodes as a tree: aliases written out, merge keys (`<<`) merged as YAML 1.1 says (what is
 * written beside them wins; of several, the first), keys twice in one map reported.
 */
export function treeFromYaml(
	node: unknown,
	document: Document,
	source: Source,
): {
	readonly tree: Tree | undefined;
	readonly problems: readonly Diagnostic[];
} {
	const walk: Walk = {
		document,
		source,
		problems: [],
		open: new Set(),
		values: 0,
	};
	const tree = convert(node, walk, placeOf(node, source));
	const isFatal = walk.problems.some(({ code }) => FATAL.has(code));
	return { tree: isFatal ? undefined : tree, problems: walk.problems };
}

function convert(node: unknown, walk: Walk, at: Place | undefined): Tree {
	walk.values++;
	if (walk.values > MAX_VALUES) return tooMany(walk, at);
	if (isAlias(node)) {
		const anchored = node.resolve(walk.document);
		if (anchored === undefined) return unnamed(node.source, walk, at);
		if (walk.open.has(anchored)) return endless(node.source, walk, at);
		return convert(anchored, walk, at);
	}
	if (isMap(node)) return guarded(node, walk, () => convertMap(node, walk, at));
	if (isSeq(node)) return guarded(node, walk, () => convertSeq(node, walk, at));
	return convertScalar(node, walk.source, at);
}

function guarded(node: unknown, walk: Walk, convertInside: () => Tree): Tree {
	walk.open.add(node);
	const tree = convertInside();
	walk.open.delete(node);
	return tree;
}

function convertSeq(node: YAMLSeq, walk: Walk, at: Place | undefined): Tree {
	const items = node.items.map((item) =>
		convert(item, walk, placeOf(item, walk.source) ?? at),
	);
	return { kind: "list", items, at };
}

function convertMap(node: YAMLMap, walk: Walk, at: Place | undefined): MapTree {
	const entries = new Map<string, Entry>();
	const merged: MapTree[] = [];
	for (const pair of node.items as Pair[]) {
		const key = placeOf(pair.key, walk.source);
		const name = keyName(pair.key, walk, key);
		if (name === undefined) continue;
		if (isMergeKey(pair.key)) {
			merged.push(...mergeSources(pair.value, walk, key));
			continue;
		}
		const earlier = entries.get(name);
		if (earlier !== undefined) {
			walk.problems.push(duplicateKey(name, key, earlier));
			continue;
		}
		const value = convert(
			pair.value,
			walk,
			placeOf(pair.value, walk.source) ?? key,
		);
		entries.set(name, { key, value });
	}
	for (const { entries: more } of merged)
		for (const [name, entry] of more)
			if (!entries.has(name)) entries.set(name, entry);
	return { kind: "map", entries, at };
}

function isMergeKey(key: unknown): boolean {
	return isScalar(key) && key.type === "PLAIN" && key.source === "<<";
}

/** The maps that a merge key names: one, or a list of them. */
function mergeSources(
	value: unknown,
	walk: Walk,
	key: Place | undefined,
): MapTree[] {
	const tree = convert(value, walk, placeOf(value, walk.source) ?? key);
	const trees = tree.kind === "list" ? tree.items : [tree];
	for (const other of trees) {
		if (other.kind === "map") continue;
		walk.problems.push({
			severity: "error",
			code: "yaml-merge",
			...(key === undefined ? {} : located(key)),
			message: `"<<" takes over the keys of a map, but got ${other.kind === "list" ? "a list" : "a single value"}`,
			fix: "write <<: *name, where name is the anchor (&name) of a map",
		});
	}
	return trees.filter((other) => other.kind === "map");
}

/** Keys are texts; a number or a word like `true` as a key is taken as it is written. */
function keyName(
	key: unknown,
	walk: Walk,
	place: Place | undefined,
): string | undefined {
	const scalar = isAlias(key) ? key.resolve(walk.document) : key;
	if (isScalar(scalar) && scalar.value !== null)
		return typeof scalar.value === "string"
			? scalar.value
			: (scalar.source ?? String(scalar.value));
	walk.problems.push({
		severity: "error",
		code: "yaml-key",
		...(place === undefined ? { file: walk.source.file } : located(place)),
		message: isScalar(scalar) ? "this key is empty" : "this key is not a word",
		reason: "keys are names such as learning_rate",
		fix: 'write "key: value"',
	});
	return undefined;
}

function convertScalar(
	node: unknown,
	source: Source,
	at: Place | undefined,
): Tree {
	if (!isScalar(node)) return { kind: "scalar", value: null, text: "", at };
	const value = (node as YamlScalar).value;
	const text = node.range
		? source.text.slice(node.range[0], node.range[1])
		: String(value);
	return {
		kind: "scalar",
		value: typeof value === "bigint" ? Number(value) : (value as Scalar),
		text,
		at,
	};
}

function placeOf(node: unknown, source: Source): Place | undefined {
	const range = isPair(node) ? undefined : (node as Node | null)?.range;
	if (range === undefined || range === null) return undefined;
	const end = source.text.slice(range[0], range[1]).replace(/\s+$/, "").length;
	return { source, start: range[0], end: range[0] + end };
}

function duplicateKey(
	name: string,
	key: Place | undefined,
	earlier: Entry,
): Diagnostic {
	const first = earlier.key === undefined ? undefined : located(earlier.key);
	return {
		severity: "error",
		code: "duplicate-key",
		...(key === undefined ? {} : located(key)),
		message: `"${name}" is written twice`,
		reason:
			first === undefined
				? "each key has one value"
				: `it is already on line ${first.range.line}, and only one of the two could count`,
		fix: "remove one of the two lines",
	};
}

function tooMany(walk: Walk, at: Place | undefined): Tree {
	if (walk.values === MAX_VALUES + 1)
		walk.problems.push({
			severity: "error",
			code: "yaml-too-many",
			...(at === undefined ? { file: walk.source.file } : located(at)),
			message: `this file holds more than ${MAX_VALUES} values, with its aliases written out`,
			reason:
				"an experiment is a page of text; aliases (*name) of maps full of aliases grow without end",
			fix: "write out what is meant, or take keys over with extends",
		});
	return { kind: "scalar", value: null, text: "", at };
}

function unnamed(name: string, walk: Walk, at: Place | undefined): Tree {
	walk.problems.push({
		severity: "error",
		code: "yaml-alias",
		...(at === undefined ? { file: walk.source.file } : located(at)),
		message: `*${name} stands for nothing: there is no &${name} above it`,
		reason:
			"* stands for what & has named further up; a text that begins with * is quoted",
		fix: `put it in quotes: "*${name}"`,
	});
	return { kind: "scalar", value: null, text: "", at };
}

function endless(name: string, walk: Walk, at: Place | undefined): Tree {
	walk.problems.push({
		severity: "error",
		code: "yaml-alias",
		...(at === undefined ? { file: walk.source.file } : located(at)),
		message: `*${name} stands inside &${name} itself`,
		reason: "written out, it would never end",
		fix: "write out what is meant",
	});
	return { kind: "scalar", value: null, text: "", at };
}
