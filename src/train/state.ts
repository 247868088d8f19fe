import type { Json } from "../fingerprint.ts";
import type { Weights } from "../model/types.ts";
import type { FitResult } from "./fit-end.ts";
import type { Watched } from "./plateau.ts";
import type { TrainedBefore, TrainedEarlier } from "./types.ts";

/** An epoch and what it had learnt. */
export interface KeptEpoch {
	readonly epoch: number;
	/** Optimizer steps taken until its end. */
	readonly step: number;
	readonly metrics: Watched;
	readonly weights: Weights;
}

/** All that the rest of a training depends on: from it, a killed run goes on to the same bytes. */
export interface TrainState {
	readonly place: Place;
	/** Epochs and optimizer steps of the phases before. */
	readonly before: TrainedBefore;
	readonly earlier: TrainedEarlier;
	/** Of the schedule and of early stopping, as their `save` gave it. */
	readonly schedule: Json;
	readonly stopping: Json;
	/** Photos that pass the network at once. */
	readonly microBatch: number;
	/** What learns, and running statistics. */
	readonly weights: Weights;
	/** Of the optimizer, as its `tensors` gave it. */
	readonly optimizer: Weights;
	/** The average of the weights, where one is kept. */
	readonly average?: Weights;
	/** The epoch that early stopping would restore. */
	readonly best?: FitResult;
	/** Of the checkpoints. */
	readonly kept: readonly KeptEpoch[];
}

/** Where a training is: random numbers are named by it, so it is all there is to know of them. */
export interface Place extends EpochSums {
	/** 1-based, of this phase: the epoch that goes on. */
	readonly epoch: number;
	/** Optimizer steps of this phase before that epoch. */
	readonly step: number;
	/** Optimizer steps of that epoch. */
	readonly taken: number;
}

/** What an epoch that goes on has come to. */
export interface EpochSums {
	/** The criterion's sum over the photos so far, and the weight that it is to be divided by. */
	readonly sum: number;
	readonly weight: number;
	readonly right: number;
	/** Of the last step. */
	readonly learningRate: number;
	/** Of each step, where steps are logged. */
	readonly losses: readonly number[];
	readonly learningRates: readonly number[];
}

/** Nothing has been trained of this epoch. */
export function startOf(
	epoch: number,
	step: number,
	learningRate: number,
): Place {
	return {
		...{ epoch, step, taken: 0, sum: 0, weight: 0, right: 0, learningRate },
		...{ losses: [], learningRates: [] },
	};
}
