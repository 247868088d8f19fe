import type { ClassicalHead } from "../../experiment/classical-types.ts";
import type { LabelledRows } from "../../features/rows.ts";

/**
 * Heads without epochs on cached features: data in, a fitted head out.
 *
 *   rows ─ standardize? ─ coordinates (space.ts) ─ solver, C by C ─ chosen on training photos ─ head
 */

/** The number that says how strongly a linear head is held back: `C` (less as it grows) or `alpha` (more). */
export type PathName = "C" | "alpha";

/** How the candidates of `C` or `alpha` fared on training photos held out from training. */
export interface PathCurve {
	readonly name: PathName;
	/** Ascending. */
	readonly values: readonly number[];
	/** Share of held-out photos right, 0 … 1, by value. */
	readonly accuracy: readonly number[];
	/** The head's own loss on them, mean a photo: log loss, (squared) hinge, squared error. */
	readonly loss: readonly number[];
	/** The one taken. */
	readonly chosen: number;
	/** In words: "5 folds of the training photos". */
	readonly how: string;
}

/** What a fitted head says of photos. */
export interface Answers {
	/** float64 [n, k]: log-odds, signed distances or votes; the larger, the likelier. -Infinity for a class that was not trained on. */
	readonly decisions: Float64Array;
	/** float64 [n, k], each row's sum 1. Calibrated only as far as the head is: see `probabilitiesOf`. */
	readonly probabilities: Float64Array;
	/** Per photo the class with the largest decision; of equal ones the first. */
	readonly predicted: Int32Array;
}

/** A head that has learnt. */
export interface FittedHead {
	/** What it says of rows float32 [n, …shape]. @throws RunError "features-not-finite" */
	readonly answer: (features: Float32Array) => Answers;
	/** Weights [k, d] and bias [k] that give the decisions from the features as they are, standardisation folded in; undefined for heads that are not linear. */
	readonly linear:
		| { readonly weight: Float64Array; readonly bias: Float64Array }
		| undefined;
	/** float64 [k, d] of heads that go by class means. */
	readonly means: Float64Array | undefined;
	/** Undefined where there was nothing to choose. */
	readonly path: PathCurve | undefined;
}

/** What a head is fitted on. */
export interface ClassicalInput {
	readonly rows: LabelledRows;
	readonly numClasses: number;
	readonly head: ClassicalHead;
	/** Of the folds that choose `C`. */
	readonly seed: number;
}

/** What is cross-validated. */
export interface CrossValidateInput extends ClassicalInput {
	/** Stratified by class, dealt out from `random(seed, "folds", repeat)`. */
	readonly folds: number;
	/** How often the photos are dealt out anew. */
	readonly repeats: number;
	/** Fold of each row, 0 … folds-1, one array a repeat: in place of dealing them out (groups, duplicates). */
	readonly assignments?: readonly Int32Array[];
}

/** One dealing out of the photos: each was held out once. */
export interface CrossValidated extends Answers {
	/** Fold in which each row was held out. */
	readonly foldOf: Int32Array;
	/** Share right, by fold. */
	readonly accuracy: readonly number[];
	/** By fold, the `C` or `alpha` that its training photos chose; undefined where there was none to choose. */
	readonly chosen: readonly (number | undefined)[];
}

/** Every row's answers by heads that have not seen it. */
export interface CrossValidation {
	/** Rows in the order given. */
	readonly repeats: readonly CrossValidated[];
	/** Mean of the folds of all repeats, 0 … 1. */
	readonly accuracy: number;
	/** Mean over folds and repeats of the curves on which `C` or `alpha` was chosen, inside the training photos. */
	readonly path: Omit<PathCurve, "chosen"> | undefined;
}
