import type { LabelledRows } from "../features/rows.ts";
import { stratifiedFolds } from "./classical/folds.ts";

/** Rows dealt out into folds, and what came of each. */

/** One fold of one repeat. */
export interface Fold {
	/** 1-based. */
	readonly repeat: number;
	readonly fold: number;
	/** Rows to train on and rows held out, ascending. */
	readonly train: Int32Array;
	readonly held: Int32Array;
}

/**
 * Stratified folds, dealt out anew for each repeat. Rows of one content (`groups`) stay in one fold, so that no photo
 * is held out from its own copy.
 */
export function dealFolds(
	labels: Int32Array,
	groups: readonly string[],
	options: {
		readonly folds: number;
		readonly repeats: number;
		readonly seed: number;
	},
): readonly Fold[] {
	const firstOf = new Map<string, number>();
	const heads: number[] = [];
	groups.forEach((group, row) => {
		if (firstOf.has(group)) return;
		firstOf.set(group, heads.length);
		heads.push(row);
	});
	const headLabels = Int32Array.from(heads, (row) => labels[row] as number);
	const dealt: Fold[] = [];
	for (let repeat = 1; repeat <= options.repeats; repeat++) {
		const foldOf = stratifiedFolds(
			headLabels,
			options.folds,
			options.seed,
			repeat,
		);
		for (let fold = 0; fold < options.folds; fold++) {
			const train: number[] = [];
			const held: number[] = [];
			groups.forEach((group, row) => {
				const own = foldOf[firstOf.get(group) ?? 0];
				(own === fold ? held : train).push(row);
			});
			dealt.push({
				...{ repeat, fold: fold + 1 },
				train: Int32Array.from(train),
				held: Int32Array.from(held),
			});
		}
	}
	return dealt;
}

/** Fold of each row, from 0, one array a repeat: what crossValidate takes. */
export function assignmentsOf(
	folds: readonly Fold[],
	rows: number,
): readonly Int32Array[] {
	const repeats = folds.reduce((most, { repeat }) => Math.max(most, repeat), 0);
	const assignments = Array.from(
		{ length: repeats },
		() => new Int32Array(rows),
	);
	for (const { repeat, fold, held } of folds)
		for (const row of held)
			(assignments[repeat - 1] as Int32Array)[row] = fold - 1;
	return assignments;
}

/** Some of the rows, in the order given. */
export function someRows(
	{ features, shape, labels, targets }: LabelledRows,
	chosen: Int32Array,
): LabelledRows {
	const width = features.length / Math.max(1, labels.length);
	const some = new Float32Array(chosen.length * width);
	chosen.forEach((row, place) => {
		some.set(features.subarray(row * width, (row + 1) * width), place * width);
	});
	if (targets !== undefined)
		throw new Error("internal: folds of several labels a photo");
	return {
		features: some,
		shape,
		labels: chosen.map((row) => labels[row] as number),
	};
}
