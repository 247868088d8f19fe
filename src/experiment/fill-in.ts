import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Json } from "../fingerprint.ts";
import {
	follow,
	forms,
	isChoice,
	keySchema,
	mapForm,
	type Schema,
} from "./schema.ts";
import type { Provenance } from "./types.ts";
import { lineOf, type Place } from "./yaml/source.ts";
import { type MapTree, type Tree, treeOf } from "./yaml/tree.ts";

type Path = readonly (string | number)[];

/** Takes note of where the value at a path came from; undefined: from a default. */
export type Note = (path: Path, at: Place | undefined) => void;

/**
 * The plain value of a tree that the schema allows: shorthands written out (`sgd` → `{ sgd: {} }`,
 * `Resize: 256` → `{ Resize: { size: 256 } }`), defaults filled in, paths absolute.
 */
export function fillIn(
	tree: Tree,
	schema: Schema,
	path: Path,
	note: Note,
): Json {
	const form = mapForm(schema);
	if (tree.kind === "map" && form !== undefined)
		return fillMap(tree, form, path, note);
	if (form !== undefined && isChoice(form) && tree.kind === "scalar")
		return fillMap(single(String(tree.value), tree), form, path, note);
	const main = form?.["x-main"];
	if (form !== undefined && main !== undefined)
		return fillMap(single(main, tree, tree), form, path, note);
	if (tree.kind === "list") return fillList(tree, schema, path, note);
	note(path, tree.at);
	const scalar = (tree as Extract<Tree, { kind: "scalar" }>).value;
	const isPath = typeof scalar === "string" && isPathHere(schema, scalar);
	return isPath ? absolute(scalar, tree.at) : scalar;
}

/** A map of one entry, standing for a shorthand. */
function single(
	key: string,
	shorthand: Tree,
	value: Tree = { kind: "map", entries: new Map(), at: shorthand.at },
): MapTree {
	return {
		kind: "map",
		entries: new Map([[key, { key: shorthand.at, value }]]),
		at: shorthand.at,
	};
}

const OWN = { enumerable: true, configurable: true, writable: true } as const;

function fillMap(tree: MapTree, form: Schema, path: Path, note: Note): Json {
	const filled: Record<string, Json> = {};
	const names = Object.keys(form.properties ?? {});
	const others = [...tree.entries.keys()].filter((key) => !names.includes(key));
	for (const key of [...names, ...others]) {
		const entry = tree.entries.get(key);
		const schema = keySchema(form, key) as Schema;
		const value = entry?.value ?? defaultOf(form, key, tree);
		if (value === undefined) continue;
		const inside = fillIn(value, schema, [...path, key], note);
		// A class may be called __proto__: an assignment would lose it.
		Object.defineProperty(filled, key, { ...OWN, value: inside });
		if (isEmptyMap(inside)) note([...path, key], entry?.key);
	}
	return filled;
}

/** A default holds unless the key that excludes it is given, or one that it depends on is missing. */
function defaultOf(form: Schema, key: string, tree: MapTree): Tree | undefined {
	const schema = follow(form.properties?.[key] ?? {});
	const unless = schema["x-default-unless"];
	const needed = form.dependentRequired?.[key] ?? [];
	const holds =
		schema.default !== undefined &&
		// Said beside a $ref, it means that here nothing is filled in.
		schema["x-default"] === undefined &&
		!isChoice(form) &&
		(unless === undefined || !tree.entries.has(unless)) &&
		needed.every((other) => tree.entries.has(other));
	return holds ? treeOf(schema.default as Json) : undefined;
}

function fillList(
	tree: Extract<Tree, { kind: "list" }>,
	schema: Schema,
	path: Path,
	note: Note,
): Json {
	const items = forms(schema).find(({ type }) => type === "array")?.items ?? {};
	const isPlain = tree.items.every(({ kind }) => kind === "scalar");
	const hasNames = mapForm(items) !== undefined;
	if (!isPlain || hasNames)
		return tree.items.map((item, index) =>
			fillIn(item, items, [...path, index], note),
		);
	note(path, tree.at);
	return tree.items.map((item) => fillIn(item, items, path, () => {}));
}

function isEmptyMap(value: Json | undefined): boolean {
	return (
		typeof value === "object" &&
		value !== null &&
		!Array.isArray(value) &&
		Object.keys(value).length === 0
	);
}

/** Whether a text is a path where it stands, and not one of the words that may stand there too. */
export function isPathHere(schema: Schema, value: string): boolean {
	const all = forms(schema);
	return (
		all.some(({ format }) => format === "path") &&
		!all.some(
			({ enum: words, format, pattern }) =>
				words?.includes(value) ||
				(format === "remote" && new RegExp(pattern ?? "").test(value)),
		)
	);
}

/** Relative to the file that says it; on the command line, to the folder one is in; ~/ is the user's home. */
export function absolute(path: string, at: Place | undefined): string {
	if (/^~[\\/]/.test(path)) return join(homedir(), path.slice(2));
	return isAbsolute(path) || at === undefined
		? path
		: join(at.source.folder, path);
}

/** Where a value came from, in the form that is recorded. */
export function provenanceOf(path: string, at: Place | undefined): Provenance {
	if (at === undefined) return { path, from: "default" };
	const { from, file } = at.source;
	return { path, from, file, line: lineOf(at) };
}
