import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Experiment } from "../experiment/types.ts";
import { listRuns } from "../runs/list-runs.ts";
import type { RunSummary } from "../runs/types.ts";

/** What a sweep prefers, where its file does not say. */
const BY_ACCURACY = { metric: "valid/accuracy", mode: "max" } as const;

/** A metric and its direction. */
export function objectiveOf({ sweep }: Experiment): {
	readonly metric: string;
	readonly mode: "max" | "min";
} {
	return sweep?.objective ?? BY_ACCURACY;
}

/** The finished runs of a sweep's trials that have the metric, the best first; equal ones in the file's order, as `graft sweep` ranks them. */
export function rankedTrials(
	sweepFolder: string,
	experiment: Experiment,
): RunSummary[] {
	const { metric, mode } = objectiveOf(experiment);
	const sign = mode === "max" ? -1 : 1;
	const value = ({ metrics }: RunSummary) => metrics[metric] as number;
	const placeOf = places(sweepFolder);
	return listRuns(join(sweepFolder, "trials"))
		.filter(
			({ status, metrics }) =>
				status === "FINISHED" && Number.isFinite(metrics[metric]),
		)
		.sort(
			(a, b) =>
				sign * (value(a) - value(b)) ||
				placeOf(a) - placeOf(b) ||
				(a.runId < b.runId ? -1 : 1),
		);
}

/** Place of a trial's run in the sweep's file; runs end in the ids of their trials, and in "-2" at a second attempt. */
function places(sweepFolder: string): (run: RunSummary) => number {
	const order = new Map<string, number>();
	try {
		const manifest = JSON.parse(
			readFileSync(join(sweepFolder, "sweep.json"), "utf8"),
		) as { readonly trials: readonly string[] };
		for (const [place, id] of manifest.trials.entries()) order.set(id, place);
	} catch {
		// A sweep without its list: names decide.
	}
	return ({ runId }) => {
		const id = /([0-9a-f]{12})(-\d+)?$/.exec(runId)?.[1] ?? "";
		return order.get(id) ?? order.size;
	};
}
