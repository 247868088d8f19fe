/** Tables for terminals: columns line up whatever the script, and wide tables lose their least columns, never an id. */

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const CODES: Readonly<Record<Style, number>> = {
	bold: 1,
	dim: 2,
	red: 31,
	green: 32,
	yellow: 33,
	cyan: 36,
};

/** Text in a style, or as it is where colour is off. */
export function paint(text: string, style: Style | undefined, color: boolean) {
	if (!color || style === undefined || text === "") return text;
	return `\u001b[${CODES[style]}m${text}\u001b[0m`;
}

export interface Column {
	readonly title: string;
	readonly align?: "right";
	/** Columns of higher number are left out first where the terminal is too narrow; undefined: never. */
	readonly dropOrder?: number;
}

export interface Cell {
	readonly text: string;
	readonly style?: Style;
}

export interface TableOptions {
	/** Columns of the terminal. */
	readonly width: number;
	readonly color: boolean;
	readonly indent?: string;
}

/** Title line and one line per row, two spaces between columns, no white space at line ends. */
export function textTable(
	columns: readonly Column[],
	rows: readonly (readonly Cell[])[],
	{ width, color, indent = "" }: TableOptions,
): string {
	const titles = columns.map(({ title }) => ({
		text: title,
		style: "dim" as const,
	}));
	const lines = [titles, ...rows].map((row) =>
		row.map((cell) => ({ ...cell, text: printable(cell.text) })),
	);
	const widths = columns.map((_, index) =>
		Math.max(...lines.map((row) => displayWidth(row[index]?.text ?? ""))),
	);
	const shown = fitting(columns, widths, width - indent.length);
	const print = (row: readonly Cell[]) =>
		shown
			.map((index) => {
				const { text, style } = row[index] ?? { text: "" };
				const space = " ".repeat((widths[index] ?? 0) - displayWidth(text));
				const painted = paint(text, style, color);
				return columns[index]?.align === "right"
					? space + painted
					: painted + space;
			})
			.join("  ");
	return lines.map((row) => `${(indent + print(row)).trimEnd()}\n`).join("");
}

/** Indices of the columns that fit. */
function fitting(
	columns: readonly Column[],
	widths: readonly number[],
	width: number,
): number[] {
	let shown = columns.map((_, index) => index);
	const total = () =>
		shown.reduce((sum, index) => sum + (widths[index] ?? 0) + 2, -2);
	const order = (index: number) => columns[index]?.dropOrder ?? 0;
	while (total() > width) {
		const last = shown.reduce((a, b) => (order(b) > order(a) ? b : a));
		if (order(last) === 0) break;
		shown = shown.filter((index) => index !== last);
	}
	return shown;
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

/** Columns a text takes in a terminal: East Asian wide characters and emoji two, combining marks none. */
export function displayWidth(text: string): number {
	if (PLAIN.test(text)) return text.length;
	let width = 0;
	for (const character of text) {
		if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) continue;
		width += WIDE.test(character) ? 2 : 1;
	}
	return width;
}

/** Most texts: one column a character, nothing to make visible. */
const PLAIN = /^[ -~]*$/;

/** Unicode Standard Annex 11, wide and full-width, by blocks. */
const WIDE =
	/[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
