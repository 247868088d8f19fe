import type { Diagnostic } from "../diagnostic.ts";

/** Sorted by file (in order of first appearance, the command line last), line and column. */
export function byPlace(
	diagnostics: readonly Diagnostic[],
	first?: string,
): Diagnostic[] {
	const files = [
		...new Set([first, ...diagnostics.map(({ file }) => file)]),
	].sort((a, b) => Number(a === "--set") - Number(b === "--set"));
	const rank = new Map(files.map((file, index) => [file, index]));
	return [...diagnostics].sort(
		(a, b) =>
			(rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) ||
			(a.range?.line ?? 0) - (b.range?.line ?? 0) ||
			(a.range?.column ?? 0) - (b.range?.column ?? 0),
	);
}
