import { editDistance } from "../../experiment/suggest.ts";

/**
 * The file, folder or column of `names` that `name` was probably meant to be: equal but for case or
 * Unicode form, or at most a third of its letters away.
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
		const other = fold(candidate);
		if (Math.abs(other.length - wanted.length) >= bestDistance) continue;
		const distance = editDistance(wanted, other);
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

function fold(name: string): string {
	return name.normalize("NFC").toLowerCase();
}
