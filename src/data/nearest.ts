/**
 * The name of `names` that `name` was probably meant to be: equal but for case or Unicode form, or at
 * most a third of its letters away (insertions, deletions, replacements, neighbours swapped).
 * @returns undefined where nothing is near; the first of equally near names.
 */
export function nearest(
	name: string,
	names: Iterable<string>,
): string | undefined {
	const wanted = fold(name);
	let best: string | undefined;
	let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
	for (const candidate of names) {
		const distance = editDistance(wanted, fold(candidate));
		if (distance < bestDistance) {
			best = candidate;
			bestDistance = distance;
		}
	}
	return best;
}

/** Whether two different names look the same on screen: é as one character or as e and an accent. */
export function looksSame(a: string, b: string): boolean {
	return a !== b && a.normalize("NFC") === b.normalize("NFC");
}

function fold(name: string): readonly string[] {
	return [...name.normalize("NFC").toLowerCase()];
}

/** Optimal string alignment distance (Damerau 1964, each place edited once). */
function editDistance(a: readonly string[], b: readonly string[]): number {
	let before: number[] = [];
	let last = Array.from({ length: b.length + 1 }, (_, column) => column);
	for (let row = 1; row <= a.length; row++) {
		const current = [row];
		for (let column = 1; column <= b.length; column++) {
			const same = a[row - 1] === b[column - 1];
			let cost = Math.min(
				last[column] + 1,
				current[column - 1] + 1,
				last[column - 1] + (same ? 0 : 1),
			);
			const swapped =
				row > 1 &&
				column > 1 &&
				a[row - 1] === b[column - 2] &&
				a[row - 2] === b[column - 1];
			if (swapped) cost = Math.min(cost, before[column - 2] + 1);
			current.push(cost);
		}
		before = last;
		last = current;
	}
	return last[b.length];
}
