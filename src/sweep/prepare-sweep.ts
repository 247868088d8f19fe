import type { Result } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Prepared, PrepareOptions } from "../prepare.ts";
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
	/** In the axes' order, each experiment once. Backbones, datasets and compiled networks are shared between them. */
	readonly trials: readonly PreparedTrial[];
	/** An extraction before those that wait for it. */
	readonly tasks: readonly Task[];
}

/** Reads a file with `sweep`: every mistake of every trial is found, each said once, at the place of the axis. */
export async function prepareSweep(
	_file: string,
	_options: PrepareOptions,
): Promise<Result<PreparedSweep>> {
	throw new Error("internal: prepareSweep is being built");
}

/**
 * What a task's process does with lines of trials.jsonl, on whichever machine: resolved experiments become
 * plans again. Backbones and datasets are opened once for all of them.
 */
export async function prepareStored(
	_trials: readonly StoredTrial[],
	_options: Omit<PrepareOptions, "sets">,
): Promise<Result<readonly PreparedTrial[]>> {
	throw new Error("internal: prepareStored is being built");
}
