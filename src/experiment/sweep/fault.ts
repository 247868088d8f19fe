import type { Diagnostic } from "../../diagnostic.ts";
import { firstLineOf, located, type Place } from "../yaml/source.ts";

/** An error of the sweep section, at its place. */
export function fault(
	code: string,
	at: Place | undefined,
	words: Pick<Diagnostic, "message" | "reason" | "fix" | "suggestion">,
): Diagnostic {
	const place = at === undefined ? {} : located(firstLineOf(at));
	return { severity: "error", code, ...place, ...words };
}
