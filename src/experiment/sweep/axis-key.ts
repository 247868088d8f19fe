import type { Diagnostic } from "../../diagnostic.ts";
import { splitPath } from "../place-at.ts";
import { dotted } from "../resolve.ts";
import { isLong, type Place } from "../yaml/source.ts";
import type { Entry, Tree } from "../yaml/tree.ts";
import type { AxisKey } from "./axes.ts";
import { fault } from "./fault.ts";

/** These say nothing about a result, or are read before there are trials. */
const NOT_SWEPT: Readonly<Record<string, string>> = {
	name: "a name changes no result",
	description: "a description changes no result",
	tracking: "where runs are sent changes no result",
	gate: "the gate judges a run after it, and changes no result",
	sweep: "a sweep has no sweeps inside",
	extends: "files are read before there are trials",
};

/** The key of an axis, as it is written; names that lead nowhere are found by the schema later. */
export function axisKey(
	text: string,
	at: Place | undefined,
	problems: Diagnostic[],
): AxisKey | undefined {
	const { steps, end } = splitPath(text, placesIn(text, at));
	const wrong = steps.find(({ name }) => name === "");
	if (wrong !== undefined || end < text.length) {
		problems.push(
			fault("axis-key", at, {
				message: `"${text}" is no key: ${wrong === undefined ? "a key holds no =" : "a name is missing in it"}`,
				fix: "write for example train.learning_rate: [0.1, 0.01]",
			}),
		);
		return undefined;
	}
	const first = steps[0]?.name ?? "";
	if (Object.hasOwn(NOT_SWEPT, first)) {
		problems.push(
			fault("axis-key", at, {
				message: `"${first}" cannot be swept`,
				reason: NOT_SWEPT[first] as string,
				fix: "sweep what changes the result, such as train.learning_rate, transforms or model.freeze",
			}),
		);
		return undefined;
	}
	return { name: dotted(steps.map(({ name }) => name)), steps, at };
}

/** `train: { learning_rate: [...] }` under grid: keys of an axis are written in one. */
export function nestedKey(
	key: string,
	{ key: at, value }: Entry,
): Diagnostic | undefined {
	if (value.kind !== "map" || value.entries.size === 0) return undefined;
	const names = [key];
	for (let inner: Tree = value; inner.kind === "map"; ) {
		const first: [string, Entry] | undefined = [...inner.entries][0];
		if (first === undefined) break;
		names.push(first[0]);
		inner = first[1].value;
	}
	const whole = dotted(names);
	return fault("axis-key", isLong(value.at) ? at : value.at, {
		message: `"${key}" holds a map, expected a list of values`,
		reason: "the key of an axis is written in one, with dots",
		fix:
			value.at?.source.from === "set"
				? `put it in quotes: "${whole}"=[…]`
				: `write ${whole}: […]`,
	});
}

/** Places of the characters of a key, which may stand in quotes. */
function placesIn(
	text: string,
	at: Place | undefined,
): (start: number, end: number) => Place {
	const whole = at as Place;
	if (at === undefined) return () => whole;
	const written = at.source.text.slice(at.start, at.end);
	const shift =
		written === text ? 0 : written.slice(1, -1) === text ? 1 : undefined;
	if (shift === undefined) return () => at;
	return (start, end) => ({
		source: at.source,
		start: at.start + shift + start,
		end: at.start + shift + end,
	});
}
