import type { Axis, Condition } from "../experiment/sweep/axes.ts";
import { short } from "../experiment/sweep/gather.ts";
import type { Json } from "../fingerprint.ts";
import { count } from "../text.ts";
import type { PreparedSweep, PreparedTrial } from "./prepare-sweep.ts";

/** One swept key for people. */
export interface AxisRow {
	readonly key: string;
	/** `13 values: 0.0001, 0.000178, 0.000316 …`, `20 of log_uniform 0.0001 to 1`. */
	readonly values: string;
	/** `grid`, `zip`, `when train.optimizer: sgd`. */
	readonly from: string;
}

/** The keys in the order they are written, seeds last. */
export function axisRows({ axes, loaded }: PreparedSweep): readonly AxisRow[] {
	const { sweep, seed } = loaded.experiment;
	const seeds = sweep?.seeds ?? 1;
	return [
		...axes.axes.flatMap((axis) =>
			rowsOf(
				axis,
				axis.section,
				axis.section === "tpe" ? sweep?.tpe?.trials : undefined,
			),
		),
		...axes.conditions.flatMap((condition) =>
			condition.axes.flatMap((axis) => rowsOf(axis, whenText(condition))),
		),
		...(seeds > 1
			? [
					{
						key: "seed",
						values: `${seeds} values: ${seed} to ${seed + seeds - 1}`,
						from: "seeds",
					},
				]
			: []),
	];
}

/** @param points how many points of a drawn axis there will be, if more than now */
function rowsOf(
	axis: Axis,
	from: string,
	points: number = axis.choices.length,
): readonly AxisRow[] {
	return axis.keys.map(({ name: key }) => {
		const drawn = axis.space?.[key];
		if (drawn !== undefined)
			return {
				key,
				values: `${points} of ${distributionText(drawn)}`,
				from,
			};
		const values = axis.choices.flatMap((choice) =>
			choice.flatMap((setting) =>
				setting.key.name === key ? [short(setting.value.shown, 24)] : [],
			),
		);
		return { key, values: listed([...new Set(values)]), from };
	});
}

/** So many values are written out. */
const MOST_VALUES = 6;

function listed(values: readonly string[]): string {
	if (values.length <= MOST_VALUES) return values.join(", ");
	const first = values.slice(0, 3).join(", ");
	return `${count(values.length, "value")}: ${first} … ${values.at(-1)}`;
}

/** `log_uniform 0.0001 to 1`. */
function distributionText(written: Json): string {
	const [[kind, bounds] = ["", null]] = Object.entries(
		written as { [key: string]: Json },
	);
	if (kind === "choice" && Array.isArray(bounds))
		return listed(bounds.map((value: Json) => short(value, 24)));
	return Array.isArray(bounds) ? `${kind} ${bounds.join(" to ")}` : kind;
}

function whenText({ match }: Condition): string {
	const parts = match.parts.map(
		({ name, valuesAt }) =>
			`${name}: ${valuesAt.map(({ text }) => text).join(" or ")}`,
	);
	return `when ${parts.join(", ")}`;
}

/** Swept key → the shortest end of it that no other has: the title of its column. */
export function keyTitles(
	trials: readonly PreparedTrial[],
): ReadonlyMap<string, string> {
	const keys = [
		...new Set(trials.flatMap(({ trial }) => Object.keys(trial.values))),
	];
	return new Map(keys.map((key) => [key, shortestEnd(key, keys)]));
}

function shortestEnd(key: string, keys: readonly string[]): string {
	const parts = key.split(".");
	for (let from = parts.length - 1; from > 0; from--) {
		const end = parts.slice(from).join(".");
		const isAlone = keys.every(
			(other) => other === key || !(other === end || other.endsWith(`.${end}`)),
		);
		if (isAlone && !end.includes('"')) return end;
	}
	return key;
}
