import { type Diagnostic, fail, ok, type Result } from "../../diagnostic.ts";
import { type ReadExperiment, sorted, treeFaults } from "../load-tree.ts";
import { validateAs } from "../validate/validate.ts";
import type { Entry, MapTree } from "../yaml/tree.ts";
import type { Axes, Axis, Choice } from "./axes.ts";
import { checkMatches } from "./match.ts";
import { sweepSchema } from "./options.ts";
import { overlay } from "./overlay.ts";
import { checkKeys } from "./points.ts";
import { readAxes } from "./read-axes.ts";
import { checkTpe } from "./tpe.ts";

/** A `sweep` section that says something. */
export interface CheckedSweep {
	/** The section as written. */
	readonly section: MapTree;
	readonly axes: Axes;
	/** The file's own tree, or, where it lacks a key that the axes give, that of the first point. */
	readonly tree: MapTree;
}

/**
 * What is wrong with a section and with each of its values on its own, before any two are combined.
 *
 *   schema of the section ─ axes ─ each choice laid over the file: keys and values by the experiment's schema
 */
export function checkSweep(
	read: ReadExperiment,
	{ key, value: section }: Entry,
): Result<CheckedSweep> {
	const written = validateAs(section, sweepSchema, ["sweep"]);
	if (section.kind !== "map")
		return fail(
			sorted([...read.problems, ...written, ...own(read)], read.file),
		);
	const { axes, problems } = readAxes(section, key ?? section.at);
	const places = new Set(problems.map(placeOf));
	const axesProblems = [
		...written.filter((each) => !places.has(placeOf(each))),
		...problems,
		...checkKeys(axes),
		...checkMatches(axes),
		...checkTpe(section, axes),
	];
	const first = axes.axes.flatMap(
		({ choices, bounds = choices }) => bounds[0] ?? [],
	);
	const ground = overlay(read.tree, first).tree;
	const faults = valueFaults(read, ground, axes);
	const found = [...read.problems, ...axesProblems, ...faults];
	if (found.length > 0) return fail(sorted(found, read.file));
	const isWhole = treeFaults(read.tree, read).length === 0;
	return ok({ section, axes, tree: isWhole ? read.tree : ground });
}

function own(read: ReadExperiment): readonly Diagnostic[] {
	return treeFaults(read.tree, read);
}

function placeOf({ file, range }: Diagnostic): string {
	return `${file}:${range?.line}:${range?.column}`;
}

/** What the schema says of the file itself and of each choice; keys that the axes give are not missing. */
function valueFaults(
	read: ReadExperiment,
	ground: MapTree,
	axes: Axes,
): readonly Diagnostic[] {
	const grounded = treeFaults(ground, read);
	const stillMissing = new Set(grounded.map(({ message }) => message));
	const itself = own(read).filter(
		({ code, message }) => code !== "missing-key" || stillMissing.has(message),
	);
	const all: readonly Axis[] = [
		...axes.axes,
		...axes.conditions.flatMap(({ axes: inner }) => inner),
	];
	const each = all.flatMap(({ choices, bounds }) => {
		const tried: readonly Choice[] = bounds ?? choices;
		const faults = tried.flatMap((choice) =>
			treeFaults(overlay(ground, choice).tree, read),
		);
		return bounds === undefined ? faults : firstOfPlace(faults);
	});
	return [...itself, ...grounded, ...each];
}

/** Both ends of what is drawn have one place, and mostly one mistake. */
function firstOfPlace(faults: readonly Diagnostic[]): readonly Diagnostic[] {
	const first = new Map<string, Diagnostic>();
	for (const each of faults)
		if (!first.has(placeOf(each))) first.set(placeOf(each), each);
	return [...first.values()];
}
