import type { Objective } from "../../experiment/types.ts";
import type { Json } from "../../fingerprint.ts";

/**
 * What a sweep found, as plain data: its points ranked, what each axis does, levels of an axis side by side.
 *
 *   trials ─ by values without the seed ─ points ─ ranked
 *      └──── by axis ─ levels, variance explained ─ pairs of trials that differ in this axis alone
 */
export interface Comparison {
	readonly sweepId: string;
	readonly name: string;
	readonly objective: Objective;
	/** Swept keys in the file's order, without `seed`. */
	readonly axes: readonly string[];
	/** Best first; points without a finished trial last. */
	readonly points: readonly Point[];
	readonly effects: readonly Effect[];
	/** Trials asked for, finished or pruned, and failed. */
	readonly trials: number;
	readonly finished: number;
	readonly failed: number;
}

/** Trials that differ in their seed alone. */
export interface Point {
	/** 1-based; equal scores share one. */
	readonly rank: number | undefined;
	readonly values: Readonly<Record<string, Json>>;
	/** Objective of each finished trial, in the seeds' order. */
	readonly scores: readonly number[];
	readonly mean: number | undefined;
	readonly interval: Interval | undefined;
	/** The trial with the best score, the first of equals. */
	readonly bestRun: string | undefined;
	readonly bestTrial: string | undefined;
	readonly failed: number;
	readonly pruned: number;
}

/** 95 %. */
export interface Interval {
	readonly low: number;
	readonly high: number;
	/** Student's t over the seeds, or Wilson's over the photos of one trial. */
	readonly of: "seeds" | "photos";
}

/** What one axis does to the objective. */
export interface Effect {
	readonly axis: string;
	/** In the order met; a numeric axis ascending. */
	readonly levels: readonly Level[];
	/** Share of the trials' variance between the levels (eta squared), 0 … 1; undefined where nothing varies. */
	readonly explains: number | undefined;
	/** Spearman's rank correlation with the objective; of numeric axes. */
	readonly correlation: number | undefined;
	/** Too many values for levels: drawn at random. */
	readonly isContinuous: boolean;
	/** The best level against each other one, on trials that are equal in everything else. */
	readonly pairs: readonly PairedLevels[];
}

/** Trials with one value of an axis. */
export interface Level {
	readonly value: Json;
	readonly trials: number;
	readonly mean: number;
	readonly best: number;
}

/** Two values of an axis, everything else equal. */
export interface PairedLevels {
	readonly better: Json;
	readonly other: Json;
	/** Matched pairs of trials. */
	readonly pairs: number;
	/** Mean of the objective's difference, better less other. */
	readonly difference: number;
	/** 95 %, Student's t; undefined below two pairs. */
	readonly low: number | undefined;
	readonly high: number | undefined;
	/** Two-sided, Holm's correction over the levels of the axis. */
	readonly pValue: number | undefined;
}
