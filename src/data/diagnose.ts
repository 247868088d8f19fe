import type { Diagnostic } from "../diagnostic.ts";
import { byCodePoint } from "./listing/order.ts";

/** A Diagnostic about photos, and the option it is about: `["data", "root"]`. */
export interface DataDiagnostic extends Diagnostic {
	readonly at: readonly string[];
}

/** An error about the option `at`. */
export function dataError(
	at: readonly string[],
	code: string,
	message: string,
	more: Partial<DataDiagnostic> = {},
): DataDiagnostic {
	return { severity: "error", code, message, at, ...more };
}

/** A warning about the option `at`. */
export function dataWarning(
	at: readonly string[],
	code: string,
	message: string,
	more: Partial<DataDiagnostic> = {},
): DataDiagnostic {
	return { ...dataError(at, code, message, more), severity: "warning" };
}

/** `"a", "b", "c" and 12 more`; names sorted by code point. */
export function nameSome(names: Iterable<string>, limit = 5): string {
	const sorted = [...names].sort(byCodePoint);
	const shown = sorted.slice(0, limit).map((name) => JSON.stringify(name));
	const left = sorted.length - shown.length;
	if (left > 0) return `${shown.join(", ")} and ${left} more`;
	return shown.length < 2
		? shown.join("")
		: `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
