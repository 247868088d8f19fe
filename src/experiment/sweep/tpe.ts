import type { Diagnostic } from "../../diagnostic.ts";
import type { Json } from "../../fingerprint.ts";
import { grouped } from "../../text.ts";
import type { MapTree, Tree } from "../yaml/tree.ts";
import type { Axes, Axis, Choice, Distribution } from "./axes.ts";
import { canonical } from "./canonical.ts";
import { fault } from "./fault.ts";

/** Points that are asked for in rounds, as far as the file tells: their space, and what an answer means. */

/** What the schema says; a test holds that it is so. */
export const TPE_DEFAULTS = {
	startup_trials: 10,
	batch: 4,
	gamma: 0.1,
	n_ei_candidates: 24,
	multivariate: true,
	seed: 0,
} as const;

/** Swept keys → values as tables show them. */
export type ShownValues = Readonly<Record<string, Json>>;

/** More trials than these are refused, as of every sweep. */
const MOST_TRIALS = 10_000;

/** How the keys of a sweep by TPE are drawn; undefined of any other. */
export function tpeOf({ axes }: Axes): readonly Distribution[] | undefined {
	return axes.find(({ section }) => section === "tpe")?.distributions;
}

/** The axes with the points that were asked for after the first ones. */
export function withAsked(axes: Axes, asked: readonly ShownValues[]): Axes {
	if (asked.length === 0) return axes;
	return {
		...axes,
		axes: axes.axes.map((axis): Axis => {
			const { distributions, choices } = axis;
			if (distributions === undefined) return axis;
			const more = asked.map((values) => choiceOf(distributions, values));
			return { ...axis, choices: [...choices, ...more] };
		}),
	};
}

/** A point of numbers as values to show; of a choice the number is the place. */
export function shownOf(
	space: readonly Distribution[],
	point: readonly number[],
): ShownValues {
	return Object.fromEntries(
		space.map(({ key, valueFor }, index) => [
			key.name,
			valueFor(point[index] as number).shown,
		]),
	);
}

/** The numbers of shown values; undefined where the space holds them no more. */
export function numbersOf(
	space: readonly Distribution[],
	values: ShownValues,
): readonly number[] | undefined {
	const numbers = space.map(({ key, kind, ends }): number => {
		const value = values[key.name];
		if (value === undefined) return -1;
		if (kind !== "choice") return typeof value === "number" ? value : -1;
		const text = canonical(value);
		return ends.findIndex(({ shown }) => canonical(shown) === text);
	});
	return numbers.every(
		(number, index) =>
			number >= (space[index]?.low ?? 0) && number <= (space[index]?.high ?? 0),
	)
		? numbers
		: undefined;
}

function choiceOf(space: readonly Distribution[], values: ShownValues): Choice {
	const numbers = numbersOf(space, values);
	if (numbers === undefined)
		throw new Error("internal: a point outside the space was asked for");
	return space.map(({ key, valueFor }, index) => ({
		key,
		value: valueFor(numbers[index] as number),
	}));
}

/** Sections that would multiply with tpe, a launcher that has no rounds, and too many trials. */
export function checkTpe(section: MapTree, axes: Axes): readonly Diagnostic[] {
	const tpe = section.entries.get("tpe");
	if (tpe === undefined) return [];
	const others = ["grid", "list", "zip", "random", "sobol", "halton"];
	const problems = [...others, "when", "exclude"].flatMap((name) => {
		const entry = section.entries.get(name);
		if (entry === undefined) return [];
		return fault("tpe-alone", entry.key, {
			message: `"${name}" stands beside tpe, which multiplies with seeds alone`,
			reason:
				"each round is asked for from the results of all before, so that one search has one space",
			fix:
				name === "exclude" || name === "when"
					? `take ${name} or tpe out`
					: "put its keys into tpe's space, such as train.optimizer: { choice: [sgd, adam] }",
		});
	});
	const launcher = section.entries.get("launcher");
	if (launcher !== undefined && isSlurm(launcher.value))
		problems.push(
			fault("tpe-launcher", launcher.key, {
				message: "tpe does not run on Slurm",
				reason:
					"its rounds need the results of those before, and a sweep on Slurm is submitted whole",
				fix: "use sobol or random there, or launcher: local inside one job that holds the GPUs",
			}),
		);
	const trials = numberIn(tpe.value, "trials") ?? 0;
	if (trials <= MOST_TRIALS && trials * axes.seeds > MOST_TRIALS)
		problems.push(
			fault("too-many-trials", axes.seedsAt, {
				message: `this sweep has ${grouped(trials * axes.seeds)} trials, expected at most ${grouped(MOST_TRIALS)}`,
				reason: `sections multiply: ${trials} of tpe x ${axes.seeds} seeds`,
				fix: "ask for fewer points, or take fewer seeds",
			}),
		);
	return problems;
}

function isSlurm(tree: Tree): boolean {
	return tree.kind === "scalar"
		? tree.value === "slurm"
		: tree.kind === "map" && tree.entries.has("slurm");
}

function numberIn(tree: Tree, key: string): number | undefined {
	const value = tree.kind === "map" ? tree.entries.get(key)?.value : undefined;
	return value?.kind === "scalar" && typeof value.value === "number"
		? value.value
		: undefined;
}
