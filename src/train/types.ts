import type { TrainOptions } from "../experiment/types.ts";
import type { LiveRows } from "../features/live-rows.ts";
import type { LabelledRows } from "../features/rows.ts";
import type { Graph, Tensor, Weights } from "../model/types.ts";
import type { ParameterGroup } from "../plan/groups.ts";
import type { CheckpointKeeper } from "./checkpoints.ts";
import type { Rhythm } from "./rhythm.ts";
import type { KeptEpoch, TrainState } from "./state.ts";

/** What is trained on and measured on. */
export type Rows = LabelledRows;

/** What is trained on: rows that are held as a whole, or come batch by batch. */
export type TrainRows = Rows | LiveRows;

/** What training takes: two suffixes, their weights, the rows. */
export interface FitInput {
	/** Train and eval suffix: graphs whose single input is the features and whose single output is [n, numClasses]. */
	readonly trainSuffix: Graph;
	readonly evalSuffix: Graph;
	/** Values of the initializers of both suffixes, trainable ones at their start values. */
	readonly weights: Weights;
	/** Names of the initializers that learn. */
	readonly trainable: readonly string[];
	readonly options: TrainOptions;
	readonly seed: number;
	/** Which of them have rates of their own; undefined: all share one (src/plan/groups.ts). */
	readonly groups?: readonly ParameterGroup[];
	/** Running statistics of those initializers, which training moves without a gradient. */
	readonly buffers?: readonly string[];
	/** What the run has trained before, in earlier phases: events count on from there, and random numbers are named so. The schedule does not. */
	readonly before?: TrainedBefore;
	/** What those phases trained: goes into checkpoints and states beside what this one trains. */
	readonly earlier?: TrainedEarlier;
	/** Rows to train on in this epoch (1-based, all phases counted); the same object every epoch unless transforms are random. */
	readonly trainRows: (epoch: number) => Promise<Rows>;
	/** The same rows batch by batch, where they are drawn anew each epoch: `trainRows` is not asked then. */
	readonly live?: LiveRows;
	readonly validRows: Rows;
	/** By class index; class_weights by name need them. */
	readonly classNames?: readonly string[];
	/** Asked after each epoch, before it is yielded: "stop" ends training with the weights it has now. */
	readonly onEpoch?: (event: EpochEvent) => "go on" | "stop";
	/** Told after each step how far its epoch is. */
	readonly onPhotos?: (photos: EpochPhotos) => void;
	/** Keeps the best epochs and the last; undefined: none. */
	readonly keeper?: CheckpointKeeper;
	/** Says when the state is handed out; undefined: never. */
	readonly rhythm?: Rhythm;
	/** What a StateEvent of the same training said: it goes on from there. */
	readonly resume?: TrainState;
	/** Aborting ends the generator before the next step, without a FitEnd. */
	readonly signal?: AbortSignal;
}

/** How far an epoch is. */
export interface EpochPhotos {
	/** 1-based, all phases counted. */
	readonly epoch: number;
	/** Photos that were trained on, of all. */
	readonly done: number;
	readonly total: number;
}

/** Epochs and optimizer steps taken before. */
export interface TrainedBefore {
	readonly epoch: number;
	readonly step: number;
}

/** At the start of a run. */
export const NOTHING_BEFORE: TrainedBefore = { epoch: 0, step: 0 };

/** What the phases before have trained. */
export interface TrainedEarlier {
	/** How many there were. */
	readonly phase: number;
	readonly trained: Weights;
}

/** In the first phase. */
export const NOTHING_EARLIER: TrainedEarlier = { phase: 0, trained: new Map() };

/** An epoch has ended. */
export interface EpochEvent {
	readonly type: "epoch";
	/** 1-based. */
	readonly epoch: number;
	/** Name of the phase, where training has several. */
	readonly phase?: string;
	/** Optimizer steps taken so far. */
	readonly step: number;
	/** The criterion over the epoch's photos, measured while training (before each step), natural log. */
	readonly trainLoss: number;
	/** Share of photos right, 0 … 1, measured likewise. */
	readonly trainAccuracy: number;
	/** The same criterion, smoothing and weights included. */
	readonly validLoss: number;
	readonly validAccuracy: number;
	/** Of the epoch's last step. */
	readonly learningRate: number;
	readonly durationMs: number;
}

/** An optimizer step was taken. */
export interface StepEvent {
	readonly type: "step";
	readonly epoch: number;
	/** 1-based, over all epochs. */
	readonly step: number;
	/** The criterion of the batch, before the step. */
	readonly loss: number;
	/** What the step was taken with. */
	readonly learningRate: number;
}

/** Weights that are worth a file. */
export interface CheckpointEvent extends KeptEpoch {
	readonly type: "checkpoint";
	/** best, best-2 …, last; handed out anew when another epoch takes the name. */
	readonly name: string;
}

/** All that the rest of the training depends on, at this moment. */
export interface StateEvent {
	readonly type: "state";
	readonly state: TrainState;
}

/** Something that the user should know and that does not end the training. */
export interface WarningEvent {
	readonly type: "warning";
	readonly code: string;
	readonly message: string;
}

/** What training has come to. */
export interface FitEnd {
	readonly type: "end";
	/** The epoch whose weights and predictions these are: an earlier one than the last where the best was restored. */
	readonly epoch: number;
	/** Epochs that were trained. */
	readonly lastEpoch: number;
	/** Why training ended: all epochs, early_stopping, or `onEpoch` said so. */
	readonly ended: "epochs" | "early_stopping" | "asked";
	/** Trained initializers and buffers by name. */
	readonly trained: ReadonlyMap<string, Tensor>;
	/** float32 [validRows, numClasses] probabilities of the valid photos, dataset order. */
	readonly validProbabilities: Float32Array;
	/** Per valid photo, dataset order: the negative log-probability of its label, whatever the criterion, and the class index with the largest output. */
	readonly validLosses: Float64Array;
	readonly validPredicted: Int32Array;
	/** Live tfjs tensors after the first and after the last epoch: equal unless something leaks. */
	readonly liveTensors: readonly [number, number];
}

/** What `fit` yields. */
export type FitEvent =
	| StepEvent
	| EpochEvent
	| CheckpointEvent
	| StateEvent
	| WarningEvent
	| FitEnd;
