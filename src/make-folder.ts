import { existsSync, mkdirSync, rmdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those above it, one by one; one that is there is left as it is, and where it fails none is left. Node's `mkdirSync` with `recursive` does the same,
 * but under /proc, where a folder is missing and cannot be made either, it never comes back, not even at Ctrl-C.
 * @returns the folders that were made, the outermost first
 * @throws what the system says: ENOENT, EACCES, ENOTDIR, EROFS …
 */
export function makeFolder(folder: string): readonly string[] {
	const target = resolve(folder);
	if (isFolder(target)) return [];
	const missing = [target];
	let above = dirname(target);
	for (; !existsSync(above); above = dirname(above)) {
		if (above === dirname(above)) break;
		missing.push(above);
	}
	const made: string[] = [];
	for (const path of missing.toReversed())
		try {
			mkdirSync(path);
			made.push(path);
		} catch (error) {
			// Another process was faster.
			if (isFolder(path)) continue;
			removeFolders(made);
			throw error;
		}
	return made;
}

/** Takes back what `makeFolder` made, as far as nobody keeps anything there by now. */
export function removeFolders(made: readonly string[]): void {
	for (const folder of made.toReversed())
		try {
			rmdirSync(folder);
		} catch {
			// Somebody else keeps something there.
		}
}

function isFolder(path: string): boolean {
	try {
		return statSync(path).isDirectory();
	} catch {
		return false;
	}
}
