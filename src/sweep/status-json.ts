import type { SweepOutcome } from "./run-sweep.ts";
import { countTasks, type SweepStatus } from "./status.ts";
import type { TrialState } from "./types.ts";

/** A sweep for machines: the same words from `run --format json` and `sweep status --format json`. */
export function sweepJson(sweep: SweepStatus | SweepOutcome) {
	const { best, objective } = sweep;
	return {
		sweep_id: sweep.sweepId,
		name: sweep.name,
		status: sweep.status,
		sweep_dir: sweep.folder,
		objective,
		trials: sweep.trials.map(trialJson),
		tasks: {
			...countTasks(sweep.tasks),
			...("run" in sweep ? { run: sweep.run, cached: sweep.cached } : {}),
		},
		best: best ? trialJson(best) : null,
		...(sweep.toAsk !== undefined && { to_ask: sweep.toAsk }),
		seconds: Math.round(sweep.seconds * 1000) / 1000,
	};
}

function trialJson(trial: TrialState) {
	return {
		trial: trial.trial,
		run_id: trial.runId,
		status: trial.status,
		params: trial.values,
		metrics: trial.metrics,
		...(trial.error && { error: trial.error }),
	};
}
