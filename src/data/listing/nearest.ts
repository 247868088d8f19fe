import { fewestSlips } from "../../experiment/suggest.ts";

/**
 * The file, folder or column of `names` that `name` was probably meant to be: equal but for case or
 * Unicode form, or a few slips of the finger away.
 * @returns undefined where nothing is near.
 */
export function nearest(
	name: string,
	names: Iterable<string>,
): string | undefined {
	return fewestSlips(name, names, fold);
}

/** Whether two different names look the same on screen: é as one character or as e and an accent. */
export function looksSame(a: string, b: string): boolean {
	return a !== b && a.normalize("NFC") === b.normalize("NFC");
}

function fold(name: string): string {
	return name.normalize("NFC").toLowerCase();
}
