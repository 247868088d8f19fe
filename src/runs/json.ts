/**
 * JSON for journals and machines: NaN and infinities, which JSON lacks, are written as the strings
 * "NaN", "Infinity" and "-Infinity" (a diverged loss must not read as null).
 */

/** One line of JSON, no white space. */
export function encodeJson(value: unknown, indent?: number): string {
	return JSON.stringify(value, nameNonFinite, indent);
}

function nameNonFinite(_key: string, value: unknown): unknown {
	return typeof value === "number" && !Number.isFinite(value)
		? String(value)
		: value;
}

/** A number as encodeJson wrote it; undefined for anything else. */
export function decodeNumber(value: unknown): number | undefined {
	if (typeof value === "number") return value;
	if (value === "NaN" || value === "Infinity" || value === "-Infinity")
		return Number(value);
	return undefined;
}
