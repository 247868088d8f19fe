import { join } from "node:path";
import { checkDevices } from "../check-device.ts";
import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import {
	type LoadedExperiment,
	type ReadExperiment,
	readExperiment,
	sorted,
} from "../experiment/load-tree.ts";
import type { Axes } from "../experiment/sweep/axes.ts";
import { gatherFaults } from "../experiment/sweep/gather.ts";
import { type LoadedTrial, loadSweep } from "../experiment/sweep/load-sweep.ts";
import { type ShownValues, tpeOf } from "../experiment/sweep/tpe.ts";
import type { SweepOptions } from "../experiment/types.ts";
import { fingerprint, type Json } from "../fingerprint.ts";
import {
	isOnlyUnfetched,
	type Prepared,
	type PrepareOptions,
	prepareLoaded,
	type Shared,
	sharing,
} from "../prepare.ts";
import { slug } from "../runs/journal.ts";
import { knownIn } from "./expected.ts";
import { sweepIdOf } from "./folder.ts";
import { onceEach } from "./once-each.ts";
import { planTasks } from "./tasks.ts";
import { readRounds, roundsKey } from "./tpe/rounds.ts";
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
	/** Of a sweep by TPE: how far asking is. */
	readonly tpe?: TpeState;
}

/** Points that are asked for in rounds. */
export interface TpeState {
	/** Of the rounds' folder. */
	readonly key: string;
	readonly rounds: number;
	/** After the first ones, which are drawn at random. */
	readonly asked: readonly ShownValues[];
	/** Points that are still to be asked for. */
	readonly left: number;
}

/** Where and with what a sweep is prepared. */
export interface PrepareSweepOptions extends PrepareOptions {
	/** Of a sweep by TPE, the points that were asked for in this folder of runs come along. */
	readonly runs?: string;
	/** What an earlier round has opened. */
	readonly shared?: Shared;
}

/** Reads a file with `sweep`: every mistake of every trial is found, each said once, at the place of the axis. */
export async function prepareSweep(
	file: string,
	options: PrepareSweepOptions,
): Promise<Result<PreparedSweep>> {
	const read = readExperiment(file, options.sets);
	if (!read.ok) return read;
	const shared = options.shared ?? sharing();
	const first = await preparePoints(read.value, [], options, shared);
	if (!first.ok || tpeOf(first.value.axes) === undefined) return first;
	const tpe = tpeState(first.value, options.runs);
	if (tpe.asked.length === 0) return withState(first, tpe);
	return withState(
		await preparePoints(read.value, tpe.asked, options, shared),
		tpe,
	);
}

function withState(
	prepared: Result<PreparedSweep>,
	tpe: TpeState,
): Result<PreparedSweep> {
	return prepared.ok
		? ok({ ...prepared.value, tpe }, prepared.warnings)
		: prepared;
}

/** @param first with the points that are drawn at random */
function tpeState(
	{ trials, axes, loaded }: PreparedSweep,
	runs: string | undefined,
): TpeState {
	const { experiment, file } = loaded;
	const sweep = experiment.sweep as SweepOptions;
	const ids = trials.map(({ trial }) => trial.id);
	const key = roundsKey(ids, sweep);
	const rounds =
		runs === undefined
			? []
			: readRounds(join(runs, sweepIdOf(experiment.name, file)), key);
	const drawn = axes.axes[0]?.choices.length ?? 0;
	const most = (sweep.tpe?.trials ?? 0) - drawn;
	const asked = rounds.flatMap(({ points }) => points).slice(0, most);
	const isExhausted = rounds.at(-1)?.points.length === 0;
	const left = isExhausted ? 0 : most - asked.length;
	return { key, rounds: rounds.length, asked, left };
}

async function preparePoints(
	read: ReadExperiment,
	asked: readonly ShownValues[],
	options: PrepareOptions,
	shared: Shared,
): Promise<Result<PreparedSweep>> {
	const loading = loadSweep(read, asked);
	if (!loading.ok) return loading;
	const { base, axes, trials: points } = loading.value;
	const tried = await prepareAll(
		points.map(({ loaded }) => loaded),
		options,
		shared,
	);
	const faults = gatherFaults(
		tried.map((result, index) => ({
			values: (points[index] as LoadedTrial).values,
			diagnostics: result.ok ? result.warnings : result.diagnostics,
		})),
	);
	const lacks = isHere(base.experiment) ? await lacksOf(points, options) : [];
	const found = sorted([...loading.warnings, ...faults, ...lacks], read.file);
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

/** Slurm's nodes may have what this machine has not. */
function isHere({ sweep }: LoadedExperiment["experiment"]): boolean {
	return sweep === undefined || !("slurm" in sweep.launcher);
}

async function lacksOf(
	points: readonly LoadedTrial[],
	{ missing }: Pick<PrepareOptions, "missing">,
): Promise<readonly Diagnostic[]> {
	return missing === "error"
		? checkDevices(points.map(({ loaded }) => loaded))
		: [];
}

/** Weights are fetched once nothing else is wrong with any of them. */
async function prepareAll(
	experiments: readonly LoadedExperiment[],
	options: Omit<PrepareOptions, "sets">,
	shared: Shared = sharing(),
): Promise<readonly Result<Prepared>[]> {
	const prepareEach = async (fetch: boolean) => {
		const prepared: Result<Prepared>[] = [];
		for (const loaded of experiments)
			prepared.push(await prepareLoaded(loaded, { ...options, fetch }, shared));
		return prepared;
	};
	const looked = await prepareEach(false);
	const isFetching =
		options.missing === "error" &&
		looked.every(
			(result) => result.ok || isOnlyUnfetched(result.diagnostics),
		) &&
		looked.some((result) => !result.ok || result.value.backbone.fetchWeights);
	return isFetching ? prepareEach(true) : looked;
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
