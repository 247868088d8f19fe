import {
	forms,
	isChoice,
	keyNames,
	keySchema,
	mapForm,
	type Schema,
} from "./schema.ts";
import { type Entry, isNull, type MapTree, type Tree } from "./yaml/tree.ts";

/**
 * One tree laid over another: maps are merged key by key, everything else is replaced, and `null` takes
 * a key back (unless null is a value there). Choices by name (`{ sgd: … }` over `{ adam: … }`) and
 * values of different shape replace each other.
 */
export function merge(below: Tree, above: Tree, schema: Schema): Tree {
	const base = spreadList(below, above, schema);
	if (base.kind !== "map" || above.kind !== "map") return above;
	const form = mapForm(schema);
	if (form !== undefined && isChoice(form) && !sameChoice(base, above))
		return above;
	const entries = new Map(base.entries);
	for (const [key, entry] of above.entries)
		mergeEntry(entries, key, entry, (form && keySchema(form, key)) ?? {});
	return { kind: "map", entries, at: above.at ?? base.at };
}

function mergeEntry(
	entries: Map<string, Entry>,
	key: string,
	entry: Entry,
	schema: Schema,
): void {
	const below = entries.get(key);
	if (below === undefined) entries.set(key, entry);
	else if (takesBack(entry.value, schema)) entries.delete(key);
	else
		entries.set(key, {
			key: entry.key,
			value: merge(below.value, entry.value, schema),
		});
}

/** A list that serves several keys at once (`transforms`), written out for the keys that stay as they were. */
export function spreadList(below: Tree, above: Tree, schema: Schema): Tree {
	const form = mapForm(schema);
	const isSpread =
		below.kind === "list" &&
		above.kind === "map" &&
		form?.required?.length === 2 &&
		[...above.entries.keys()].every((key) => form.required?.includes(key));
	if (!isSpread) return below;
	const entries = keyNames(form).map((key): [string, Entry] => [
		key,
		{ key: undefined, value: below },
	]);
	return { kind: "map", entries: new Map(entries), at: below.at };
}

function sameChoice(a: MapTree, b: MapTree): boolean {
	const [nameA] = a.entries.keys();
	const [nameB] = b.entries.keys();
	return nameA === nameB;
}

/** Whether a value is the null that takes a key back, and not a value there. */
export function takesBack(value: Tree, schema: Schema): boolean {
	return isNull(value) && !forms(schema).some(({ type }) => type === "null");
}
