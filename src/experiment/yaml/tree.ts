import type { Json } from "../../fingerprint.ts";
import type { Place } from "./source.ts";

/**
 * What was written, with the place of every key and value: the common form of YAML files, `--set` and
 * defaults, in which files are merged and checked. `at` is undefined for what a default says.
 */
export type Tree = MapTree | ListTree | ScalarTree;

/** A map with its place. */
export interface MapTree {
	readonly kind: "map";
	readonly entries: ReadonlyMap<string, Entry>;
	readonly at: Place | undefined;
}

/** A key with its value. */
export interface Entry {
	/** Place of the key alone. */
	readonly key: Place | undefined;
	readonly value: Tree;
}

/** A list with its place. */
export interface ListTree {
	readonly kind: "list";
	readonly items: readonly Tree[];
	readonly at: Place | undefined;
}

/** A scalar with its place and its text as written. */
export interface ScalarTree {
	readonly kind: "scalar";
	readonly value: Scalar;
	/** The value as written, quotes included. */
	readonly text: string;
	readonly at: Place | undefined;
}

/** What a scalar may be. */
export type Scalar = string | number | boolean | null;

/** A tree without places, of a default. */
export function treeOf(value: Json): Tree {
	if (value === null || typeof value !== "object")
		return {
			kind: "scalar",
			value,
			text: JSON.stringify(value),
			at: undefined,
		};
	if (Array.isArray(value))
		return { kind: "list", items: value.map(treeOf), at: undefined };
	const entries = Object.entries(value as Record<string, Json>).map(
		([key, member]): [string, Entry] => [
			key,
			{ key: undefined, value: treeOf(member) },
		],
	);
	return { kind: "map", entries: new Map(entries), at: undefined };
}

/** The plain value of a tree. */
export function plainValue(tree: Tree): Json {
	if (tree.kind === "scalar") return tree.value;
	if (tree.kind === "list") return tree.items.map(plainValue);
	return Object.fromEntries(
		[...tree.entries].map(([key, { value }]) => [key, plainValue(value)]),
	);
}

/** Whether a value is null. */
export function isNull(tree: Tree): boolean {
	return tree.kind === "scalar" && tree.value === null;
}
