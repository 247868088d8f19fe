import { createHash } from "node:crypto";

/**
 * Every cache key and run id of Graft is made here, from plain data.
 *
 * Two values have one fingerprint exactly when their canonical JSON is the same text:
 * keys sorted by code unit, no white space, `undefined` members left out.
 */

/** Plain data; members that are undefined count as left out. */
export type Json =
	| null
	| boolean
	| number
	| string
	| readonly Json[]
	| { readonly [key: string]: Json | undefined };

/**
 * JSON with sorted keys.
 * @throws Error "internal:" on NaN and infinities, which JSON cannot tell apart.
 */
export function canonicalJson(value: Json): string {
	if (typeof value === "number" && !Number.isFinite(value)) {
		throw new Error(`internal: ${value} has no canonical JSON`);
	}
	if (value === null || typeof value !== "object") return JSON.stringify(value);
	if (Array.isArray(value))
		return `[${value.map((item: Json) => canonicalJson(item)).join(",")}]`;
	const record = value as { readonly [key: string]: Json | undefined };
	const members = Object.keys(record)
		.filter((key) => record[key] !== undefined)
		.sort()
		.map(
			(key) => `${JSON.stringify(key)}:${canonicalJson(record[key] as Json)}`,
		);
	return `{${members.join(",")}}`;
}

/** sha256 of the canonical JSON, 64 lower-case hex digits. */
export function fingerprint(value: Json): string {
	return sha256(canonicalJson(value));
}

/** sha256 of bytes or of a UTF-8 text, 64 lower-case hex digits. */
export function sha256(bytes: Uint8Array | string): string {
	return createHash("sha256").update(bytes).digest("hex");
}
