import type { Diagnostic } from "../../diagnostic.ts";
import type { Json } from "../../fingerprint.ts";
import { inline } from "../yaml/inline.ts";
import { canonical } from "./canonical.ts";

/** What is wrong with one trial, by its place among them. */
export interface TrialFaults {
	readonly values: Readonly<Record<string, Json>>;
	readonly diagnostics: readonly Diagnostic[];
}

/**
 * Each mistake once, with how many trials have it and which values set these apart. What all trials have in common is
 * said as of a file that is no sweep.
 */
export function gatherFaults(
	trials: readonly TrialFaults[],
): readonly Diagnostic[] {
	const groups = new Map<string, { first: Diagnostic; trials: Set<number> }>();
	for (const [index, { diagnostics }] of trials.entries())
		for (const each of diagnostics) {
			const { file, range, code, message, severity } = each;
			const key = JSON.stringify([
				file,
				range?.line,
				range?.column,
				code,
				message,
				severity,
			]);
			const group = groups.get(key) ?? { first: each, trials: new Set() };
			group.trials.add(index);
			groups.set(key, group);
		}
	return [...groups.values()].map(({ first, trials: having }) => {
		if (having.size === trials.length) return first;
		const where = whichTrials(
			trials.map(({ values }) => values),
			having,
		);
		const reason =
			first.reason === undefined ? where : `${first.reason}; ${where}`;
		return { ...first, reason };
	});
}

/** So many values of a key are named. */
const MOST_NAMED = 4;

/** `26 of 52 trials, those with train.optimizer.sgd.momentum: 0`. */
function whichTrials(
	all: readonly Readonly<Record<string, Json>>[],
	having: ReadonlySet<number>,
): string {
	const count = `${having.size} of ${all.length} trials ${having.size === 1 ? "has" : "have"} it`;
	const own = all.filter((_, index) => having.has(index));
	const keys = [...new Set(all.flatMap((values) => Object.keys(values)))];
	const parts = keys.flatMap((key) => {
		const everywhere = distinct(all, key);
		const here = distinct(own, key);
		if (here.size === everywhere.size) return [];
		const values = [...here.values()];
		if (values.includes(undefined)) return [];
		const named = values
			.slice(0, MOST_NAMED)
			.map((value) => short(value as Json));
		return [
			`${key}: ${named.join(" or ")}${values.length > MOST_NAMED ? " or …" : ""}`,
		];
	});
	return parts.length === 0
		? count
		: `${count}, those with ${parts.join(" and ")}`;
}

function distinct(
	values: readonly Readonly<Record<string, Json>>[],
	key: string,
): ReadonlyMap<string, Json | undefined> {
	return new Map(
		values.map((each) => [
			each[key] === undefined ? "" : canonical(each[key]),
			each[key],
		]),
	);
}

/** A value as a table shows it: `{ Resize: { size: … }` is cut off. */
export function short(value: Json, width = 40): string {
	const text = inline(value);
	return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
