import type { Json } from "../../fingerprint.ts";
import { absolute, isPathHere } from "../fill-in.ts";
import {
	experimentSchema,
	forms,
	keySchema,
	mapForm,
	type Schema,
} from "../schema.ts";
import { type MapTree, plainValue, type Tree } from "../yaml/tree.ts";
import { axisKey } from "./axis-key.ts";
import { TPE_DEFAULTS } from "./tpe.ts";

/** The sections that say which trials there are. */
export const AXIS_SECTIONS: ReadonlySet<string> = new Set([
	"grid",
	"list",
	"zip",
	"random",
	"sobol",
	"halton",
	"tpe",
	"when",
	"exclude",
]);

/**
 * A section that the schema allows, as it is written, but with absolute paths and the seed of a draw: it means the same
 * wherever it stands.
 */
export function writtenSection(name: string, tree: Tree): Json {
	if (name === "grid" || name === "zip")
		return mapped(tree, (list, schema) => items(list, schema));
	if (name === "list" || name === "exclude")
		return itemsOf(tree).map((point) => mapped(point, withPaths));
	if (name === "when")
		return itemsOf(tree).map((condition) =>
			inside(condition, (key, value) =>
				key === "match" ? plainValue(value) : writtenSection(key, value),
			),
		);
	const written = inside(tree, (key, value) =>
		key === "space" ? mapped(value, distribution) : plainValue(value),
	);
	const defaults = name === "tpe" ? TPE_DEFAULTS : { seed: 0 };
	return { ...defaults, ...(written as { [key: string]: Json }) };
}

/** Only a choice can hold paths. */
function distribution(tree: Tree, schema: Schema): Json {
	return inside(tree, (kind, value) =>
		kind === "choice" ? items(value, schema) : plainValue(value),
	);
}

/** A map of dotted keys, each value with the schema of its key. */
function mapped(
	tree: Tree,
	write: (value: Tree, schema: Schema) => Json,
): Json {
	return inside(tree, (key, value) => write(value, schemaAt(key)));
}

function inside(
	tree: Tree,
	write: (key: string, value: Tree) => Json,
): { [key: string]: Json } {
	const entries = tree.kind === "map" ? [...tree.entries] : [];
	return Object.fromEntries(
		entries.map(([key, { value }]) => [key, write(key, value)]),
	);
}

function items(list: Tree, schema: Schema): Json {
	return itemsOf(list).map((item) => withPaths(item, schema));
}

function itemsOf(tree: Tree): readonly Tree[] {
	return tree.kind === "list" ? tree.items : [];
}

/** The plain value, its relative paths made absolute from the file they stand in. */
function withPaths(tree: Tree, schema: Schema): Json {
	if (tree.kind === "scalar")
		return typeof tree.value === "string" && isPathHere(schema, tree.value)
			? absolute(tree.value, tree.at)
			: tree.value;
	if (tree.kind === "list") return items(tree, itemSchema(schema));
	if (isNamed(tree))
		return inside(tree, (key, value) =>
			key === "value" ? withPaths(value, schema) : plainValue(value),
		);
	const form = mapForm(schema);
	return inside(tree, (key, value) =>
		withPaths(value, (form && keySchema(form, key)) ?? {}),
	);
}

function isNamed({ entries }: MapTree): boolean {
	return entries.size === 2 && entries.has("name") && entries.has("value");
}

/** Of a dotted key; {} where it leads nowhere. */
function schemaAt(key: string): Schema {
	const steps = axisKey(key, undefined, [])?.steps ?? [];
	return steps.reduce((schema: Schema, { name }) => {
		const form = mapForm(schema);
		const inner = form && keySchema(form, name);
		return inner ?? (/^\d+$/.test(name) ? itemSchema(schema) : {});
	}, experimentSchema);
}

function itemSchema(schema: Schema): Schema {
	return forms(schema).find(({ items }) => items !== undefined)?.items ?? {};
}
