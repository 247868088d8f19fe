import type { Experiment } from "../experiment/types.ts";
import type { Json } from "../fingerprint.ts";

/**
 * Many runs: plain data between expanding, fusing, launching and comparing.
 *
 *   file ─ axes ─ Trials ─ each prepared ─ Tasks ─ launcher: a process per task ─ one result a trial
 *                                          │
 *                 extraction ──┬── stacked: many heads as one product
 *                 once a prefix└── single: one trial on its own
 *
 * A sweep is a folder, and its files are the truth:
 *
 *   runs/<sweep id>/
 *     sweep.json             Manifest, written whole each time the sweep is started
 *     trials.jsonl           a StoredTrial a line, written whole likewise
 *     journal.jsonl          the sweep as a run of its own, MLflow's parent
 *     trials/<run id>/       one folder a run, like any other run's
 *     results/<trial id>.json  TrialResult; made once (link), so that of two finishers the second has lost
 *     failures/<trial id>.json the last failure of a trial that has no result: a TrialFailure
 *     leases/<task id>/<n>.json  who works on a task; the highest n counts
 *     rounds/<key>/<n>.json    of a sweep by TPE: the points that were asked for together; made once
 *     rungs/<epoch>/<trial id>.json  what a trial had reached when it was asked whether it goes on, and the answer
 *     logs/<task id>.log     what a task's process said
 *     slurm/                 scripts, job numbers, starts and exits
 */

/** One point of the sweep. */
export interface Trial {
	/** Place in the file's order, from 0. */
	readonly index: number;
	/** First 12 hex digits of its plan's fingerprint: everything its result depends on. */
	readonly id: string;
	/** The swept keys and this trial's values as typed: `train.learning_rate` → 0.1; in the axes' order. `seed` is among them where seeds are repeated. */
	readonly values: Readonly<Record<string, Json>>;
	/** Resolved, without `sweep`. */
	readonly experiment: Experiment;
}

/** A line of trials.jsonl: what a task's process, on whichever machine, prepares and runs. */
export interface StoredTrial extends Trial {
	/** Its run's folder name: `<slug of name>-<id>`; later attempts have "-2", "-3" … appended. */
	readonly runId: string;
}

/** What kind of work. */
export type TaskKind = "extraction" | "stacked" | "single";

/** One process's work. */
export interface Task {
	/** `<kind>-<12 hex>`, a hash of the kind and of what it is about; the same work has the same id in every start of the sweep. */
	readonly id: string;
	readonly kind: TaskKind;
	/** Trial ids. Of an extraction, the trials that wait for it. */
	readonly trials: readonly string[];
	/** Task ids that come first. */
	readonly after: readonly string[];
	/** Expected, on one process of this machine. */
	readonly seconds: number;
}

/** sweep.json: what was asked for at the last start. */
export interface Manifest {
	readonly version: 1;
	readonly sweepId: string;
	readonly name: string;
	/** The experiment file as the user named it, and absolute. */
	readonly source: string;
	readonly file: string;
	readonly created: string;
	/** The file's own values, resolved, with `sweep`. */
	readonly experiment: Experiment;
	readonly argv: readonly string[];
	readonly cacheFolder: string;
	/** In the file's order. Trials of earlier starts that are no longer asked for stay on disk and are left out here. */
	readonly trials: readonly string[];
	readonly tasks: readonly Task[];
	/** Of a sweep by TPE: trials that are still to be asked for, and what `sweep resume` asks with. */
	readonly tpe?: {
		readonly toAsk: number;
		readonly sets: readonly string[];
		/** Of the rounds' folder. */
		readonly key: string;
	};
}

/** results/<trial id>.json: a trial is finished once this is there. */
export interface TrialResult {
	readonly trial: string;
	readonly index: number;
	/** Folder name under trials/. */
	readonly runId: string;
	/** PRUNED: ended early because others did better. */
	readonly status: "FINISHED" | "PRUNED";
	readonly values: Readonly<Record<string, Json>>;
	/** Last value of each metric; with early stopping of the restored epoch. */
	readonly metrics: Readonly<Record<string, number>>;
	readonly epochs: number;
	readonly seconds: number;
	readonly task: string;
	readonly finished: string;
}

/** Why a trial failed; the launcher retries by it. */
export type FailureCause = "input" | "nan" | "memory" | "infrastructure";

/** failures/<trial id>.json */
export interface TrialFailure {
	readonly trial: string;
	readonly runId: string | undefined;
	readonly cause: FailureCause;
	readonly code: string;
	readonly message: string;
	readonly fix?: string;
	readonly attempts: number;
	readonly task: string;
	readonly failed: string;
}

/** A trial as tables and JSON show it. */
export interface TrialState {
	readonly trial: string;
	readonly index: number;
	readonly runId: string;
	readonly status: "PENDING" | "RUNNING" | "FINISHED" | "PRUNED" | "FAILED";
	readonly values: Readonly<Record<string, Json>>;
	readonly metrics: Readonly<Record<string, number>>;
	readonly error?: { readonly code: string; readonly message: string };
}
