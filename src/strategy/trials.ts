import type { ClassicalHead } from "../experiment/classical-types.ts";
import type { LabelledRows } from "../features/rows.ts";
import { crossValidate } from "../train/classical/cross-validate.ts";
import type { Trial } from "./types.ts";

/** Folds of the training photos; the valid photos are not looked at. */
const FOLDS = 5;
/** Above so many photos times classes the exact solvers take minutes: ridge then stands for both heads. */
const MOST_EXACT = 1500;

/** What is tried: rows of one depth. */
export interface TrialRows {
	readonly depth: number;
	readonly layer: string;
	readonly rows: LabelledRows;
}

/**
 * The heads of linear_probe on the deepest features and of early_layer_svm on each earlier ones, every photo asked by a head
 * that was fitted without its fold; the folds are the same for all. The first is linear_probe's.
 * @param places earliest first, the last is the network's own features
 * @returns none where there are too few photos to hold any out.
 */
export function tryHeads(
	places: readonly TrialRows[],
	numClasses: number,
	seed: number,
): readonly Trial[] {
	const labels = places[0]?.rows.labels;
	if (labels === undefined || !canHoldOut(labels)) return [];
	let probe: readonly boolean[] = [];
	return [...places].reverse().map(({ depth, layer, rows }, place) => {
		const head = headOf(place === 0, labels);
		const isRight = heldOutRight(rows, head, numClasses, seed);
		if (place === 0) probe = isRight;
		return {
			strategy: place === 0 ? "linear_probe" : "early_layer_svm",
			head: Object.keys(head)[0] as string,
			...{ depth, layer },
			...comparedWith(isRight, probe),
		};
	});
}

/** linear_probe's head on rows of the same photos, seen in two ways. @returns none where nothing can be held out. */
export function tryViews(
	one: LabelledRows,
	other: LabelledRows,
	numClasses: number,
	seed: number,
): { readonly one: Compared; readonly other: Compared } | undefined {
	if (!canHoldOut(one.labels)) return undefined;
	const head = headOf(true, one.labels);
	const [first, second] = [one, other].map((rows) =>
		heldOutRight(rows, head, numClasses, seed),
	) as [boolean[], boolean[]];
	return {
		one: comparedWith(first, second),
		other: comparedWith(second, first),
	};
}

/** How many photos a head told right, beside another on the same photos. */
export type Compared = Pick<
	Trial,
	"right" | "accuracy" | "onlyThis" | "onlyProbe"
>;

function comparedWith(
	isRight: readonly boolean[],
	than: readonly boolean[],
): Compared {
	const amount = (test: (right: boolean, row: number) => boolean) =>
		isRight.filter(test).length;
	const right = amount((one) => one);
	return {
		right,
		accuracy: right / isRight.length,
		onlyThis: amount((one, row) => one && !than[row]),
		onlyProbe: amount((one, row) => !one && !!than[row]),
	};
}

/** Of each photo, whether a head that was fitted without its fold tells it. */
function heldOutRight(
	rows: LabelledRows,
	head: ClassicalHead,
	numClasses: number,
	seed: number,
): boolean[] {
	const { labels } = rows;
	const { repeats } = crossValidate({
		...{ rows, numClasses, head, seed },
		...{ folds: Math.min(FOLDS, labels.length), repeats: 1 },
	});
	const said = repeats[0]?.predicted ?? new Int32Array();
	return [...labels].map((label, row) => said[row] === label);
}

/** Whether some class can be learnt from one fold and asked in another, beside a second class. */
function canHoldOut(labels: Int32Array): boolean {
	const counts = new Map<number, number>();
	for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
	const several = [...counts.values()].filter((count) => count > 1).length;
	return counts.size > 1 && several > 0 && labels.length >= 4;
}

function headOf(isProbe: boolean, labels: Int32Array): ClassicalHead {
	const many = labels.length * new Set(labels).size > MOST_EXACT;
	const common = { class_weight: "none", standardize: true } as const;
	if (many) return { ridge: { alpha: "auto", ...common } };
	return isProbe
		? { logistic: { C: 1, ...common } }
		: { svm: { C: 0.1, loss: "squared_hinge", ...common } };
}
