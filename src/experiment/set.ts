import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { merge, spreadList, takesBack } from "./merge.ts";
import {
	experimentSchema,
	follow,
	forms,
	isChoice,
	keySchema,
	mapForm,
	type Schema,
} from "./schema.ts";
import { readYaml } from "./yaml/read.ts";
import { located, makeSource, type Place, type Source } from "./yaml/source.ts";
import { type MapTree, type Tree, treeOf } from "./yaml/tree.ts";

interface Step {
	readonly name: string;
	readonly at: Place;
}

/** A tree after `--set`, and what was wrong with those that could not be applied. */
export interface Applied {
	readonly tree: MapTree;
	readonly problems: readonly Diagnostic[];
}

/**
 * The tree with every `--set path=value` laid over it, in order. The path is dotted; a name with dots
 * in it is quoted (`model.replace."classifier.6"`) or has backslashes (`classifier\.6`); items of lists
 * are numbered from 0. The value is YAML. Both are checked with the rest, at their place on the command line.
 */
export function applySets(tree: MapTree, sets: readonly string[]): Applied {
	const problems: Diagnostic[] = [];
	let whole: Tree = tree;
	sets.forEach((text, index) => {
		const source = makeSource(text, {
			file: "--set",
			from: "set",
			folder: process.cwd(),
			firstLine: index + 1,
		});
		const parsed = parseSet(source);
		if (!parsed.ok) {
			problems.push(...parsed.diagnostics);
			return;
		}
		const { steps, value } = parsed.value;
		const placed = place(whole, steps, value, experimentSchema);
		if (placed.ok) whole = placed.value;
		else problems.push(...placed.diagnostics);
	});
	return { tree: whole as MapTree, problems };
}

function parseSet(
	source: Source,
): Result<{ steps: readonly Step[]; value: Tree }> {
	const { steps, end } = splitPath(source);
	if (end >= source.text.length)
		return fail([
			problem(
				"bad-set",
				{ source, start: 0, end },
				{
					message: `"${source.text}" has no value`,
					fix: `write --set ${source.text || "train.epochs"}=VALUE`,
				},
			),
		]);
	const empty = steps.find(({ name }) => name === "");
	if (empty !== undefined)
		return fail([
			problem(
				"bad-set",
				{ source, start: 0, end },
				{
					message: "a name is missing in the path",
					fix: "write for example --set train.epochs=5",
				},
			),
		]);
	if (steps[0]?.name === "extends")
		return fail([
			problem("bad-set", steps[0].at, {
				message: '"extends" cannot be set',
				reason: "files are read before --set is applied",
				fix: "write it into the file",
			}),
		]);
	// Blanks in place of the path keep the offsets of what follows.
	const yaml = " ".repeat(end + 1) + source.text.slice(end + 1);
	const value = readYaml(source, yaml);
	if (value.problems.length > 0) return fail(value.problems);
	const at = { source, start: end, end: source.text.length };
	const nothing: Tree = { kind: "scalar", value: null, text: "", at };
	return ok({ steps, value: value.tree ?? nothing });
}

/** The names before the first "=" outside quotes. */
function splitPath(source: Source): { steps: Step[]; end: number } {
	const { text } = source;
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
			steps.push({ name, at: { source, start, end: at } });
			name = "";
			start = at + 1;
		} else name += char;
	}
	steps.push({ name, at: { source, start, end: at } });
	return { steps, end: at };
}

function place(
	below: Tree | undefined,
	steps: readonly Step[],
	value: Tree,
	schema: Schema,
): Result<Tree> {
	const [step, ...rest] = steps;
	if (step === undefined)
		return ok(below === undefined ? value : merge(below, value, schema));
	if (/^\d+$/.test(step.name)) {
		const list = below ?? defaultList(schema);
		if (list?.kind === "list")
			return placeInList(list, step, rest, value, schema);
	}
	const form = mapForm(schema);
	const inner = (form && keySchema(form, step.name)) ?? {};
	const base = mapUnder(below, step, schema);
	const entries = new Map(base.entries);
	const member = entries.get(step.name);
	const isLast = rest.length === 0;
	if (isLast && member !== undefined && takesBack(value, inner)) {
		entries.delete(step.name);
		return ok({ ...base, entries });
	}
	const inside = place(member?.value, rest, value, inner);
	if (!inside.ok) return inside;
	const key = isLast ? step.at : (member?.key ?? step.at);
	entries.set(step.name, { key, value: inside.value });
	return ok({ ...base, entries });
}

/** The items that are numbered when the file says nothing. */
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
			problem("bad-set", step.at, {
				message: `there is no item ${index}: the list has ${count}, numbered 0 to ${count - 1}`,
				fix: `write a number from 0 to ${count - 1}, or set the whole list`,
			}),
		]);
	const inner = itemSchema(schema);
	const item = place(list.items[index], rest, value, inner);
	if (!item.ok) return item;
	const items = list.items.with(index, item.value);
	return ok({ ...list, items });
}

function itemSchema(schema: Schema): Schema {
	return forms(schema).find(({ items }) => items !== undefined)?.items ?? {};
}

function problem(
	code: string,
	at: Place,
	words: { message: string; reason?: string; fix: string },
): Diagnostic {
	return { severity: "error", code, ...located(at), ...words };
}
