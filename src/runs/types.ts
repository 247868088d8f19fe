import type { CorruptPhoto } from "../data/types.ts";
import type { Experiment } from "../experiment/types.ts";
import type { Json } from "../fingerprint.ts";
import type { FeaturesAt } from "../plan/features-at.ts";
import type { StrategyNote } from "./report/extras.ts";
import type { StepRecord } from "./step-record.ts";

/** What happened: everything in a run's folder is derived from, or written beside, its journal. */

/** MLflow's words. */
export type RunStatus = "RUNNING" | "FINISHED" | "FAILED" | "KILLED";

/** MLflow's metric: timestamp in ms since 1970, fixed when it enters the journal. */
export interface Metric {
	readonly key: string;
	readonly value: number;
	readonly step: number;
	readonly timestamp: number;
}

/** Where and with what a run was made. */
export interface Environment {
	readonly graft: string;
	readonly node: string;
	/** package → version: onnxruntime-node, sharp, libvips, tfjs. */
	readonly packages: Readonly<Record<string, string>>;
	readonly platform: string;
	readonly cpu: string;
	readonly cores: number;
	readonly memoryGb: number;
	readonly host: string;
	readonly user: string;
	/** Which GPUs the process was allowed to see: CUDA_VISIBLE_DEVICES, or HIP_VISIBLE_DEVICES; absent where neither is set. */
	readonly gpus?: string;
	/** onnxruntime's execution provider. */
	readonly provider: string;
	/** tfjs backend and why it was taken. */
	readonly backend: string;
	readonly git:
		| {
				readonly commit: string;
				readonly branch: string;
				readonly dirty: boolean;
		  }
		| undefined;
	readonly dataFingerprint: string;
	readonly weightsSha256: string;
}

/** One line of predictions.jsonl: a valid photo, dataset order. */
export interface Prediction {
	readonly path: string;
	readonly sha256: string;
	/** Class indices; with several labels a photo `label` is -1, and `predicted` the class it is surest of. */
	readonly label: number;
	readonly predicted: number;
	/** With `data.multi_label`: the classes that it has, ascending. */
	readonly labels?: readonly number[];
	/** Probability per class, 0 … 1; with several labels each by itself. */
	readonly probabilities: readonly number[];
	/** Negative log probability of the label; of several the mean over the classes. */
	readonly loss: number;
}

/** What makes a run a trial of a sweep. */
export interface TrialMark {
	readonly sweepId: string;
	/** Trial id: 12 hex digits. */
	readonly id: string;
	/** Swept keys and this trial's values. */
	readonly values: Readonly<Record<string, Json>>;
}

/** One line of journal.jsonl each; `time` is ISO 8601 in UTC. */
export type JournalEvent = { readonly time: string } & (
	| {
			readonly type: "start";
			readonly runId: string;
			readonly name: string;
			readonly fingerprint: string;
			readonly source: string;
			readonly argv: readonly string[];
			/** When the command began, ISO 8601 in UTC: before there was a journal to write to. */
			readonly begin?: string;
			readonly pid: number;
			/** Name of the machine; the journal adds it. */
			readonly host?: string;
			/** Tells the process from a later one with the same id; the journal adds it where the system says (Linux). */
			readonly processStart?: string;
			readonly experiment: Experiment;
			/** Where a run that had ended goes on: after so many epochs, and optimizer steps of all epochs. */
			readonly resumed?: { readonly epoch: number; readonly step: number };
			/** Of a trial: the sweep that it belongs to, and what sets it apart. */
			readonly trial?: TrialMark;
			/** What `strategy: auto` came to, and why. */
			readonly strategy?: StrategyNote;
			/** Where the head is attached, if the file says it by depth. */
			readonly attached?: readonly FeaturesAt[];
			/** `sweep`: the journal of a whole sweep, the parent of its trials. */
			readonly kind?: "sweep";
	  }
	| { readonly type: "environment"; readonly environment: Environment }
	| {
			readonly type: "data";
			readonly classNames: readonly string[];
			/** split → photos per class. */
			readonly counts: Readonly<Record<string, readonly number[]>>;
			/** With `data.multi_label`: split → photos, which are not the sum of those. */
			readonly photos?: Readonly<Record<string, number>>;
			readonly corrupt: readonly CorruptPhoto[];
			readonly root: string;
			/** A few training photos from all over the list, relative to `root`: what a preview shows. */
			readonly preview?: readonly string[];
	  }
	| {
			readonly type: "phase";
			readonly name: string;
			readonly seconds: number;
			readonly detail: Readonly<Record<string, string | number>>;
	  }
	| {
			readonly type: "metrics";
			readonly epoch: number;
			/** An earlier epoch's values once more: its weights are the result. */
			readonly restored?: true;
			readonly metrics: readonly Metric[];
	  }
	| {
			/** The optimizer's steps of an epoch (`log: step`). */
			readonly type: "steps";
			readonly epoch: number;
			/** Number of the first, 1-based over all epochs. */
			readonly first: number;
			readonly losses: readonly number[];
			readonly learningRates: readonly number[];
	  }
	| {
			/** Training ended before its epochs, or an earlier epoch than the last is the result. */
			readonly type: "stop";
			readonly reason: "epochs" | "early_stopping" | "asked";
			/** Whose weights are the result. */
			readonly epoch: number;
			readonly lastEpoch: number;
	  }
	| {
			readonly type: "artifact";
			/** Relative to the run's folder, forward slashes. */
			readonly path: string;
			readonly sha256: string;
			/** Size in bytes. */
			readonly bytes?: number;
			/** Of weights: the optimizer step and the epoch that they are from. */
			readonly step?: number;
			readonly epoch?: number;
			/** Of a checkpoint: what that epoch measured. */
			readonly metrics?: Readonly<Record<string, number>>;
	  }
	| {
			/** What the machine did: `system/…`; steps count the looks. */
			readonly type: "system";
			readonly metrics: readonly Metric[];
	  }
	| {
			readonly type: "warning";
			readonly code: string;
			readonly message: string;
	  }
	| {
			readonly type: "end";
			readonly status: Exclude<RunStatus, "RUNNING">;
			readonly error?: { readonly code: string; readonly message: string };
	  }
);

type WithoutTime<E> = E extends JournalEvent ? Omit<E, "time"> : never;

/** An event as it is given to the journal, which adds the time. */
export type NewEvent = WithoutTime<JournalEvent>;

/** What one epoch measured: the last value of each metric journaled for it. */
export interface EpochRecord {
	/** 1-based. */
	readonly epoch: number;
	readonly metrics: Readonly<Record<string, number>>;
}

/** A journal folded into one value. */
export interface RunRecord {
	readonly runId: string;
	readonly name: string;
	/** RUNNING whose process is gone reads as FAILED with error code "died". */
	readonly status: RunStatus;
	readonly fingerprint: string;
	/** The experiment file as the user named it. */
	readonly source: string;
	readonly argv: readonly string[];
	readonly experiment: Experiment;
	readonly trial: TrialMark | undefined;
	/** Absent where the file names its strategy, or none. */
	readonly strategy?: StrategyNote;
	/** Where the head is attached, if the file says it by depth. */
	readonly attached?: readonly FeaturesAt[];
	readonly kind: "run" | "sweep";
	readonly environment: Environment | undefined;
	readonly data: Extract<JournalEvent, { type: "data" }> | undefined;
	/** In the order they were journaled. */
	readonly metrics: readonly Metric[];
	/** Last value of each key. */
	readonly finalMetrics: Readonly<Record<string, number>>;
	/** By epoch, ascending. */
	readonly epochs: readonly EpochRecord[];
	/** With `log: step`. */
	readonly steps: readonly StepRecord[];
	/** Undefined where training went through all its epochs and the last one is the result. */
	readonly stop: Extract<JournalEvent, { type: "stop" }> | undefined;
	readonly phases: readonly {
		readonly name: string;
		readonly seconds: number;
		readonly detail: Readonly<Record<string, string | number>>;
	}[];
	readonly artifacts: readonly {
		readonly path: string;
		readonly sha256: string;
		readonly bytes?: number;
		readonly step?: number;
		readonly epoch?: number;
		readonly metrics?: Readonly<Record<string, number>>;
	}[];
	readonly warnings: readonly {
		readonly code: string;
		readonly message: string;
	}[];
	readonly error:
		| { readonly code: string; readonly message: string }
		| undefined;
	readonly startTime: string;
	/** Of a run that died: the time of its last event. */
	readonly endTime: string | undefined;
	/** Absolute. */
	readonly folder: string;
}

/** One line of `graft ls`. */
export interface RunSummary {
	readonly runId: string;
	/** Empty where the journal has no readable start. */
	readonly name: string;
	readonly status: RunStatus;
	readonly startTime: string | undefined;
	readonly endTime: string | undefined;
	/** From start to end, or to the last event of a run that died, or to now; undefined without a start. */
	readonly seconds: number | undefined;
	/** Epochs finished: the last one with a `valid/loss`. */
	readonly epochs: number;
	/** Epochs asked for. */
	readonly epochsAsked: number | undefined;
	/** Last value of each metric of the last epochs. */
	readonly metrics: Readonly<Record<string, number>>;
	readonly error:
		| { readonly code: string; readonly message: string }
		| undefined;
	/** Of a sweep: trials at its last note; `metrics` are then those of its best trial. */
	readonly sweep?: {
		readonly planned: number;
		readonly finished: number;
		readonly failed: number;
	};
	/** Absolute. */
	readonly folder: string;
}
