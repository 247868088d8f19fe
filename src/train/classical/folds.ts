import { random } from "../../random.ts";

/**
 * Deals rows out into folds so that each class is spread evenly (sklearn's StratifiedKFold with shuffle): class by
 * class in shuffled order, going on where the class before has stopped, so that the folds' sizes differ by one at most.
 * @returns fold of each row, 0 … folds-1.
 */
export function stratifiedFolds(
	labels: Int32Array,
	folds: number,
	seed: number,
	repeat: number,
): Int32Array {
	const byClass = new Map<number, number[]>();
	labels.forEach((label, row) => {
		const rows = byClass.get(label);
		if (rows) rows.push(row);
		else byClass.set(label, [row]);
	});
	const foldOf = new Int32Array(labels.length);
	let next = 0;
	for (const label of [...byClass.keys()].sort((a, b) => a - b)) {
		const rows = byClass.get(label) as number[];
		const order = random(seed, "folds", repeat, label).permutation(rows.length);
		for (const place of order) foldOf[rows[place]] = next++ % folds;
	}
	return foldOf;
}

/** Rows outside and inside one fold, ascending. */
export interface Split {
	readonly train: Int32Array;
	readonly held: Int32Array;
}

/** One a fold. */
export function splitsOf(foldOf: Int32Array): readonly Split[] {
	const last = foldOf.reduce((most, fold) => Math.max(most, fold), -1);
	return Array.from({ length: last + 1 }, (_, fold) => splitBy(foldOf, fold));
}

function splitBy(foldOf: Int32Array, fold: number): Split {
	const train: number[] = [];
	const held: number[] = [];
	foldOf.forEach((own, row) => {
		(own === fold ? held : train).push(row);
	});
	return { train: Int32Array.from(train), held: Int32Array.from(held) };
}
