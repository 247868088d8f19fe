import type { Distribution } from "../../experiment/sweep/axes.ts";
import {
	numbersOf,
	type ShownValues,
	tpeOf,
} from "../../experiment/sweep/tpe.ts";
import type { AskedPoints, SweepOptions } from "../../experiment/types.ts";
import { canonicalJson } from "../../fingerprint.ts";
import type { PreparedSweep } from "../prepare-sweep.ts";
import { readFailures, readResults } from "../results.ts";
import type { TrialFailure, TrialResult } from "../types.ts";
import { nextPoints } from "./next-points.ts";
import { makeRound } from "./rounds.ts";
import type { SeenPoint } from "./suggest.ts";

/**
 * Asks for the next round of a sweep by TPE from the results in its folder, and notes it there; false where nothing is
 * left to run. The same results give the same round, whoever asks and however often.
 * @throws RunError "sweep-folder", "sweep-damaged"
 */
export function askRound(folder: string, sweep: PreparedSweep): boolean {
	const { tpe, axes, loaded } = sweep;
	const options = loaded.experiment.sweep as SweepOptions;
	const space = tpeOf(axes);
	if (tpe === undefined || space === undefined) return false;
	const { seed, gamma, n_ei_candidates, multivariate, batch } =
		options.tpe as AskedPoints;
	const known = seenPoints(folder, sweep, space);
	// The round before is noted, and whoever noted it died before its trials were run, or runs them now.
	if (known.some(({ seen }) => seen?.state === "running")) return true;
	if (tpe.left === 0) return false;
	// Nothing to learn from: what failed first is mended first.
	if (known.every(({ seen }) => seen === undefined)) return false;
	const points = nextPoints({
		space,
		history: known.flatMap(({ seen }) => seen ?? []),
		taken: known.map(({ values }) => values),
		settings: { seed, gamma, candidates: n_ei_candidates, multivariate },
		count: Math.min(batch, tpe.left),
	});
	makeRound(folder, tpe.key, tpe.rounds + 1, { points });
	return true;
}

/** The points so far, in the order of asking, and what became of them. */
function seenPoints(
	folder: string,
	{ axes, trials, loaded }: PreparedSweep,
	space: readonly Distribution[],
): readonly {
	readonly values: ShownValues;
	readonly seen: SeenPoint | undefined;
}[] {
	const results = readResults(folder);
	const failures = readFailures(folder);
	const { objective } = loaded.experiment.sweep as SweepOptions;
	const sign = objective.mode === "max" ? -1 : 1;
	const trialsOf = new Map<string, string[]>();
	for (const { trial } of trials) {
		const key = canonicalJson(valuesIn(space, trial.values));
		trialsOf.set(key, [...(trialsOf.get(key) ?? []), trial.id]);
	}
	const choices =
		axes.axes.find(({ section }) => section === "tpe")?.choices ?? [];
	return choices.map((choice) => {
		const values = Object.fromEntries(
			choice.map(({ key, value }) => [key.name, value.shown]),
		);
		// A point that is the same experiment as another has no trials of its own.
		const ids = trialsOf.get(canonicalJson(values)) ?? [];
		const point = numbersOf(space, values);
		if (ids.length === 0 || point === undefined)
			return { values, seen: undefined };
		const own = ids.map((id) => results.get(id));
		const missing = ids.filter((id) => !results.has(id));
		const state = stateOf(
			own,
			missing.map((id) => failures.get(id)),
		);
		if (state === undefined) return { values, seen: undefined };
		const losses = own.map((result) =>
			result === undefined
				? Number.NaN
				: sign * (result.metrics[objective.metric] ?? Number.NaN),
		);
		return {
			values,
			seen: {
				point,
				state,
				loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
				epochs: Math.min(...own.map((result) => result?.epochs ?? 0)),
			},
		};
	});
}

/**
 * Running: a trial has neither result nor failure. A point that diverged or lacked memory is the worst there is; one that failed for another reason says nothing.
 * Pruned: one of its seeds was.
 */
function stateOf(
	results: readonly (TrialResult | undefined)[],
	failures: readonly (TrialFailure | undefined)[],
): SeenPoint["state"] | undefined {
	if (results.every((result) => result !== undefined))
		return results.some(({ status }) => status === "PRUNED")
			? "pruned"
			: "finished";
	if (failures.includes(undefined)) return "running";
	return failures.every(
		(failure) => failure?.cause === "nan" || failure?.cause === "memory",
	)
		? "finished"
		: undefined;
}

function valuesIn(
	space: readonly Distribution[],
	values: ShownValues,
): ShownValues {
	return Object.fromEntries(
		space.map(({ key }) => [key.name, values[key.name] ?? null]),
	);
}
