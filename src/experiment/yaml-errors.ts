import type { YAMLError } from "yaml";
import type { Diagnostic } from "../diagnostic.ts";
import { located, type Source } from "./source.ts";

interface Explanation {
	readonly code: string;
	readonly message?: string;
	readonly reason?: string;
	readonly fix: string;
}

/** Mistakes of YAML itself, one a line: what follows from a first mistake on a line only hides it. */
export function explainYaml(
	errors: readonly YAMLError[],
	source: Source,
): readonly Diagnostic[] {
	const byLine = new Map<number, Diagnostic>();
	const sorted = [...errors].sort((a, b) => a.pos[0] - b.pos[0]);
	for (const error of sorted) {
		const diagnostic = explain(error, source);
		const line = diagnostic.range?.line ?? 0;
		if (!byLine.has(line)) byLine.set(line, diagnostic);
	}
	return [...byLine.values()];
}

function explain(error: YAMLError, source: Source): Diagnostic {
	const [start, end] = placeOf(error, source.text);
	const place = located({ source, start, end });
	const { code, message, reason, fix } =
		special(error, source.text, start) ?? general(error);
	return {
		severity: "error",
		code,
		...place,
		message: message ?? lowerFirst(error.message),
		...(reason === undefined ? {} : { reason }),
		fix,
	};
}

/** At least one character wide, at most to the end of the line, and never behind the last character. */
function placeOf(error: YAMLError, text: string): [number, number] {
	const start = Math.min(error.pos[0], Math.max(0, text.trimEnd().length));
	const lineEnd = text.indexOf("\n", start);
	const last = lineEnd < 0 ? text.length : lineEnd;
	return [start, Math.max(start + 1, Math.min(error.pos[1], last))];
}

/** Mistakes that YAML's own words name by their effect rather than their cause. */
function special(
	error: YAMLError,
	text: string,
	at: number,
): Explanation | undefined {
	const lineStart = text.lastIndexOf("\n", at - 1) + 1;
	const lineEnd = text.indexOf("\n", at);
	const line = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd);
	if (/^ *\t/.test(line))
		return {
			code: "yaml-tab",
			message: "this line is indented with a tab",
			reason: "YAML allows spaces only",
			fix: "use two spaces for each level",
		};
	if (error.code === "MISSING_CHAR" && /quote/.test(error.message))
		return {
			code: "yaml-quote",
			message: "this quote is never closed",
			fix: `add the missing ${/'/.test(error.message) ? "'" : '"'} at the end of the text`,
		};
	const glued = /^\s*(?:- )?([A-Za-z_]\w*):[^\s:]/.exec(line);
	if (glued !== null && error.code !== "UNEXPECTED_TOKEN")
		return {
			code: "yaml-colon",
			message: `there is no space after "${glued[1]}:"`,
			reason: "without it, YAML reads a text, not a key with a value",
			fix: "put a space after the colon",
		};
	return undefined;
}

function general(error: YAMLError): Explanation {
	switch (error.code) {
		case "MULTIPLE_DOCS":
			return {
				code: "yaml-documents",
				message: "a second document begins here",
				reason: "a file holds one experiment",
				fix: "put it into a file of its own, or take the --- away",
			};
		case "TAB_AS_INDENT":
			return {
				code: "yaml-tab",
				message: "this line is indented with a tab",
				reason: "YAML allows spaces only",
				fix: "use two spaces for each level",
			};
		case "BAD_INDENT":
		case "BLOCK_IN_FLOW":
		case "BLOCK_AS_IMPLICIT_KEY":
			return {
				code: "yaml-indent",
				reason:
					"keys of one map, and items of one list, stand under each other",
				fix: "give the line as many spaces as its neighbours have",
			};
		case "BAD_ALIAS":
			return {
				code: "yaml-alias",
				reason:
					"* stands for what & has named further up; a text that begins with * is quoted",
				fix: "name it with & before, or put the text in quotes",
			};
		case "TAG_RESOLVE_FAILED":
		case "MULTIPLE_TAGS":
			return {
				code: "yaml-tag",
				reason:
					"experiment files hold plain texts, numbers, true, false, lists and maps",
				fix: "take away the word that begins with !",
			};
		case "BAD_SCALAR_START":
			return {
				code: "yaml-syntax",
				reason:
					"some characters (@ ` % * & !) have a meaning of their own at the beginning of a value",
				fix: "put the value in quotes",
			};
		case "BAD_DQ_ESCAPE":
			return {
				code: "yaml-quote",
				reason: 'in "…" a backslash begins an escape such as \\n',
				fix: "use '…' instead, or write each backslash twice",
			};
		case "MISSING_CHAR":
		case "UNEXPECTED_TOKEN":
		case "MULTILINE_IMPLICIT_KEY":
			return {
				code: "yaml-syntax",
				reason: "the text is not YAML from here on",
				fix: "look for a missing colon, comma, bracket or quote on this line or the one before",
			};
		default:
			return {
				code: "yaml-syntax",
				fix: "look for a missing colon, comma, bracket or quote on this line or the one before",
			};
	}
}

function lowerFirst(text: string): string {
	return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "");
}
