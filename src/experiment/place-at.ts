import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { merge, spreadList, takesBack } from "./merge.ts";
import { presetBelow } from "./presets/expand.ts";
import {
	experimentSchema,
	follow,
	forms,
	isChoice,
	keySchema,
	mapForm,
	type Schema,
} from "./schema.ts";
import { located, type Place } from "./yaml/source.ts";
import { type MapTree, type Tree, treeOf } from "./yaml/tree.ts";

/** One name of a dotted path, with its place. */
export interface Step {
	readonly name: string;
	readonly at: Place;
}

/**
 * The names before the first "=" outside quotes. A name with dots in it is quoted
 * (`model.replace."classifier.6"`) or has backslashes (`classifier\\.6`).
 * @param placeOf the place of the characters from start to end of the text
 */
export function splitPath(
	text: string,
	placeOf: (start: number, end: number) => Place,
): { readonly steps: readonly Step[]; readonly end: number } {
	const steps: Step[] = [];
	let name = "";
	let start = 0;
	let quote = "";
	let at = 0;
	for (; at < text.length; at++) {
		const char = text[at] as string;
		if (quote !== "") {
			if (char === quote) quote = "";
			else name += char;
		} else if (char === '"' || char === "'") quote = char;
		else if (char === "\\" && at + 1 < text.length) name += text[++at];
		else if (char === "=") break;
		else if (char === ".") {
			steps.push({ name, at: placeOf(start, at) });
			name = "";
			start = at + 1;
		} else name += char;
	}
	steps.push({ name, at: placeOf(start, at) });
	return { steps, end: at };
}

/**
 * The tree with a value at a path: what is on the way is made where it is missing, a map is merged with the
 * one that is there, `null` takes a key back; items of a list that the strategy gives are there too. What the path does not touch stays the same object.
 */
export function placeAt(
	tree: Tree,
	steps: readonly Step[],
	value: Tree,
): Result<Tree> {
	const below = tree.kind === "map" ? presetBelow(tree) : undefined;
	return place(tree, steps, value, experimentSchema, below);
}

function place(
	below: Tree | undefined,
	steps: readonly Step[],
	value: Tree,
	schema: Schema,
	preset: Tree | undefined,
): Result<Tree> {
	const [step, ...rest] = steps;
	if (step === undefined)
		return ok(below === undefined ? value : merge(below, value, schema));
	if (/^\d+$/.test(step.name)) {
		const list = below ?? listOf(preset) ?? defaultList(schema);
		if (list?.kind === "list")
			return placeInList(list, step, rest, value, schema);
	}
	const form = mapForm(schema);
	const known = form && keySchema(form, step.name);
	const inner = known ?? {};
	const base = mapUnder(below, step, schema);
	const entries = new Map(base.entries);
	const member = entries.get(step.name);
	const isLast = rest.length === 0;
	// A key that is not there is taken back already: [null, 0.9] is an axis without and with it. An empty value is a slip.
	const isSaid =
		known !== undefined && value.kind === "scalar" && value.text !== "";
	const under =
		preset?.kind === "map" ? preset.entries.get(step.name) : undefined;
	if (isLast && (member !== undefined || isSaid) && takesBack(value, inner)) {
		entries.delete(step.name);
		// What the strategy gives is taken back when its layer is laid below.
		if (under !== undefined) entries.set(step.name, { key: step.at, value });
		return ok({ ...base, entries });
	}
	const inside = place(member?.value, rest, value, inner, under?.value);
	if (!inside.ok) return inside;
	const key = isLast ? step.at : (member?.key ?? step.at);
	entries.set(step.name, { key, value: inside.value });
	return ok({ ...base, entries });
}

function listOf(preset: Tree | undefined): Tree | undefined {
	return preset?.kind === "list" ? preset : undefined;
}

/** The items that are numbered when neither the file nor its strategy says anything. */
function defaultList(schema: Schema): Tree | undefined {
	const value = follow(schema).default;
	return Array.isArray(value) ? treeOf(value) : undefined;
}

/** The map that a name is put into: what is there, unless it is no map or another choice. */
function mapUnder(
	below: Tree | undefined,
	step: Step,
	schema: Schema,
): MapTree {
	const fresh: MapTree = { kind: "map", entries: new Map(), at: step.at };
	if (below === undefined) return fresh;
	const wanted = new Map([[step.name, { key: step.at, value: fresh }]]);
	const base = spreadList(below, { ...fresh, entries: wanted }, schema);
	if (base.kind !== "map") return fresh;
	const form = mapForm(schema);
	const isOther =
		form !== undefined && isChoice(form) && !base.entries.has(step.name);
	return isOther ? fresh : base;
}

function placeInList(
	list: Extract<Tree, { kind: "list" }>,
	step: Step,
	rest: readonly Step[],
	value: Tree,
	schema: Schema,
): Result<Tree> {
	const index = Number(step.name);
	const count = list.items.length;
	if (index >= count)
		return fail([
			notAnItem(step.at, {
				message: `there is no item ${index}: the list has ${count}, numbered 0 to ${count - 1}`,
				fix: `write a number from 0 to ${count - 1}, or set the whole list`,
			}),
		]);
	const inner = itemSchema(schema);
	const item = place(list.items[index], rest, value, inner, undefined);
	if (!item.ok) return item;
	const items = list.items.with(index, item.value);
	return ok({ ...list, items });
}

function itemSchema(schema: Schema): Schema {
	return forms(schema).find(({ items }) => items !== undefined)?.items ?? {};
}

function notAnItem(
	at: Place,
	words: { message: string; fix: string },
): Diagnostic {
	return { severity: "error", code: "bad-set", ...located(at), ...words };
}
