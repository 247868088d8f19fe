import type { Diagnostic } from "../diagnostic.ts";
import type { Axes } from "../experiment/sweep/axes.ts";
import { fault } from "../experiment/sweep/fault.ts";
import { short } from "../experiment/sweep/gather.ts";
import type { PreparedTrial } from "./prepare-sweep.ts";

/**
 * Each experiment once, in order and counted from 0. Trials of one id have the same result to the last digit: a value
 * written twice, or one that a trial does not read.
 */
export function onceEach(
	all: readonly PreparedTrial[],
	axes: Axes,
): {
	readonly trials: readonly PreparedTrial[];
	readonly warnings: readonly Diagnostic[];
} {
	const first = new Map<string, PreparedTrial>();
	const twins: PreparedTrial[] = [];
	for (const each of all)
		if (first.has(each.trial.id)) twins.push(each);
		else first.set(each.trial.id, each);
	const trials = [...first.values()].map(({ trial, prepared }, index) => ({
		trial: { ...trial, index },
		prepared,
	}));
	const [twin] = twins;
	if (twin === undefined) return { trials, warnings: [] };
	const words = ({ trial: { values } }: PreparedTrial) =>
		Object.entries(values)
			.map(([key, value]) => `${key}: ${short(value)}`)
			.join(", ");
	const original = first.get(twin.trial.id) as PreparedTrial;
	const isOne = twins.length === 1;
	return {
		trials,
		warnings: [
			{
				...fault("same-trials", axes.at, {
					message: `${twins.length} of ${all.length} trials ${isOne ? "is the same experiment as another" : "are the same experiments as others"} and ${isOne ? "is" : "are"} run once`,
					reason:
						words(twin) === words(original)
							? `"${words(twin)}" comes twice`
							: `"${words(twin)}" changes nothing against "${words(original)}"`,
					fix: "take values out that come twice; values that some trials alone read stand under when",
				}),
				severity: "warning",
			},
		],
	};
}
