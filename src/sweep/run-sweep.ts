import { join, resolve } from "node:path";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { SweepOptions } from "../experiment/types.ts";
import { thisMachine } from "../features/prefix.ts";
import { count } from "../text.ts";
import {
	askToGoOn,
	isAskedToEnd,
	readManifest,
	sweepIdOf,
	writeSweep,
} from "./folder.ts";
import { findGpus, type Gpu } from "./gpus.ts";
import { openPlaces } from "./places.ts";
import type { PreparedSweep } from "./prepare-sweep.ts";
import { hasResult, readFailure } from "./results.ts";
import { runTasks, type SweepListener } from "./runner.ts";
import { enterRunner } from "./runners.ts";
import { openSchedule, type Schedule } from "./schedule.ts";
import { readStatus, type SweepStatus } from "./status.ts";
import { openSweepJournal } from "./sweep-journal.ts";
import type { Manifest, Task, TaskKind } from "./types.ts";
import { startWorker, type Worker } from "./worker.ts";
import { localOf, workersOf } from "./workers.ts";

/**
 * A sweep on this machine:
 *
 *   prepared ─ folder written ─ schedule over the tasks ─ places with worker processes ─ results ─ status
 *
 * What is finished already is not run again; a second runner on the same sweep shares the work.
 */
export interface RunSweepOptions {
	readonly argv: readonly string[];
	/** When the command began, of `performance.now()`. */
	readonly startedAt: number;
	/** Aborting ends the sweep as KILLED; finished trials are kept. */
	readonly signal: AbortSignal;
	readonly listener: SweepListener & {
		readonly onStart: (start: SweepStart) => void;
	};
	readonly ahead?: Ahead;
	/** Of a sweep by TPE: writes the folder anew with the trials of the next round; false when there is none. */
	readonly nextRound?: () => Promise<boolean>;
}

/** What was done while the sweep was prepared. */
export interface Ahead {
	readonly gpus: readonly Gpu[];
	/** On the processor: it starts while trials are expanded and checked. */
	readonly worker: Worker | undefined;
}

/** Looks for GPUs and, where there are none, starts the first worker; whoever does not go on to runSweep ends it. */
export async function startAhead(folder: string): Promise<Ahead> {
	const gpus = await findGpus();
	return {
		gpus,
		worker: gpus.length > 0 ? undefined : startWorker(folder, {}),
	};
}

/** Where a sweep is, or will be: absolute. */
export function sweepFolder(
	{ experiment, file }: Pick<LoadedExperiment, "experiment" | "file">,
	runsFolder: string,
): string {
	return join(resolve(runsFolder), sweepIdOf(experiment.name, file));
}

/** What is known when the sweep begins. */
export interface SweepStart {
	readonly sweepId: string;
	readonly folder: string;
	readonly status: SweepStatus;
	/** `4 GPUs`, `2 processes`. */
	readonly places: string;
	readonly placeCount: number;
	/** 0, and of a sweep by TPE what has been asked for since this start. */
	readonly round: number;
}

/** What became of it. */
export interface SweepOutcome extends Omit<SweepStatus, "status"> {
	readonly status: "FINISHED" | "FAILED" | "KILLED";
	/** Tasks that this start worked on, and those of which nothing was left to do. */
	readonly run: Readonly<Record<TaskKind, number>>;
	readonly cached: Readonly<Record<TaskKind, number>>;
	/** Of this command alone. */
	readonly seconds: number;
}

/** Where a sweep is kept. */
export interface BeginOptions {
	readonly runsFolder: string;
	readonly cacheFolder: string;
	readonly argv: readonly string[];
	/** Of a sweep by TPE. */
	readonly sets?: readonly string[];
	/** The next round of a start, which nobody asked to go on. */
	readonly isRound?: boolean;
}

/** Writes the sweep's folder, ready for any launcher; answers it, absolute. @throws RunError "sweep-folder" */
export function beginSweep(
	{ loaded, trials, tasks, tpe }: PreparedSweep,
	options: BeginOptions,
): { readonly sweepId: string; readonly folder: string } {
	const { experiment, file } = loaded;
	const sweepId = sweepIdOf(experiment.name, file);
	const folder = sweepFolder(loaded, options.runsFolder);
	const manifest: Manifest = {
		version: 1,
		sweepId,
		name: experiment.name,
		source: file,
		file: resolve(file),
		created: new Date().toISOString(),
		experiment,
		argv: options.argv,
		cacheFolder: options.cacheFolder,
		trials: trials.map(({ trial }) => trial.id),
		tasks,
		...(tpe && {
			tpe: {
				toAsk: tpe.left * (experiment.sweep?.seeds ?? 1),
				sets: options.sets ?? [],
				key: tpe.key,
			},
		}),
	};
	writeSweep(
		folder,
		manifest,
		trials.map(({ trial }) => trial),
	);
	if (options.isRound !== true) askToGoOn(folder);
	return { sweepId, folder };
}

/**
 * Runs what is missing of the sweep in a folder, as its sweep.json says. Failures of trials are part of the outcome.
 * @throws RunError "sweep-folder", "sweep-damaged", "journal-write"
 */
export async function runSweep(
	folder: string,
	options: RunSweepOptions,
): Promise<SweepOutcome> {
	const runner = enterRunner(folder);
	try {
		const journal = openSweepJournal(folder, options.argv);
		const { gpus, worker } = options.ahead ?? (await startAhead(folder));
		const run = { extraction: 0, stacked: 0, single: 0 };
		let isKilled = false;
		for (let round = 0; ; round++) {
			const schedule = await runRound(folder, options, {
				gpus,
				worker: round === 0 ? worker : undefined,
				round,
				note: journal.note,
			});
			for (const [kind, started] of Object.entries(schedule.started()))
				run[kind as TaskKind] += started;
			isKilled = options.signal.aborted || isAskedToEnd(folder);
			if (isKilled || schedule.isStopped()) break;
			if (!(await options.nextRound?.())) break;
		}
		const status = endOf(readStatus(folder), isKilled);
		journal.end(status);
		return {
			...readStatus(folder),
			status,
			seconds: (performance.now() - options.startedAt) / 1000,
			run,
			cached: restOf(readManifest(folder).tasks, run),
		};
	} finally {
		runner.release();
	}
}

/** Runs what is missing of the trials that sweep.json has now; most sweeps have one round. */
async function runRound(
	folder: string,
	{ listener, signal }: RunSweepOptions,
	{
		gpus,
		worker,
		round,
		note,
	}: Ahead & { readonly round: number; readonly note: () => void },
): Promise<Schedule> {
	const { tasks, experiment, sweepId } = readManifest(folder);
	const sweep = experiment.sweep as SweepOptions;
	const schedule = openSchedule({
		tasks,
		retries: sweep.retries,
		onFailure: sweep.on_failure,
		hasResult: (trial) => hasResult(folder, trial),
		failureOf: (trial) => readFailure(folder, trial),
	});
	const local = localOf(sweep);
	const { cores } = thisMachine();
	const places = openPlaces({
		sweepFolder: folder,
		gpus,
		workers: workersOf(local, tasks, cores),
		trialsPerGpu: local.trials_per_gpu,
		...(worker && { first: worker }),
	});
	listener.onStart({
		sweepId,
		folder,
		round,
		status: readStatus(folder),
		places:
			gpus.length > 0
				? count(gpus.length, "GPU")
				: count(places.size, "process", "processes"),
		placeCount: places.size,
	});
	await runTasks({
		sweepFolder: folder,
		schedule,
		places,
		cores,
		signal,
		listener: {
			...listener,
			onEvent: (task, event) => {
				listener.onEvent(task, event);
				if (event.type === "result" || event.type === "failure") note();
			},
		},
	});
	return schedule;
}

/** Everything finished, though a signal came: FINISHED. */
function endOf(
	{ trials, toAsk = 0 }: SweepStatus,
	isKilled: boolean,
): SweepOutcome["status"] {
	const isDone =
		toAsk === 0 &&
		trials.every(({ status }) => status === "FINISHED" || status === "PRUNED");
	if (isDone) return "FINISHED";
	return isKilled ? "KILLED" : "FAILED";
}

function restOf(
	tasks: readonly Task[],
	run: Readonly<Record<TaskKind, number>>,
): Record<TaskKind, number> {
	const rest = { extraction: 0, stacked: 0, single: 0 };
	for (const { kind } of tasks) rest[kind]++;
	for (const kind of Object.keys(rest) as TaskKind[])
		rest[kind] = Math.max(0, rest[kind] - run[kind]);
	return rest;
}
