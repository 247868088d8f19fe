import type { Diagnostic } from "../../diagnostic.ts";

/**
 * Sorted by file (`first`, then in order of appearance, the command line last), line and column; what is
 * said twice of one place, as of a file that two others extend, is said once.
 */
export function byPlace(
	diagnostics: readonly Diagnostic[],
	first?: string,
): Diagnostic[] {
	const files = [
		...new Set([first, ...diagnostics.map(({ file }) => file)]),
	].sort((a, b) => Number(a === "--set") - Number(b === "--set"));
	const rank = new Map(files.map((file, index) => [file, index]));
	const unique = new Map(diagnostics.map((each) => [keyOf(each), each]));
	return [...unique.values()].sort(
		(a, b) =>
			(rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) ||
			(a.range?.line ?? 0) - (b.range?.line ?? 0) ||
			(a.range?.column ?? 0) - (b.range?.column ?? 0),
	);
}

function keyOf({ file, range, code, message }: Diagnostic): string {
	return JSON.stringify([file, range?.line, range?.column, code, message]);
}
