import { axisRows } from "./axis-rows.ts";
import { wallSeconds } from "./expected.ts";
import { sweepIdOf } from "./folder.ts";
import {
	countWork,
	openTasks,
	type SweepPlanInput,
	summary,
} from "./plan-text.ts";

/** The plan of a sweep for programs. Keys in snake_case, as in every JSON of Graft. */
export function sweepPlanJson(input: SweepPlanInput) {
	const { file, sweep, features, done, workers, measured } = input;
	const { experiment } = sweep.loaded;
	const work = countWork(input);
	return {
		name: experiment.name,
		file,
		sweep_id: sweepIdOf(experiment.name, file),
		summary: summary(input),
		objective: experiment.sweep?.objective ?? null,
		photos: sweep.trials[0]?.prepared.data?.counts ?? null,
		axes: axisRows(sweep),
		trials: sweep.trials.map(({ trial, prepared }) => ({
			index: trial.index,
			id: trial.id,
			run_id: trial.runId,
			params: trial.values,
			fingerprint: prepared.plan.fingerprint ?? null,
			done: done.has(trial.id),
		})),
		tasks: sweep.tasks.map((task) => ({
			...task,
			...(features.has(task.id) && { features: rowsJson(input, task.id) }),
		})),
		...(sweep.tpe && { to_ask: toAsk(sweep) }),
		counts: {
			passes: work.passes,
			cached_passes: work.cachedPasses,
			stacked: work.stacked,
			heads: work.heads,
			fine_tunes: work.fineTunes,
			done: done.size,
		},
		workers: workers.size,
		seconds: wallSeconds(openTasks(input), workers.size),
		feature_bytes: [...features.values()].reduce(
			(total, { bytes }) => total + bytes,
			0,
		),
		measured,
	};
}

/** Trials that are asked for when the results of those before are there. */
function toAsk({ tpe, loaded }: SweepPlanInput["sweep"]): number {
	return (tpe?.left ?? 0) * (loaded.experiment.sweep?.seeds ?? 1);
}

function rowsJson({ features }: SweepPlanInput, id: string) {
	const rows = features.get(id);
	return {
		bytes: rows?.bytes ?? 0,
		rows_cached: rows?.cached ?? 0,
		rows_to_compute: rows?.toCompute ?? 0,
	};
}
