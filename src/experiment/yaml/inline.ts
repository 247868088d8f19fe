import type { Json } from "../../fingerprint.ts";

/** A value on one line, as a person writes it in YAML: `{ size: [224, 224] }`, `sgd`, `"1e3"`. */
export function inline(value: Json): string {
	if (typeof value === "string") return inlineText(value);
	if (value === null || typeof value !== "object") return inlineNumber(value);
	if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
	const members = Object.entries(value as Record<string, Json>).map(
		([key, member]) => `${inlineText(key)}: ${inline(member)}`,
	);
	return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function inlineNumber(value: number | boolean | null): string {
	return value === null ? "null" : String(value);
}

/** Quoted where YAML, or YAML 1.1, would read something else than this text. */
function inlineText(text: string): string {
	const isPlain =
		/^[\p{L}_./\\(][\p{L}\p{N}_./\\ *+()-]*$/u.test(text) &&
		!/\s$/.test(text) &&
		!/^(true|false|null|yes|no|on|off|y|n|~|\.inf|\.nan|\.\d.*)$/i.test(text);
	return isPlain ? text : JSON.stringify(text);
}
