import type { Json } from "../fingerprint.ts";
import type { OwnClasses } from "./own-classes.ts";
import type { Told } from "./told-share.ts";

/** What `strategy: auto` came to, and why. */
export interface Decision {
	readonly strategy: Chosen;
	/** As --set: "strategy=early_layer_svm", "model.features.depth=0.6". */
	readonly sets: readonly string[];
	/** Sentences with the numbers they rest on. */
	readonly reasons: readonly string[];
	/** All that was measured. */
	readonly measures: Json;
}

/** A strategy that can be run. */
export type Chosen =
	| "linear_probe"
	| "fine_tune"
	| "early_layer_svm"
	| "retrain";

/** What the training photos and the network are like; plain data, from which the rule decides. */
export interface Measures {
	/** Training photos, all of them, and their classes. */
	readonly size: Size;
	/** Photos that were measured: a sample of a large set. */
	readonly measured: number;
	/** From the earliest to the deepest, which is where a classifier attaches; empty where nothing could be measured. */
	readonly depths: readonly DepthMeasures[];
	/** Undefined where the network has no classifier of its own, or it says nothing. */
	readonly own: (OwnClasses & Told) | undefined;
	/** Linear heads on held-out folds of the training photos, where they could be tried. */
	readonly trials: readonly Trial[];
	/** What could not be measured, each with its reason. */
	readonly missing: readonly string[];
	/** Whether the weights are random: there is no domain that the photos could be like. */
	readonly isRandom: boolean;
	/** Whether a photo may have several classes. */
	readonly isMultiLabel: boolean;
}

/** How many photos there are to learn from. */
export interface Size {
	readonly photos: number;
	readonly classes: number;
	/** Of a class: the least, the middle one, the most. */
	readonly least: number;
	readonly median: number;
	readonly most: number;
}

/** How well features separate the classes at one depth of the trunk, globally pooled. */
export interface DepthMeasures {
	/** Share of the trunk's multiply-adds before it, as in `model.features: { depth }`; 1: the network's own features. */
	readonly depth: number;
	/** Layer whose output it is. */
	readonly layer: string;
	readonly features: number;
	/** Log evidence a photo; higher is better. */
	readonly logMe: number;
	/** Share that the nearest neighbours tell; undefined where there are too few photos. */
	readonly neighbours: number | undefined;
}

/** A head tried on photos that it was not fitted on. */
export interface Trial {
	readonly strategy: "linear_probe" | "early_layer_svm";
	readonly head: string;
	readonly depth: number;
	readonly layer: string;
	/** Photos told right, of `measured`. */
	readonly right: number;
	readonly accuracy: number;
	/** Compared with the trial of linear_probe: photos that only this one, and only that one tells right. */
	readonly onlyThis: number;
	readonly onlyProbe: number;
}
