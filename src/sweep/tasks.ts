import { fingerprint } from "../fingerprint.ts";
import { stackKeyOf } from "../train/stacked/stack-key.ts";
import { isStackable } from "../train/stacked/stackable-options.ts";
import {
	featuresIn,
	fitSeconds,
	type Known,
	stackSeconds,
} from "./expected.ts";
import { passesOf } from "./passes.ts";
import type { PreparedTrial } from "./prepare-sweep.ts";
import type { Task } from "./types.ts";

/** A stack holds at most so many heads: more make the product slower, not faster, and one failure dearer. */
export const MOST_STACKED = 512;

/**
 * The work of a sweep. Pure.
 *
 *   trials ─┬─ same feature keys, or layers of one pass ── one extraction
 *           ├─ same stack key ─────── one stacked task, at most MOST_STACKED heads
 *           └─ all others ─────────── a single task each
 *
 * Ids depend on what the work is about alone: an edited grid keeps those of unchanged extractions and single trials.
 */
export function planTasks(
	trials: readonly PreparedTrial[],
	known: Known,
): readonly Task[] {
	const extractions = new Map<string, PreparedTrial[]>();
	const stacks = new Map<string, PreparedTrial[]>();
	const alone: PreparedTrial[] = [];
	const stackKeys = new WeakMap<object, string | undefined>();
	for (const each of trials) {
		const features = featuresOf(each);
		if (features !== undefined) into(extractions, features, each);
		const stack = stackOf(each, stackKeys);
		if (stack === undefined) alone.push(each);
		else into(stacks, stack, each);
	}
	const passOf = new Map<string, string>();
	const passes = passesOf([...extractions.values()]).map((groups) => {
		const keys = groups.map(([first]) => featuresOf(first as PreparedTrial));
		const id = extractionId(
			keys.length === 1
				? (keys[0] ?? "")
				: fingerprint(keys.map((key) => key ?? null)),
		);
		for (const key of keys) passOf.set(key ?? "", id);
		return { id, groups };
	});
	const featuresFirst = (each: PreparedTrial) => {
		const features = featuresOf(each);
		return features === undefined ? [] : [passOf.get(features) ?? ""];
	};
	const stacked = [...stacks.values()].flatMap((members) =>
		chunks(members, MOST_STACKED),
	);
	return [
		...passes.map(
			({ id, groups }): Task => ({
				id,
				kind: "extraction",
				trials: idsOf(groups.flat()),
				after: [],
				seconds: Math.max(
					...groups.map(
						([first]) => featuresIn(first as PreparedTrial, known).seconds,
					),
				),
			}),
		),
		...stacked
			.filter(({ length }) => length > 1)
			.map(
				(members): Task => ({
					id: taskId("stacked", idsOf(members)),
					kind: "stacked",
					trials: idsOf(members),
					after: featuresFirst(members[0] as PreparedTrial),
					seconds: stackSeconds(members, known),
				}),
			),
		...[
			...stacked.flatMap((members) => (members.length === 1 ? members : [])),
			...alone,
		]
			.sort((a, b) => a.trial.index - b.trial.index)
			.map(
				(each): Task => ({
					id: taskId("single", [each.trial.id]),
					kind: "single",
					trials: [each.trial.id],
					after: featuresFirst(each),
					seconds: fitSeconds(each, known),
				}),
			),
	];
}

/** The rows that a trial reads; undefined where it draws its photos anew each epoch, reads several kinds, or photos are missing. */
export function featuresOf({
	prepared: { plan, data },
}: PreparedTrial): string | undefined {
	const { train, eval: evaluation, phases } = plan;
	// Phases read rows at cuts of their own.
	if (phases !== undefined) return undefined;
	if (train.featureKey === undefined || evaluation.featureKey === undefined)
		return undefined;
	return fingerprint({
		train: train.featureKey,
		eval: evaluation.featureKey,
		photos: data?.fingerprint ?? null,
	});
}

/** The same for all trials that share a compiled network. */
function stackOf(
	{ prepared: { plan, loaded } }: PreparedTrial,
	known: WeakMap<object, string | undefined>,
): string | undefined {
	if (plan.classical !== undefined) return undefined;
	// Views of the photos are asked for when a run of its own has ended.
	if (loaded.experiment.evaluation?.tta !== undefined) return undefined;
	// Trials that share a network may differ in this.
	if (!isStackable(loaded.experiment)) return undefined;
	if (!known.has(plan.train))
		known.set(plan.train, stackKeyOf(plan, loaded.experiment));
	return known.get(plan.train);
}

function extractionId(features: string): string {
	return `extraction-${features.slice(0, 12)}`;
}

function taskId(kind: Task["kind"], about: readonly string[]): string {
	return `${kind}-${fingerprint({ kind, about }).slice(0, 12)}`;
}

function idsOf(trials: readonly PreparedTrial[]): readonly string[] {
	return trials.map(({ trial }) => trial.id);
}

function into<T>(groups: Map<string, T[]>, key: string, item: T): void {
	const group = groups.get(key);
	if (group === undefined) groups.set(key, [item]);
	else group.push(item);
}

function chunks<T>(items: readonly T[], size: number): readonly T[][] {
	return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
		items.slice(index * size, (index + 1) * size),
	);
}
