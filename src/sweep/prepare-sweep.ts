import { fail, ok, type Result } from "../diagnostic.ts";
import {
	type LoadedExperiment,
	readExperiment,
	sorted,
} from "../experiment/load-tree.ts";
import type { Axes } from "../experiment/sweep/axes.ts";
import { gatherFaults } from "../experiment/sweep/gather.ts";
import { type LoadedTrial, loadSweep } from "../experiment/sweep/load-sweep.ts";
import { fingerprint, type Json } from "../fingerprint.ts";
import {
	type Prepared,
	type PrepareOptions,
	prepareLoaded,
	type Shared,
	sharing,
} from "../prepare.ts";
import { slug } from "../runs/journal.ts";
import { knownIn } from "./expected.ts";
import { onceEach } from "./once-each.ts";
import { planTasks } from "./tasks.ts";
import type { StoredTrial, Task } from "./types.ts";

/** A trial with its plan; `prepared.loaded.experiment` is `trial.experiment`. */
export interface PreparedTrial {
	readonly trial: StoredTrial;
	readonly prepared: Prepared;
}

/** A sweep of which nothing is wrong, as far as can be told before it runs. */
export interface PreparedSweep {
	/** The file's own values, `experiment.sweep` among them. */
	readonly loaded: LoadedExperiment;
	readonly axes: Axes;
	/** In the axes' order, each experiment once. Backbones, datasets and compiled networks are shared between them. */
	readonly trials: readonly PreparedTrial[];
	/** An extraction before those that wait for it. */
	readonly tasks: readonly Task[];
}

/** Reads a file with `sweep`: every mistake of every trial is found, each said once, at the place of the axis. */
export async function prepareSweep(
	file: string,
	options: PrepareOptions,
): Promise<Result<PreparedSweep>> {
	const read = readExperiment(file, options.sets);
	if (!read.ok) return read;
	const loading = loadSweep(read.value);
	if (!loading.ok) return loading;
	const { base, axes, trials: points } = loading.value;
	const tried = await prepareAll(
		points.map(({ loaded }) => loaded),
		options,
	);
	const faults = gatherFaults(
		tried.map((result, index) => ({
			values: (points[index] as LoadedTrial).values,
			diagnostics: result.ok ? result.warnings : result.diagnostics,
		})),
	);
	const found = sorted([...loading.warnings, ...faults], file);
	if (found.some(({ severity }) => severity === "error")) return fail(found);
	const all = tried.flatMap((result, index) =>
		result.ok ? [stored(points[index] as LoadedTrial, result.value)] : [],
	);
	const { trials, warnings } = onceEach(all, axes);
	const tasks = planTasks(trials, knownIn(options.cacheFolder));
	return ok({ loaded: base, axes, trials, tasks }, [...found, ...warnings]);
}

/**
 * What a task's process does with lines of trials.jsonl, on whichever machine: resolved experiments become
 * plans again. Backbones and datasets are opened once for all of them.
 * @param options.file the sweep's file, for messages and records
 */
export async function prepareStored(
	trials: readonly StoredTrial[],
	options: Omit<PrepareOptions, "sets"> & { readonly file?: string },
): Promise<Result<readonly PreparedTrial[]>> {
	const { file = "trials.jsonl" } = options;
	const tried = await prepareAll(
		trials.map(({ experiment }) => ({
			file,
			experiment,
			provenance: [],
			locate: () => undefined,
		})),
		options,
	);
	const found = gatherFaults(
		tried.map((result, index) => ({
			values: (trials[index] as StoredTrial).values,
			diagnostics: result.ok ? result.warnings : result.diagnostics,
		})),
	);
	if (found.some(({ severity }) => severity === "error")) return fail(found);
	const prepared = tried.flatMap((result, index): PreparedTrial[] =>
		result.ok
			? [{ trial: trials[index] as StoredTrial, prepared: result.value }]
			: [],
	);
	return ok(prepared, found);
}

async function prepareAll(
	experiments: readonly LoadedExperiment[],
	options: Omit<PrepareOptions, "sets">,
): Promise<readonly Result<Prepared>[]> {
	const shared: Shared = sharing();
	const prepared: Result<Prepared>[] = [];
	for (const loaded of experiments)
		prepared.push(await prepareLoaded(loaded, options, shared));
	return prepared;
}

/** A trial with its names; its place is counted once those that are the same are gone. */
function stored(
	{ values, loaded: { experiment } }: LoadedTrial,
	prepared: Prepared,
): PreparedTrial {
	const whole = prepared.plan.fingerprint ?? provisional(experiment);
	const id = whole.slice(0, 12);
	const runId = `${slug(experiment.name)}-${id}`;
	return { trial: { index: 0, id, values, experiment, runId }, prepared };
}

/** While photos or weights are missing, trials are told apart by what their file says. */
function provisional(experiment: LoadedExperiment["experiment"]): string {
	const { name: _, description, tracking, gate, ...rest } = experiment;
	return fingerprint(rest as unknown as Json);
}
