import type { Diagnostic, Range } from "./diagnostic.ts";
import { displayWidth, paint, printable } from "./text.ts";

/** How diagnostics are shown: as text for people, as plain data for machines. */

/** What the terminal can show. */
export interface PrintOptions {
	/** With ANSI colours. */
	readonly color: boolean;
	/** Columns of the terminal; excerpts of longer lines are cut to it. */
	readonly width: number;
}

/**
 * Diagnostics as text, a blank line between them, ending with a newline; nothing for none.
 *
 *   experiments/flowers.yaml:4:3 error unknown-key: "learing_rate" is not an option of "train"
 *       4 |   learing_rate: 0.01
 *         |   ~~~~~~~~~~~~
 *     why: "train" accepts loss, optimizer, learning_rate, epochs, batch_size
 *     fix: did you mean "learning_rate"?
 */
export function printDiagnostics(
	diagnostics: readonly Diagnostic[],
	options: PrintOptions,
): string {
	return diagnostics
		.map((each) => `${printDiagnostic(each, options).join("\n")}\n`)
		.join("\n");
}

function printDiagnostic(
	diagnostic: Diagnostic,
	{ color, width }: PrintOptions,
): string[] {
	const { severity, code, message, reason, fix, range, source } = diagnostic;
	const tone = severity === "error" ? "red" : "yellow";
	const place = placeOf(diagnostic);
	const head = `${paint(severity, tone, color)} ${code}: ${paint(visible(message), "bold", color)}`;
	const lines = [place === "" ? head : `${place} ${head}`];
	if (range !== undefined && source !== undefined)
		lines.push(
			...excerpt(source, range, width).map((line, index) =>
				index % 2 === 1 ? paint(line, tone, color) : line,
			),
		);
	if (reason !== undefined) lines.push(`  why: ${indented(reason)}`);
	if (fix !== undefined) lines.push(`  fix: ${indented(fix)}`);
	return lines;
}

/** Further lines stand under the first. */
function indented(text: string): string {
	return visible(text).replaceAll("\n", "\n       ");
}

/** Names of files and classes come from the disk: what would move the cursor is shown as its code. */
function visible(text: string): string {
	return text.split("\n").map(printable).join("\n");
}

function placeOf({ file, range }: Diagnostic): string {
	if (file === undefined) return "";
	const name = printable(file);
	return range === undefined ? name : `${name}:${range.line}:${range.column}`;
}

/** The first line of the range, and squiggles under what is meant. */
function excerpt(source: string, range: Range, width: number): string[] {
	// One character for one, so that columns stay.
	const text = (source.split("\n")[0]?.replace(/\r$/, "") ?? "").replace(
		/\p{Cc}/gu,
		(character) => (character === "\t" ? character : "\ufffd"),
	);
	const start = range.column - 1;
	const end =
		range.endLine > range.line
			? text.length
			: Math.max(start + 1, range.endColumn - 1);
	const number = String(range.line).padStart(5);
	const cut = window(text, start, end, Math.max(20, width - number.length - 4));
	const squiggles =
		blanks(cut.text.slice(0, cut.start)) +
		"~".repeat(Math.max(1, displayWidth(cut.text.slice(cut.start, cut.end))));
	return [
		`${number} | ${cut.text}`.trimEnd(),
		`${" ".repeat(number.length)} | ${squiggles}`,
	];
}

/** The part of a long line around what is meant. */
function window(
	text: string,
	start: number,
	end: number,
	room: number,
): { text: string; start: number; end: number } {
	if (displayWidth(text) <= room) return { text, start, end };
	const from = start < room / 2 ? 0 : start - Math.floor(room / 4);
	const to = Math.min(text.length, from + room - 2);
	const before = from > 0 ? "…" : "";
	const after = to < text.length ? "…" : "";
	return {
		text: before + text.slice(from, to) + after,
		start: start - from + before.length,
		end: Math.min(end, to) - from + before.length,
	};
}

/** As much room as a text takes; tabs stay tabs. */
function blanks(text: string): string {
	return [...text]
		.map((char) => (char === "\t" ? "\t" : " ".repeat(displayWidth(char))))
		.join("");
}

/** A diagnostic as machines read it; null where there is nothing to say. */
export interface JsonDiagnostic {
	readonly file: string | null;
	readonly line: number | null;
	readonly column: number | null;
	readonly code: string;
	readonly severity: string;
	readonly message: string;
	readonly suggestion: string | null;
	readonly reason: string | null;
	readonly fix: string | null;
}

/** The plain data that `--format json` prints. */
export function toJson(diagnostic: Diagnostic): JsonDiagnostic {
	const { file, range, code, severity, message } = diagnostic;
	return {
		file: file ?? null,
		line: range?.line ?? null,
		column: range?.column ?? null,
		code,
		severity,
		message,
		suggestion: diagnostic.suggestion ?? null,
		reason: diagnostic.reason ?? null,
		fix: diagnostic.fix ?? null,
	};
}
