import type { Range } from "../../diagnostic.ts";

/** A text that values are read from, with what is needed to say where in it something stands. */
export interface Source {
	/** As the user named it; "--set" for the command line. */
	readonly file: string;
	/** Who speaks: the file itself, a file it extends, the command line, or the strategy that a place of one of them names. */
	readonly from: "file" | "extends" | "set" | "strategy";
	/** Absolute folder that relative paths in this text start from. */
	readonly folder: string;
	readonly text: string;
	/** Offset of the first character of each line. */
	readonly lineStarts: readonly number[];
	/** Number of the first line: 1, or which `--set` it is. */
	readonly firstLine: number;
}

/** A stretch of a source, in UTF-16 code units; `end` is exclusive. */
export interface Place {
	readonly source: Source;
	readonly start: number;
	readonly end: number;
}

/** A place in the form of a Diagnostic; `source` holds the whole lines from `range.line` to `range.endLine`. */
export interface Located {
	readonly file: string;
	readonly range: Range;
	readonly source: string;
}

/** A text with what is needed to point into it. */
export function makeSource(
	text: string,
	about: Pick<Source, "file" | "from" | "folder"> & { firstLine?: number },
): Source {
	const lineStarts = [0];
	for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1))
		lineStarts.push(at + 1);
	return { firstLine: 1, ...about, text, lineStarts };
}

/** File, range (columns count UTF-16 code units from 1, as editors do) and the lines of a place. */
export function located(place: Place): Located {
	const { source } = place;
	const start = position(source, place.start);
	const end = position(source, Math.max(place.start, place.end));
	const lines = source.text
		.slice(
			source.lineStarts[start.index],
			source.lineStarts[end.index + 1] ?? source.text.length,
		)
		.replace(/\r?\n$/, "");
	return {
		file: source.file,
		range: {
			line: start.line,
			column: start.column,
			endLine: end.line,
			endColumn: end.column,
		},
		source: lines,
	};
}

/** 1-based number of the line that a place begins on. */
export function lineOf(place: Place): number {
	return position(place.source, place.start).line;
}

/** Whether a place has several lines, or is none: a key then stands for its value. */
export function isLong(place: Place | undefined): boolean {
	return (
		place === undefined ||
		place.source.text.slice(place.start, place.end).includes("\n")
	);
}

/** The place, cut at the end of its first line. */
export function firstLineOf(place: Place): Place {
	const { source, start } = place;
	const lineEnd = source.text.slice(start, place.end).search(/\r?\n/);
	return lineEnd < 0 ? place : { source, start, end: start + lineEnd };
}

function position(
	source: Source,
	offset: number,
): { index: number; line: number; column: number } {
	let low = 0;
	let high = source.lineStarts.length - 1;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if ((source.lineStarts[middle] as number) <= offset) low = middle;
		else high = middle - 1;
	}
	return {
		index: low,
		line: source.firstLine + low,
		column: offset - (source.lineStarts[low] as number) + 1,
	};
}
