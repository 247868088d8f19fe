import type { Prepared } from "./prepare.ts";
import type { RunOptions, RunOutcome } from "./run.ts";
import type { TrialMark } from "./runs/types.ts";
import type { EpochEvent } from "./train/types.ts";

/**
 * Many trials whose heads are trained side by side, each with a record of its own.
 *
 *   rows once ─ a journal a trial ─ fitStacked ─ predictions, head, end of each trial as it ends
 */
export interface StackedTrial {
	readonly prepared: Prepared;
	readonly trial?: TrialMark;
	/** As RunOptions'. */
	readonly runId?: string;
	/** As FitInput's: asked after each epoch, before it is journaled; "stop" ends the trial there, FINISHED. */
	readonly onEpoch?: (event: EpochEvent) => "go on" | "stop";
}

/** As RunOptions, of all trials together; reports are left to `graft report`. */
export type StackedOptions = Omit<
	RunOptions,
	"listener" | "trial" | "runId" | "report"
> & { readonly listener: StackedListener };

/** Who is told; `trial` is the place in the list of trials. */
export interface StackedListener {
	readonly onFeatures: RunOptions["listener"]["onFeatures"];
	readonly onRows: RunOptions["listener"]["onRows"];
	readonly onStart: (trial: number, runId: string, folder: string) => void;
	readonly onEpoch: (trial: number, event: EpochEvent) => void;
	/** A trial has ended and its record is whole; the others may still go on. */
	readonly onEnd: (trial: number, outcome: RunOutcome) => void | Promise<void>;
	readonly onWarning: (trial: number, code: string, message: string) => void;
}

/**
 * Runs trials with equal `stackKeyOf` (src/train/stacked/stack-key.ts). A trial that fails fails alone; a failure of
 * what they share (photos, disk) is every trial's outcome; an abort ends all journals as KILLED at once and throws
 * the signal's reason, as runExperiment does.
 * @returns one outcome a trial, in order.
 */
export async function runStacked(
	_trials: readonly StackedTrial[],
	_options: StackedOptions,
): Promise<readonly RunOutcome[]> {
	throw new Error("internal: runStacked is being built");
}
