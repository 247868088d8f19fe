import type { ClassicalHead } from "../../experiment/classical-types.ts";
import { solveLogistic } from "./logistic.ts";
import { productOfRows } from "./matrix.ts";
import { openRidge, type RidgePath } from "./ridge.ts";
import type { Steps } from "./steps.ts";
import { solveSvm } from "./svm.ts";

/** Heads whose decisions are W z + b. */
export type LinearHead = Extract<
	ClassicalHead,
	{ logistic: unknown } | { svm: unknown } | { ridge: unknown }
>;

/** Photos in coordinates, their labels 0 … classes-1 all taken. */
export interface TrainSet {
	/** float64 [n, r] */
	readonly z: Float64Array;
	readonly r: number;
	readonly labels: Int32Array;
	readonly classes: number;
	/** float64 [n]: how much each photo counts. */
	readonly weights: Float64Array;
}

/** Weights float64 [k, r] and bias float64 [k]: one decision a class. */
export interface LinearFit {
	readonly weight: Float64Array;
	readonly bias: Float64Array;
}

/** Near enough to be as good as exact: see `SmoothProblem.tolerance`. */
export const EXACT = 1e-6;
/** Near enough to compare candidates. */
export const ROUGH = 1e-2;

/** Powers of ten, so that a report shows round numbers. */
export const AUTO = {
	C: powersOfTen(-4, 4),
	alpha: powersOfTen(-2, 6),
} as const;

function powersOfTen(from: number, to: number): readonly number[] {
	return Array.from({ length: to - from + 1 }, (_, index) =>
		Number(`1e${from + index}`),
	);
}

/** Values to choose from, ascending, each once; one where nothing is to be chosen. */
export function candidatesOf(head: LinearHead): readonly number[] {
	const asked =
		"logistic" in head
			? head.logistic.C
			: "svm" in head
				? head.svm.C
				: head.ridge.alpha;
	if (asked === "auto") return "ridge" in head ? AUTO.alpha : AUTO.C;
	if (typeof asked === "number") return [asked];
	return [...new Set(asked)].sort((a, b) => a - b);
}

/** One fit a value; values ascending. */
export function* solve(
	train: TrainSet,
	head: LinearHead,
	values: readonly number[],
	tolerance: number,
	seed: number,
	ridge?: RidgePath,
): Steps<readonly LinearFit[]> {
	if ("logistic" in head) return yield* solveLogistic(train, values, tolerance);
	if ("svm" in head)
		return yield* solveSvm(train, head.svm, values, tolerance, seed);
	const path = ridge ?? openRidge(train);
	return values.map(path.at);
}

/** W z + b: float64 [n, k]. */
export function decisionsOf(
	{ weight, bias }: LinearFit,
	z: Float64Array,
	n: number,
	r: number,
): Float64Array {
	const k = bias.length;
	const out = productOfRows(z, n, weight, k, r);
	for (let i = 0; i < n; i++)
		for (let c = 0; c < k; c++) out[i * k + c] += bias[c];
	return out;
}
