import type { Diagnostic } from "../../diagnostic.ts";
import { placeAt } from "../place-at.ts";
import {
	experimentSchema,
	isChoice,
	keySchema,
	mapForm,
	type Schema,
} from "../schema.ts";
import { inline } from "../yaml/inline.ts";
import type { MapTree, Tree } from "../yaml/tree.ts";
import type { Choice, Setting } from "./axes.ts";
import { fault } from "./fault.ts";

/** A file's tree with a trial's values in it, each with its place in the axis. */
export interface Overlaid {
	readonly tree: MapTree;
	readonly problems: readonly Diagnostic[];
}

/** Lays values over a tree as `--set` does, the keys around others first. */
export function overlay(tree: MapTree, settings: Choice): Overlaid {
	const problems: Diagnostic[] = [];
	const ordered = [...settings].sort(
		(a, b) => a.key.steps.length - b.key.steps.length,
	);
	let whole: Tree = tree;
	for (const { key, value } of ordered) {
		const placed = placeAt(whole, key.steps, value.tree);
		if (placed.ok) whole = placed.value;
		else
			problems.push(
				...placed.diagnostics.map((each) => ({ ...each, code: "axis-key" })),
			);
	}
	problems.push(...conflicts(ordered));
	return { tree: whole as MapTree, problems };
}

/** `train.optimizer: adam` and `train.optimizer.sgd.momentum: 0.9` in one trial: the second would undo the first. */
function conflicts(ordered: Choice): readonly Diagnostic[] {
	return ordered.flatMap((inner, index) =>
		ordered.slice(0, index).flatMap((outer): Diagnostic[] => {
			const { length } = outer.key.steps;
			const isInside =
				length < inner.key.steps.length &&
				outer.key.steps.every(
					({ name }, at) => name === inner.key.steps[at]?.name,
				);
			if (!isInside) return [];
			const chosen = chosenName(outer);
			const wanted = inner.key.steps[length]?.name;
			if (chosen === undefined || chosen === wanted) return [];
			return [
				fault("axis-conflict", inner.key.at, {
					message: `"${inner.key.name}" is swept where "${outer.key.name}" is ${chosen}`,
					reason: `it would turn ${chosen} into ${wanted} without a word`,
					fix: `put it under when: [{ match: ${inline({ [outer.key.name]: wanted ?? "" })}, grid: … }]`,
				}),
			];
		}),
	);
}

/** The name that a value chooses where one of several is chosen: sgd of `sgd` and of `{ sgd: … }`. */
function chosenName({ key, value }: Setting): string | undefined {
	let schema: Schema | undefined = experimentSchema;
	for (const { name } of key.steps) {
		const form: Schema | undefined = schema && mapForm(schema);
		schema = form && keySchema(form, name);
	}
	const form = schema && mapForm(schema);
	if (form === undefined || !isChoice(form)) return undefined;
	const { tree } = value;
	if (tree.kind === "scalar")
		return typeof tree.value === "string" ? tree.value : undefined;
	return tree.kind === "map" ? [...tree.entries.keys()][0] : undefined;
}
