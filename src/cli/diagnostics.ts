import { type Diagnostic, EXIT, type RunError } from "../diagnostic.ts";
import { printDiagnostics, toJson } from "../diagnostic-print.ts";
import { printable } from "../text.ts";
import type { Io } from "./io.ts";

/** Diagnostics as text on stderr, or as a JSON array on stdout; answers the exit code of bad input. */
export function sayDiagnostics(
	diagnostics: readonly Diagnostic[],
	json: boolean,
	io: Io,
): number {
	if (json) io.stdout(`${JSON.stringify(diagnostics.map(toJson), null, 2)}\n`);
	else io.stderr(printDiagnostics(diagnostics, io));
	return EXIT.badInput;
}

/** A failure of the world on stderr, with what to do. */
export function sayFailure({ code, message, fix }: RunError, io: Io): void {
	const remedy = fix === undefined ? "" : `  fix: ${fix}\n`;
	// Lists of photos are messages of several lines.
	const words = message.split("\n").map(printable).join("\n");
	io.stderr(`graft: error ${code}: ${words}\n${remedy}`);
}
