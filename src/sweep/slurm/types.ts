import type { TaskKind } from "../types.ts";

/**
 * A sweep on Slurm: what is in its folder `slurm/`, as plain data.
 *
 *   rounds/1.json          intent: which tasks go into which arrays; written before sbatch, made once (link)
 *   scripts/<job name>.sh  what sbatch was given
 *   jobs/<job name>.json   sbatch's answer: a number, or its refusal
 *   start/<job>_<n>.<r>.json, exit/<job>_<n>.<r>.json  written by the script on the node, whole or not at all;
 *                          <n> the task's place in its array, <r> SLURM_RESTART_COUNT
 *   done/<task id>         empty: this extraction ended well; the scripts of what waits for it look for it
 *   lost/<job name>_<n>    empty: this task left Slurm's memory without a record, and was waited for
 *   logs/                  what Slurm and the setup lines said
 *
 * The files are the truth. squeue says only what is still alive; sacct is never asked.
 */

/** `collect` is the small job that follows the arrays and submits again what is missing. */
export type JobKind = TaskKind | "collect";

/** One sbatch call: an array, or the job that follows. */
export interface PlannedJob {
	/** Unique: `graft-<sweep id>-<kind>-<round>`, by which a lost job number is found again. */
	readonly name: string;
	readonly kind: JobKind;
	/** Task ids; the place in this list is the place in the array. Empty for `collect`. */
	readonly tasks: readonly string[];
}

/** rounds/<n>.json: one submission, as intended. */
export interface Round {
	readonly version: 1;
	/** From 1. */
	readonly round: number;
	/** `user`: counts of attempts begin anew; `graft`: one of the bounded repetitions. */
	readonly by: "user" | "graft";
	readonly graft: string;
	readonly host: string;
	readonly pid: number;
	/** ISO 8601, UTC. */
	readonly created: string;
	readonly jobs: readonly PlannedJob[];
}

/** jobs/<job name>.json: what sbatch answered. */
export type Submitted = {
	readonly name: string;
	readonly time: string;
} & (
	| { readonly job: string }
	| {
			/** sbatch's own words. */
			readonly refused: string;
			readonly code: string;
			readonly fix: string;
	  }
);

/** start/<key>.json */
export interface StartRecord {
	readonly key: string;
	/** Job name: a controller that has lost its state gives numbers away a second time. */
	readonly name: string;
	readonly task: string;
	readonly node: string;
	/** CUDA_VISIBLE_DEVICES; empty without GPUs. */
	readonly gpus: string;
	readonly time: string;
}

/** Why a script ended. */
export type ExitReason =
	/** The task's process ran and ended by itself. */
	| "ended"
	/** Slurm asked it to end: the time limit comes near. */
	| "USR1"
	/** Slurm asked it to end: preempted, cancelled, or the time limit. */
	| "TERM"
	/** The extraction that it waits for has not been done. */
	| "waits"
	/** A line of launcher.slurm.setup ended the script. */
	| "setup"
	/** Node.js cannot be started there. */
	| "no-node"
	/** Graft is not there. */
	| "no-graft"
	/** Another version of Graft is there. */
	| "version";

/** exit/<key>.json */
export interface ExitRecord {
	readonly key: string;
	/** Job name. */
	readonly name: string;
	readonly task: string;
	readonly node: string;
	readonly reason: ExitReason;
	/** Of the task's process, or of the script. */
	readonly code: number;
	/** What was found instead, where something was expected. */
	readonly detail: string;
	readonly time: string;
}

/** A line of squeue. */
export interface QueuedJob {
	/** `12_3` of an array's task, `12` of another job. */
	readonly id: string;
	readonly name: string;
	/** PENDING, RUNNING, NODE_FAIL … */
	readonly state: string;
	/** Why it waits: Priority, Resources, JobArrayTaskLimit … */
	readonly reason: string;
}

/** squeue's answer, or why there is none: the controller is down or cannot be reached. */
export type Queue =
	| { readonly ok: true; readonly jobs: readonly QueuedJob[] }
	| { readonly ok: false; readonly words: string };
