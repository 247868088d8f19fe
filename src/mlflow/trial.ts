import type { Json } from "../fingerprint.ts";
import type { RunRecord, TrialMark } from "../runs/types.ts";
import { toMlflowKey } from "./names.ts";

/** What makes the trials of a sweep easy to tell apart: names, tags and params of their own. */

/** Characters of a trial's name: legends of charts hold no more. */
const LONGEST_NAME = 80;
/** Characters of one value in a name. */
const LONGEST_VALUE = 24;

/**
 * `learning_rate=0.1 optimizer=adam`: what a chart's legend shows. Keys are shortened to their last part
 * where that still tells them apart.
 */
export function trialName({ id, values }: TrialMark): string {
	const keys = Object.keys(values);
	const lastOf = (key: string) => key.split(".").at(-1) as string;
	const isClear = (key: string) =>
		keys.filter((other) => lastOf(other) === lastOf(key)).length === 1;
	const name = keys
		.map(
			(key) =>
				`${isClear(key) ? lastOf(key) : key}=${short(text(values[key] as Json))}`,
		)
		.join(" ");
	if (name === "") return id;
	if (name.length <= LONGEST_NAME) return name;
	return `${name.slice(0, LONGEST_NAME - id.length - 2)}… ${id}`;
}

/** `sweep.train.learning_rate` → 0.1: the swept keys once more, side by side in the list of params. */
export function sweptParams({ values }: TrialMark): Map<string, string> {
	return new Map(
		Object.entries(values).map(([key, value]) => [
			toMlflowKey(`sweep.${key}`),
			text(value).slice(0, 6000),
		]),
	);
}

/** `sweep.id` on the parent and its trials, so that one search finds them all. */
export function sweepTags(
	record: RunRecord,
): Readonly<Record<string, string | undefined>> {
	if (record.kind === "sweep") return { "sweep.id": record.runId };
	const { trial } = record;
	return trial === undefined
		? {}
		: { "sweep.id": trial.sweepId, "sweep.trial": trial.id };
}

function text(value: Json): string {
	return typeof value === "string" ? value : JSON.stringify(value);
}

function short(value: string): string {
	return value.length <= LONGEST_VALUE
		? value
		: `${value.slice(0, LONGEST_VALUE - 1)}…`;
}
