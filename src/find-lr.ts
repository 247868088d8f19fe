import { RunError } from "./diagnostic.ts";
import { openDevice } from "./engine/backend.ts";
import { classicalName } from "./experiment/classical-types.ts";
import type { Progress } from "./features/rate.ts";
import type { Prepared } from "./prepare.ts";
import { runPhases } from "./run-phases.ts";
import { NOTHING_SOFAR } from "./train/fit-phases.ts";
import { findRate, type RatePoint, USUAL_RANGE } from "./train/lr-finder.ts";
import { type RateSuggestions, suggestRates } from "./train/lr-suggest.ts";

/** What a search for a learning rate is told and tells. */
export interface FindOptions {
	readonly cacheFolder: string;
	readonly signal: AbortSignal;
	readonly onProgress: (progress: Progress) => void;
	readonly onWarning: (code: string, message: string) => void;
}

/** What came of it. */
export interface FoundRates {
	/** Name of the phase that was looked at; undefined where training has but one go. */
	readonly phase: string | undefined;
	readonly points: readonly RatePoint[];
	/** Why the search ended; diverged: the loss grew to four times its best, or was no number. */
	readonly ended: "diverged" | "steps";
	readonly suggestions: RateSuggestions | undefined;
}

/**
 * A learning rate range test on the features and the suffix of a run, of the first phase where there are several. The
 * rows go into the cache; nothing else is written, and the weights are thrown away.
 *
 *   rows (cached) ─ findRate ─ points ─ suggestRates
 *
 * @throws RunError "lr-classical" for a head without epochs, and what openDevice, rows and steps throw
 */
export async function findLearningRate(
	prepared: Prepared,
	{ cacheFolder, signal, onProgress, onWarning }: FindOptions,
): Promise<FoundRates> {
	const { classical } = prepared.plan;
	if (classical !== undefined)
		throw new RunError(
			"lr-classical",
			`a ${classicalName(classical)} head is fitted at once and has no learning rate`,
			{ fix: "give graft lr an experiment whose head is linear or mlp" },
		);
	await openDevice(prepared.loaded.experiment.device);
	const [first] = runPhases({
		...{ prepared, cacheFolder, onProgress, onWarning, signal },
		onRows: () => Promise.resolve(),
	});
	if (first === undefined) throw new Error("internal: a plan has no phase");
	const open = await first.begin(NOTHING_SOFAR);
	try {
		const points: RatePoint[] = [];
		const events = findRate(open.input, USUAL_RANGE);
		let next = await events.next();
		for (; !next.done; next = await events.next())
			if (next.value.type === "point") points.push(next.value);
			else onWarning(next.value.code, next.value.message);
		return {
			...{ phase: first.name, points, ended: next.value },
			suggestions: suggestRates(points, USUAL_RANGE.steps),
		};
	} finally {
		await open.close();
	}
}
