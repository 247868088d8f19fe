import { columnWidths, padded, paint, printable, type Style } from "../text.ts";

/** Tables for terminals: columns line up whatever the script, and wide tables lose their least columns, never an id. */

/** A column and when it may go. */
export interface Column {
	readonly title: string;
	readonly align?: "right";
	/** Columns of higher number are left out first where the terminal is too narrow; undefined: never. */
	readonly dropOrder?: number;
}

/** A text and how it stands out. */
export interface Cell {
	readonly text: string;
	readonly style?: Style;
}

/** Where the table is printed. */
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
	const widths = columnWidths(
		lines.map((row) => row.map(({ text }) => text)),
		columns.length,
	);
	const shown = fitting(columns, widths, width - indent.length);
	const print = (row: readonly Cell[]) =>
		shown
			.map((index) => {
				const { text, style } = row[index] ?? { text: "" };
				const painted = paint(text, style, color);
				return padded(text, widths[index], columns[index]?.align, painted);
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
