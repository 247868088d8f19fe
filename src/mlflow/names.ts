import { sha256 } from "../fingerprint.ts";

/**
 * Keys as MLflow takes them: letters, digits, `_ - . space : /`, at most 250 characters, and a path without
 * empty, `.` or `..` parts. Anything else becomes `_x<code point in hex>_`, so that the key can be read back.
 */

const MOST = 250;

/** The key for the server; one that is too long keeps its beginning and gets a hash. */
export function toMlflowKey(key: string): string {
	const escaped = key
		// A literal escape is itself escaped, or it would be read back as what it spells.
		.replace(/_(?=x[0-9a-f]*_)/g, "_x5f_")
		.replace(/[^\p{L}\p{N}_\-. :/]/gu, spellOut)
		.split("/")
		.map((part, index, parts) => {
			if (part === "." || part === "..") return part.replace(/\./g, spellOut);
			// An empty part means a slash too many: at the beginning, at the end or twice.
			return part === "" && (parts.length > 1 || index === 0) ? EMPTY : part;
		})
		.join("/");
	if (escaped.length <= MOST) return escaped;
	const beginning = escaped.slice(0, MOST - 13);
	// Half a character at the cut would be refused.
	return `${beginning.replace(/\p{Surrogate}$/u, "")}-${hashOf(key)}`;
}

/**
 * A file's name as MLflow's server takes it, which refuses `#`, reads `%` as the beginning of a code and finds no
 * way to a name with a line break, and as its Python client asks for it again, which ends a name at `?`; by the same escapes as keys.
 */
export function toMlflowPath(path: string): string {
	return path
		.split("/")
		.map((part) => {
			const escaped = part
				.replace(/_(?=x[0-9a-f]*_)/g, "_x5f_")
				.replace(/[#?%\\\p{Cc}\p{Surrogate}]/gu, spellOut);
			if (part === "." || part === "..") return part.replace(/\./g, spellOut);
			return part === "" ? EMPTY : shortened(escaped, part);
		})
		.join("/");
}

/** Bytes of a name in most file systems. */
const LONGEST_PART = 255;

/** A part that is too long: its beginning, the hash of the whole, and what comes after the last dot. */
function shortened(escaped: string, part: string): string {
	if (Buffer.byteLength(escaped) <= LONGEST_PART) return escaped;
	const extension = /\.\w{1,10}$/.exec(escaped)?.[0] ?? "";
	const end = `-${hashOf(part)}${extension}`;
	const bytes = Buffer.from(escaped).subarray(0, LONGEST_PART - end.length);
	return `${bytes.toString("utf8").replace(/\ufffd+$/, "")}${end}`;
}

function hashOf(text: string): string {
	return sha256(Buffer.from(text)).slice(0, 12);
}

/** Without halves of characters, which no UTF-8 can hold: the server drops the whole request for one. */
export function wellFormed(text: string): string {
	return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** What toMlflowKey was given, unless that was too long. */
export function fromMlflowKey(key: string): string {
	return key
		.split("/")
		.map((part) => (part === EMPTY ? "" : part))
		.join("/")
		.replace(/_x([0-9a-f]+)_/g, (_, hex: string) =>
			String.fromCodePoint(Number.parseInt(hex, 16)),
		);
}

/** Stands for an empty part of a path; no character has this code. */
const EMPTY = "_x_";

function spellOut(character: string): string {
	return `_x${(character.codePointAt(0) as number).toString(16)}_`;
}
