import type { Range } from "../../diagnostic.ts";

/** One field of a CSV file, unquoted, and where it stands (the quotes included). */
export interface CsvField {
	readonly text: string;
	readonly range: Range;
}

/** A table as its file says it. */
export interface CsvFile {
	/** Rows of fields; empty lines are left out. */
	readonly rows: readonly (readonly CsvField[])[];
	/** The first place where the text is no CSV. */
	readonly error:
		| { readonly message: string; readonly range: Range }
		| undefined;
}

/**
 * RFC 4180: fields separated by commas, quoted by `"`, a quote inside a quoted field doubled; line ends
 * LF, CRLF or CR; a byte order mark is skipped. Columns count UTF-16 units, as editors do.
 */
export function parseCsv(text: string): CsvFile {
	const rows: CsvField[][] = [];
	let row: CsvField[] = [];
	let at = text.startsWith("\ufeff") ? 1 : 0;
	let line = 1;
	let lineStart = at;

	/** Moves past a line end, if one is here. */
	const skipLineEnd = (): boolean => {
		const here = text[at];
		if (here !== "\n" && here !== "\r") return false;
		at += here === "\r" && text[at + 1] === "\n" ? 2 : 1;
		line++;
		lineStart = at;
		return true;
	};
	const endRow = () => {
		if (row.length > 1 || (row[0] !== undefined && row[0].text !== ""))
			rows.push(row);
		row = [];
	};

	while (at < text.length) {
		const start = { line, column: at - lineStart + 1 };
		const rangeTo = (): Range => ({
			...start,
			endLine: line,
			endColumn: at - lineStart + 1,
		});
		let value = "";
		if (text[at] === '"') {
			at++;
			let from = at;
			while (true) {
				if (at >= text.length)
					return {
						rows,
						error: {
							message: "a quoted field does not end",
							range: {
								...start,
								endLine: start.line,
								endColumn: start.column + 1,
							},
						},
					};
				if (text[at] === '"') {
					value += text.slice(from, at);
					if (text[at + 1] !== '"') break;
					from = at + 1;
					at += 2;
				} else if (!skipLineEnd()) at++;
			}
			at++;
			if (at < text.length && !",\r\n".includes(text[at] as string))
				return {
					rows,
					error: {
						message: "text follows the closing quote of a field",
						range: {
							...rangeTo(),
							line,
							column: at - lineStart + 1,
							endColumn: at - lineStart + 2,
						},
					},
				};
		} else {
			const from = at;
			while (at < text.length && !",\r\n".includes(text[at] as string)) at++;
			value = text.slice(from, at);
		}
		row.push({ text: value, range: rangeTo() });
		if (text[at] === ",") {
			at++;
			// A comma at the end of a line is followed by one more, empty, field.
			if (at >= text.length || "\r\n".includes(text[at] as string)) {
				const column = at - lineStart + 1;
				row.push({
					text: "",
					range: { line, column, endLine: line, endColumn: column },
				});
			} else continue;
		}
		if (at >= text.length || skipLineEnd()) endRow();
	}
	return { rows, error: undefined };
}
