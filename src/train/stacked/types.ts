import type { RunError } from "../../diagnostic.ts";
import type { TrainOptions } from "../../experiment/types.ts";
import type { Graph, Weights } from "../../model/types.ts";
import type { ParameterGroup } from "../../plan/groups.ts";
import type { EpochEvent, FitEvent, Rows } from "../types.ts";

/** One of many heads that are trained side by side on the same rows. */
export interface StackedMember {
	/** Unique among the members. */
	readonly id: string;
	/** As FitInput's: what `headOf` (stack-key.ts) can read. */
	readonly trainSuffix: Graph;
	readonly evalSuffix: Graph;
	readonly weights: Weights;
	readonly trainable: readonly string[];
	/** As FitInput's. */
	readonly groups?: readonly ParameterGroup[];
	readonly options: TrainOptions;
	readonly seed: number;
	/** As FitInput's: asked after each epoch, before it is yielded. */
	readonly onEpoch?: (event: EpochEvent) => "go on" | "stop";
}

/** What training many heads takes. */
export interface StackedInput {
	/** With equal stack keys. */
	readonly members: readonly StackedMember[];
	/** The same rows in every epoch. */
	readonly trainRows: Rows;
	readonly validRows: Rows;
	/** By class index; class_weights by name need them. */
	readonly classNames?: readonly string[];
	/** Aborting ends the generator before the next step, without an end of those members that are still trained. */
	readonly signal?: AbortSignal;
}

/** A member's training failed; the others go on. */
export interface FailedEvent {
	readonly type: "failed";
	/** "diverged", "features-not-finite". */
	readonly error: RunError;
}

/** What `fitStacked` yields: what `fit` yields, with its member. */
export type StackedEvent = { readonly member: string } & (
	| FitEvent
	| FailedEvent
);
