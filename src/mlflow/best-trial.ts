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

/** The finished runs of a sweep's trials that have the metric, the best first; equal ones by name. */
export function rankedTrials(
	sweepFolder: string,
	experiment: Experiment,
): RunSummary[] {
	const { metric, mode } = objectiveOf(experiment);
	const sign = mode === "max" ? -1 : 1;
	const value = ({ metrics }: RunSummary) => metrics[metric] as number;
	return listRuns(join(sweepFolder, "trials"))
		.filter(
			({ status, metrics }) =>
				status === "FINISHED" && Number.isFinite(metrics[metric]),
		)
		.sort(
			(a, b) => sign * (value(a) - value(b)) || (a.runId < b.runId ? -1 : 1),
		);
}
