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
	const many = labels.length * new Set(labels).size > MOST_EXACT;
	let probe: readonly boolean[] = [];
	return [...places].reverse().map(({ depth, layer, rows }, place) => {
		const head = headOf(place === 0, many);
		const { repeats } = crossValidate({
			...{ rows, numClasses, head, seed },
			...{ folds: Math.min(FOLDS, labels.length), repeats: 1 },
		});
		const said = repeats[0]?.predicted ?? new Int32Array();
		const isRight = [...labels].map((label, row) => said[row] === label);
		if (place === 0) probe = isRight;
		const countRows = (test: (row: number) => boolean) =>
			isRight.reduce((sum, _, row) => sum + (test(row) ? 1 : 0), 0);
		const right = countRows((row) => isRight[row] as boolean);
		return {
			strategy: place === 0 ? "linear_probe" : "early_layer_svm",
			head: Object.keys(head)[0] as string,
			...{ depth, layer, right },
			accuracy: right / labels.length,
			onlyThis: countRows((row) => !!isRight[row] && !probe[row]),
			onlyProbe: countRows((row) => !isRight[row] && !!probe[row]),
		};
	});
}

/** Whether some class can be learnt from one fold and asked in another, beside a second class. */
function canHoldOut(labels: Int32Array): boolean {
	const counts = new Map<number, number>();
	for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
	const several = [...counts.values()].filter((count) => count > 1).length;
	return counts.size > 1 && several > 0 && labels.length >= 4;
}

function headOf(isProbe: boolean, many: boolean): ClassicalHead {
	const common = { class_weight: "none", standardize: true } as const;
	if (many) return { ridge: { alpha: "auto", ...common } };
	return isProbe
		? { logistic: { C: 1, ...common } }
		: { svm: { C: 0.1, loss: "squared_hinge", ...common } };
}
