import { type Diagnostic, fail, ok, type Result } from "../../diagnostic.ts";
import { grouped } from "../../text.ts";
import type { Axes, Axis, Choice, Setting } from "./axes.ts";
import { axisKey } from "./axis-key.ts";
import { fault } from "./fault.ts";
import { matches } from "./match.ts";

/** More trials than these are refused, before any is built. */
export const MOST_TRIALS = 10_000;

/** Keys that two sections of one sweep both give. */
export function checkKeys({
	axes,
	conditions,
	seeds,
}: Axes): readonly Diagnostic[] {
	const problems: Diagnostic[] = [];
	const first = new Map<string, string>(seeds > 1 ? [["seed", "seeds"]] : []);
	const take = (axis: Axis, inCondition: boolean) => {
		for (const { name, at } of axis.keys) {
			const other = first.get(name);
			if (other !== undefined) problems.push(twice(name, other, at));
			else if (!inCondition) first.set(name, axis.section);
		}
	};
	for (const axis of axes) take(axis, false);
	for (const condition of conditions)
		for (const axis of condition.axes) take(axis, true);
	return problems;
}

function twice(name: string, section: string, at: Setting["key"]["at"]) {
	return fault("axis-twice", at, {
		message: `"${name}" is swept twice: in ${section} already`,
		reason: "sections multiply, so a trial would have two values of it",
		fix: `take it out of one of the two, or put values of some trials alone under when`,
	});
}

/**
 * The trials in order: the axes' product, what conditions add, without what is excluded, each with every seed. The
 * last axis changes fastest, seeds faster still.
 */
export function expandPoints(
	axes: Axes,
	baseSeed: number,
): Result<readonly Choice[]> {
	const product = axes.axes.reduce((n, { choices }) => n * choices.length, 1);
	if (product * axes.seeds > MOST_TRIALS)
		return fail([tooMany(axes, product * axes.seeds, true)]);
	let points = combine([[]], axes.axes);
	const problems = new Map<string, Diagnostic>();
	for (const { match, axes: own } of axes.conditions) {
		const factor = own.reduce((n, { choices }) => n * choices.length, 1);
		const isMeant = points.map((point) => matches(match, point));
		const meant = isMeant.filter(Boolean).length;
		const count = (points.length + meant * (factor - 1)) * axes.seeds;
		if (count > MOST_TRIALS) return fail([tooMany(axes, count, false)]);
		points = points.flatMap((point, index) => {
			if (!isMeant[index]) return [point];
			const has = new Set(point.map(({ key }) => key.name));
			for (const { name, at } of own.flatMap(({ keys }) => keys))
				if (has.has(name) && !problems.has(name))
					problems.set(name, twice(name, "another entry of when", at));
			return combine([point], own);
		});
	}
	if (problems.size > 0) return fail([...problems.values()]);
	const kept = points.filter(
		(point) => !axes.exclusions.some((match) => matches(match, point)),
	);
	if (kept.length === 0)
		return fail([
			fault("no-trials", axes.exclusions[0]?.at ?? axes.at, {
				message: `exclude leaves none of ${points.length} trials`,
				reason: "every combination has all values of an entry of exclude",
				fix: "exclude less",
			}),
		]);
	return ok(withSeeds(kept, axes, baseSeed));
}

function combine(
	points: readonly Choice[],
	axes: readonly Axis[],
): readonly Choice[] {
	return axes.reduce(
		(before, { choices }) =>
			before.flatMap((point) => choices.map((choice) => [...point, ...choice])),
		points,
	);
}

function withSeeds(
	points: readonly Choice[],
	{ seeds, seedsAt: at }: Axes,
	baseSeed: number,
): readonly Choice[] {
	if (seeds === 1) return points;
	const key = axisKey("seed", undefined, []) as Setting["key"];
	const settings = Array.from({ length: seeds }, (_, index): Setting => {
		const value = baseSeed + index;
		const tree = { kind: "scalar", value, text: String(value), at } as const;
		return { key: { ...key, at }, value: { tree, shown: value, at } };
	});
	return points.flatMap((point) =>
		settings.map((setting) => [...point, setting]),
	);
}

function tooMany(axes: Axes, count: number, isProduct: boolean): Diagnostic {
	const factors = [
		...axes.axes.map(
			({ keys, choices }) =>
				`${choices.length} of ${keys.map(({ name }) => name).join(", ")}`,
		),
		...(axes.seeds > 1 ? [`${axes.seeds} seeds`] : []),
	];
	return fault("too-many-trials", axes.at, {
		message: `this sweep has ${Number.isSafeInteger(count) ? grouped(count) : count.toExponential(1)} trials, expected at most ${grouped(MOST_TRIALS)}`,
		reason: isProduct
			? `sections multiply: ${factors.join(" x ")}`
			: `sections multiply: ${factors.join(" x ")}, and what when adds`,
		fix: "draw some of them: random: { trials: 200, space: { key: { choice: […] } } }, or sobol",
	});
}
