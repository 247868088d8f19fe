/** Numbers, columns and colours as people read them: the same in plans, lists, reports and errors. */

/** `1,234,567`. Not by Intl, whose tables take 25 ms to load. */
export function grouped(n: number): string {
	return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A whole number with its noun: `1 epoch`, `1,200 photos`, `2 classes`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
	return `${grouped(n)} ${n === 1 ? noun : plural}`;
}

/** `512 B`, `0.7 MB`, `3.2 GB` (powers of ten). */
export function bytes(n: number): string {
	if (n < 1000) return `${n} B`;
	if (n < 1e5) return `${(n / 1e3).toFixed(1)} kB`;
	return n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(1)} GB`;
}

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`; `digits` after the point below ten seconds. */
export function duration(seconds: number, digits = 1): string {
	if (seconds < 10) return `${seconds.toFixed(digits)} s`;
	const whole = Math.round(seconds);
	if (whole < 60) return `${whole} s`;
	if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
	return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Where a cell stands in its column. */
export type Align = "left" | "right";

/** Rows of one table as lines: columns padded to their widest cell, two spaces between them, none at line ends. */
export function table(
	rows: readonly (readonly string[])[],
	align: readonly Align[],
): readonly string[] {
	const widths = columnWidths(rows, align.length);
	return rows.map((row) =>
		align
			.map((side, column) => padded(row[column] ?? "", widths[column], side))
			.join("  ")
			.trimEnd(),
	);
}

/** Of each column, the width of its widest cell. */
export function columnWidths(
	rows: readonly (readonly string[])[],
	columns: number,
): readonly number[] {
	return Array.from({ length: columns }, (_, column) =>
		Math.max(...rows.map((row) => displayWidth(row[column] ?? ""))),
	);
}

/** `text` with spaces up to `width` columns; `shown` stands in its place where it carries a style. */
export function padded(
	text: string,
	width = 0,
	align: Align = "left",
	shown = text,
): string {
	const space = " ".repeat(Math.max(0, width - displayWidth(text)));
	return align === "right" ? space + shown : shown + space;
}

/** Columns a text takes on a terminal: East Asian wide characters and emoji two, combining marks none. */
export function displayWidth(text: string): number {
	if (PLAIN.test(text)) return text.length;
	let width = 0;
	for (const character of text) {
		if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) continue;
		width += WIDE.test(character) ? 2 : 1;
	}
	return width;
}

/** Control characters, which could move the cursor or fake a line, are shown as their code: \x1b. */
export function printable(text: string): string {
	if (PLAIN.test(text)) return text;
	return text.replace(
		/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
		(character) =>
			`\\x${character.codePointAt(0)?.toString(16).padStart(2, "0")}`,
	);
}

/** Most texts: one column a character, nothing to make visible. */
const PLAIN = /^[ -~]*$/;

/** Unicode Standard Annex 11, wide and full-width, by blocks; emoji that are pictures by default. */
const WIDE =
	/[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** How a text stands out. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** Select Graphic Rendition codes (ECMA-48). */
const CODES: Readonly<Record<Style, number>> = {
	bold: 1,
	dim: 2,
	red: 31,
	green: 32,
	yellow: 33,
	cyan: 36,
};

/** Text in a style, or as it is where colour is off. */
export function paint(
	text: string,
	style: Style | undefined,
	color: boolean,
): string {
	if (!color || style === undefined || text === "") return text;
	return `\u001b[${CODES[style]}m${text}\u001b[0m`;
}
