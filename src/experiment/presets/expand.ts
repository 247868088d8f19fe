import type { Json } from "../../fingerprint.ts";
import { merge } from "../merge.ts";
import { experimentSchema, follow } from "../schema.ts";
import type { Strategy } from "../types.ts";
import type { Place } from "../yaml/source.ts";
import {
	type Entry,
	type MapTree,
	plainValue,
	type Tree,
	treeOf,
} from "../yaml/tree.ts";
import { presetOf } from "./preset.ts";

/** A dotted key, and the value that a strategy gives it. */
export type Given = readonly [key: string, value: Json];

/** What is written, with what its strategy adds. */
export interface Expanded {
	/** Without `strategy`, where that is one. */
	readonly tree: MapTree;
	readonly strategy: Strategy | undefined;
	/** The strategy's own keys that hold, dotted, with their values: `model.freeze` → `all`. */
	readonly gives: readonly Given[];
}

/**
 * A preset is a layer of its own, above the defaults and below all that is written:
 *
 *   defaults < strategy < extends < the file < --set < a sweep's axes
 *
 * Its values stand at the place of the word `strategy`, from "strategy".
 * @param written file, bases, `--set` and axes in one; what is no strategy stays there for the schema to complain of
 */
export function expandStrategy(written: MapTree): Expanded {
	const entry = written.entries.get("strategy");
	const strategy = strategyIn(entry?.value);
	if (strategy === undefined) return { tree: written, strategy, gives: [] };
	const entries = new Map(written.entries);
	entries.delete("strategy");
	const own = { ...written, entries };
	const preset = presetTree(strategy, own, entry?.value.at ?? entry?.key);
	const tree = merge(preset, own, experimentSchema) as MapTree;
	return { tree, strategy, gives: given(tree, []) };
}

/** The preset of what is written so far; undefined where no strategy is named. */
export function presetBelow(written: MapTree): MapTree | undefined {
	const entry = written.entries.get("strategy");
	const strategy = strategyIn(entry?.value);
	return strategy && presetTree(strategy, written, entry?.value.at);
}

function presetTree(
	strategy: Strategy,
	written: MapTree,
	at: Place | undefined,
): MapTree {
	const preset = treeOf(presetOf(strategy, plainValue(written)));
	const source = at && { ...at.source, from: "strategy" as const };
	return placedAt(preset, at && source && { ...at, source }) as MapTree;
}

function strategyIn(value: Tree | undefined): Strategy | undefined {
	const words = follow(experimentSchema.properties?.strategy ?? {}).enum ?? [];
	const isOne =
		value?.kind === "scalar" && words.includes(value.value as string);
	return isOne ? (value.value as Strategy) : undefined;
}

function placedAt(tree: Tree, at: Place | undefined): Tree {
	if (tree.kind === "scalar") return { ...tree, at };
	if (tree.kind === "list")
		return { ...tree, items: tree.items.map((item) => placedAt(item, at)), at };
	const entries = [...tree.entries].map(([key, { value }]): [string, Entry] => [
		key,
		{ key: at, value: placedAt(value, at) },
	]);
	return { ...tree, entries: new Map(entries), at };
}

/** The largest parts of the tree in which nothing is written by the user. */
function given(tree: MapTree, path: readonly string[]): readonly Given[] {
	return [...tree.entries].flatMap(([key, { value }]): readonly Given[] => {
		const here = [...path, key];
		if (value.kind === "map" && here.length < 2) return given(value, here);
		return isOfStrategy(value) ? [[here.join("."), plainValue(value)]] : [];
	});
}

function isOfStrategy(tree: Tree): boolean {
	if (tree.at?.source.from !== "strategy") return false;
	if (tree.kind === "scalar") return true;
	const inside =
		tree.kind === "list"
			? tree.items
			: [...tree.entries.values()].map(({ value }) => value);
	return inside.every(isOfStrategy);
}
