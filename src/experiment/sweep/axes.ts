import type { Json } from "../../fingerprint.ts";
import type { Step } from "../place-at.ts";
import type { Place } from "../yaml/source.ts";
import type { Tree } from "../yaml/tree.ts";

/**
 * The axes of a sweep, with the place of every key and value.
 *
 *   sweep: ─ read-axes ─ Axes ─ points ─ Point = Settings ─ overlay ─ a tree like any other file's
 */
export interface Axes {
	/** In the order they are written; the last one changes fastest. */
	readonly axes: readonly Axis[];
	readonly conditions: readonly Condition[];
	readonly exclusions: readonly Match[];
	readonly seeds: number;
	/** Where `seeds` stands, else the whole sweep. */
	readonly seedsAt: Place | undefined;
	readonly at: Place | undefined;
}

/** Where an axis may be written. */
export type Section =
	| "grid"
	| "list"
	| "zip"
	| "random"
	| "sobol"
	| "halton"
	| "tpe";

/** Of its choices, a trial has one. */
export interface Axis {
	readonly section: Section;
	readonly keys: readonly AxisKey[];
	readonly choices: readonly Choice[];
	/** Of drawn points, the bounds: what is right at both is right in between. */
	readonly bounds?: readonly Choice[];
	/** Of drawn points: key → how, as it is written. */
	readonly space?: Readonly<Record<string, Json>>;
	/** Of points that are asked for: how each key is drawn. */
	readonly distributions?: readonly Distribution[];
}

/** How one key is drawn: from a number in [0, 1) to a value. */
export interface Distribution {
	readonly key: AxisKey;
	readonly kind: DistributionKind;
	/** Both included; of a choice 0 and the last place. */
	readonly low: number;
	readonly high: number;
	readonly valueAt: (u: number) => AxisValue;
	/** Of a number between the bounds; of a choice's place. */
	readonly valueFor: (number: number) => AxisValue;
	/** The values at both ends, or all of a choice. */
	readonly ends: readonly AxisValue[];
}

/** As the schema calls them. */
export type DistributionKind =
	| "uniform"
	| "log_uniform"
	| "integer"
	| "log_integer"
	| "choice";

/** Values that come together: one of a grid's, a point of a list. */
export type Choice = readonly Setting[];

/** One value of one key. */
export interface Setting {
	readonly key: AxisKey;
	readonly value: AxisValue;
}

/** A dotted key of the experiment. */
export interface AxisKey {
	/** Names with dots in them in quotes: `model.replace."classifier.6"`. */
	readonly name: string;
	readonly steps: readonly Step[];
	readonly at: Place | undefined;
}

/** A value and how tables show it: by its name, where it has one. */
export interface AxisValue {
	readonly tree: Tree;
	readonly shown: Json;
	readonly at: Place | undefined;
}

/** An entry of `when`: what the matching trials have besides. */
export interface Condition {
	readonly match: Match;
	readonly axes: readonly Axis[];
}

/** Swept keys and the values that each may have, all of which a trial needs to be meant. */
export interface Match {
	readonly parts: readonly MatchPart[];
	readonly at: Place | undefined;
}

/** One key of a match; the values in canonical JSON. */
export interface MatchPart {
	readonly name: string;
	readonly values: ReadonlySet<string>;
	readonly at: Place | undefined;
	readonly valuesAt: readonly {
		readonly text: string;
		readonly value: string;
		readonly at: Place | undefined;
	}[];
}
