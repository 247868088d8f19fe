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
	return `${escaped.slice(0, MOST - 13)}-${sha256(Buffer.from(key)).slice(0, 12)}`;
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
