import type { Json } from "../../fingerprint.ts";

/** A value by dotted paths; lists of plain values, and choices without options, are values themselves. */
export function flatten(value: Json, path = ""): ReadonlyMap<string, Json> {
	if (typeof value !== "object" || value === null)
		return new Map([[path, value]]);
	const entries = Object.entries(value);
	const isPlainList =
		Array.isArray(value) &&
		value.every((one) => typeof one !== "object" || one === null);
	if (isPlainList || entries.length === 0) return new Map([[path, value]]);
	return new Map(
		entries.flatMap(([key, inside]) => [
			...flatten(inside as Json, path === "" ? key : `${path}.${key}`),
		]),
	);
}
