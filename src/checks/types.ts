import type { CorruptPhoto, Sample } from "../data/types.ts";

/** What is odd about a data set, found from its features: plain data. */
export interface DataFindings {
	readonly photos: number;
	/** Groups of photos with equal bytes, or that show the same picture; worst first: across splits, then across classes. */
	readonly duplicates: readonly DuplicateGroup[];
	/** Most likely wrong first. */
	readonly labelErrors: readonly LabelError[];
	/** Farthest first. */
	readonly outliers: readonly Outlier[];
	readonly corrupt: readonly CorruptPhoto[];
	readonly learningCurve: LearningCurve | undefined;
	readonly balance: Balance;
}

/** Photos that are one picture. */
export interface DuplicateGroup {
	/** `exact`: equal bytes; `near`: resized, compressed, mirrored, slightly cropped or recoloured. */
	readonly kind: "exact" | "near";
	/** Dataset order; at least two. */
	readonly samples: readonly Sample[];
	/** Least similarity of the pairs that hold the group together, 0 … 1; 1 of exact ones. */
	readonly similarity: number;
	/** Accuracy is measured on what was trained on. */
	readonly crossesSplits: boolean;
	/** One of the labels is wrong. */
	readonly crossesClasses: boolean;
}

/** A photo whose label the others contradict. */
export interface LabelError {
	readonly sample: Sample;
	/** Class index that it looks like. */
	readonly suggested: number;
	/** Out-of-fold probability of its label, and of the suggested class, 0 … 1. */
	readonly ownProbability: number;
	readonly suggestedProbability: number;
}

/** A photo unlike all others. */
export interface Outlier {
	readonly sample: Sample;
	/** Mean cosine distance to its nearest neighbours. */
	readonly distance: number;
	/** In median absolute deviations above the median. */
	readonly score: number;
}

/** Accuracy by number of training photos, and what more of them would bring. */
export interface LearningCurve {
	readonly points: readonly {
		readonly photos: number;
		/** Mean over draws, on the valid photos, 0 … 1. */
		readonly accuracy: number;
		/** Standard deviation over the draws. */
		readonly spread: number;
	}[];
	/** Error = floor + scale · photos^-rate, fitted to the points; undefined where they do not fall. */
	readonly fit:
		| { readonly floor: number; readonly scale: number; readonly rate: number }
		| undefined;
	/** Accuracy that twice the photos are expected to bring. */
	readonly doubled: number | undefined;
	/** One sentence. */
	readonly advice: string;
}

/** How evenly the classes are filled. */
export interface Balance {
	/** Training photos a class, in class order. */
	readonly counts: readonly number[];
	/** Largest count over the smallest that is not 0. */
	readonly ratio: number;
	/** Sentences; empty where nothing need be done. */
	readonly advice: readonly string[];
}
