import type { YAMLError } from "yaml";
import type { Diagnostic } from "../../diagnostic.ts";
import { byPlace } from "../validate/sort.ts";
import { located, type Source } from "./source.ts";

interface Explanation {
	readonly code: string;
	readonly message: string;
	readonly reason?: string;
	readonly fix: string;
	/** Where it stands, when that is not where YAML noticed it. */
	readonly at?: readonly [number, number];
	/** Whether it is wrong in itself, whatever stands around it. */
	readonly isPlain?: boolean;
}

/**
 * Mistakes of YAML itself, one a line. What is plainly wrong (a tab, a colon without a space) is always
 * said; what YAML stumbles over beside another mistake mostly follows from it, and is not.
 */
export function explainYaml(
	errors: readonly YAMLError[],
	source: Source,
): readonly Diagnostic[] {
	const explained = errors
		.map((error) => ({ error, ...explain(error, source.text) }))
		.sort(
			(a, b) =>
				Number(b.isPlain ?? false) - Number(a.isPlain ?? false) ||
				a.error.pos[0] - b.error.pos[0],
		);
	const lines = new Set<number>();
	const found: Diagnostic[] = [];
	for (const { error, at, isPlain, ...words } of explained) {
		const [start, end] = at ?? placeOf(error, source.text);
		const place = located({ source, start, end });
		const { line } = place.range;
		const follows = lines.has(line - 1) || lines.has(line + 1);
		const isSaid = !lines.has(line) && (isPlain === true || !follows);
		const isLater = found.length > 0 && words.code === "yaml-syntax";
		lines.add(line);
		if (isSaid && !isLater)
			found.push({ severity: "error", ...words, ...place });
	}
	return byPlace(found);
}

/** At least one character wide, at most to the end of the line, and never behind the last character. */
function placeOf(error: YAMLError, text: string): [number, number] {
	const start = Math.min(error.pos[0], Math.max(0, text.trimEnd().length));
	const lineEnd = text.indexOf("\n", start);
	const last = lineEnd < 0 ? text.length : lineEnd;
	return [start, Math.max(start + 1, Math.min(error.pos[1], last))];
}

function explain(error: YAMLError, text: string): Explanation {
	const { code, message } = error;
	const line = lineAt(text, error.pos[0]);
	if (code === "TAB_AS_INDENT" || /^ *\t/.test(line.text)) return tab(line);
	if (/closing .quote/.test(message)) return openQuote(message, text);
	if (/end with a [\]}]/.test(message)) return openBracket(error, text);
	if (
		/^\s*(?:- )?[A-Za-z_]\w*:[^\s:]/.test(line.text) &&
		code !== "UNEXPECTED_TOKEN"
	)
		return gluedColon(line);
	switch (code) {
		case "BAD_INDENT":
			return indent(line);
		case "BLOCK_AS_IMPLICIT_KEY":
			return /:\s.*:\s/.test(line.text) ? twoColons(line) : indent(line);
		case "MULTILINE_IMPLICIT_KEY":
			return noColon(line);
		case "MISSING_CHAR":
			return /implicit map key/i.test(message) ? noColon(line) : other(error);
		case "BAD_ALIAS":
			return {
				code: "yaml-alias",
				message: lowerFirst(message),
				reason:
					"* stands for what & has named further up; a text that begins with * is quoted",
				fix: "name it with & before, or put the text in quotes",
			};
		case "TAG_RESOLVE_FAILED":
		case "MULTIPLE_TAGS":
			return {
				code: "yaml-tag",
				message: `"${text.slice(...placeOf(error, text))}" is a type tag that experiment files do not know`,
				reason: "they hold plain texts, numbers, true, false, lists and maps",
				fix: "take it away, or put the text in quotes",
			};
		case "BAD_SCALAR_START":
			return {
				code: "yaml-syntax",
				message: `a value cannot begin with ${text[error.pos[0]]}`,
				reason:
					"@ ` % * & and ! have a meaning of their own at the beginning of a value",
				fix: "put the value in quotes",
			};
		case "BAD_DQ_ESCAPE":
			return {
				code: "yaml-quote",
				message: lowerFirst(message),
				reason: 'in "…" a backslash begins an escape such as \\n',
				fix: "use '…' instead, or write each backslash twice",
			};
		default:
			return other(error);
	}
}

interface Line {
	readonly text: string;
	/** From the first character that is no blank to the last. */
	readonly at: readonly [number, number];
}

function lineAt(text: string, offset: number): Line {
	const start = text.lastIndexOf("\n", offset - 1) + 1;
	const end = text.indexOf("\n", offset);
	const line = text.slice(start, end < 0 ? text.length : end);
	const from = start + line.length - line.trimStart().length;
	return {
		text: line,
		at: [from, Math.max(from + 1, start + line.trimEnd().length)],
	};
}

function tab(line: Line): Explanation {
	const blanks = /^\s*/.exec(line.text)?.[0] ?? "";
	const start = line.at[0] - blanks.length + Math.max(0, blanks.indexOf("\t"));
	return {
		code: "yaml-tab",
		message: "this line is indented with a tab",
		reason: "YAML allows spaces only",
		fix: "use two spaces for each level",
		at: [start, start + 1],
		isPlain: true,
	};
}

/** All that follows is inside the quote, so it is the last one of its kind. */
function openQuote(message: string, text: string): Explanation {
	const quote = message.includes("'") ? "'" : '"';
	const start = Math.max(0, text.lastIndexOf(quote));
	return {
		code: "yaml-quote",
		message: "this quote is never closed",
		fix: `put another ${quote} at the end of the text`,
		at: [start, start + 1],
	};
}

function openBracket(error: YAMLError, text: string): Explanation {
	const close = error.message.endsWith("]") ? "]" : "}";
	const open = close === "]" ? "[" : "{";
	const start = lastOpen(text.slice(0, error.pos[0]), open, close);
	return {
		code: "yaml-bracket",
		message: `this ${open} is never closed`,
		fix: `put ${close} where the ${close === "]" ? "list" : "map"} ends, or look for a missing comma in it`,
		...(start < 0 ? {} : { at: [start, start + 1] }),
	};
}

/** Offset of the last bracket that is open at the end of a text. */
function lastOpen(text: string, open: string, close: string): number {
	let closed = 0;
	for (let at = text.length - 1; at >= 0; at--) {
		if (text[at] === close) closed++;
		else if (text[at] === open && closed-- === 0) return at;
	}
	return -1;
}

function gluedColon(line: Line): Explanation {
	const key = /([A-Za-z_]\w*):/.exec(line.text)?.[1];
	return {
		code: "yaml-colon",
		message: `there is no space after "${key}:"`,
		reason: "without it, YAML reads a text, not a key with a value",
		fix: "put a space after the colon",
		at: line.at,
		isPlain: true,
	};
}

function twoColons(line: Line): Explanation {
	return {
		code: "yaml-colon",
		message: "this line has a second colon",
		reason:
			"a line holds one key; a text with a colon and a space in it is quoted",
		fix: "put the text in quotes, or write key: { key: value }",
		at: line.at,
	};
}

function noColon(line: Line): Explanation {
	const wide = line.text.indexOf("：");
	if (wide >= 0)
		return {
			code: "yaml-colon",
			message: "this line has a full-width colon ：",
			reason: "YAML knows the colon : of ASCII only, with a space after it",
			fix: `write ${line.text.trim().replace(/：\s*/, ": ")}`,
			at: line.at,
		};
	return {
		code: "yaml-colon",
		message: "this line has no colon",
		reason: "a key with a value is expected here",
		fix: "write key: value",
		at: line.at,
	};
}

function indent(line: Line): Explanation {
	return {
		code: "yaml-indent",
		message: "this line belongs to nothing above it",
		reason: "keys of one map, and items of one list, begin in the same column",
		fix: "give it as many spaces as its neighbours have",
		at: line.at,
	};
}

function other({ message }: YAMLError): Explanation {
	const token = /token in YAML stream: "(.*)"$/.exec(message)?.[1];
	return {
		code: "yaml-syntax",
		message:
			token === undefined
				? lowerFirst(message)
				: /^[\]}]$/.test(token)
					? `this ${token} closes nothing`
					: "this cannot stand here",
		reason: "the text is not YAML from here on",
		fix: "look for a missing colon, comma, bracket or quote on this line or the one before",
	};
}

function lowerFirst(text: string): string {
	return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "");
}
