import { forms, type Schema } from "../schema.ts";
import { inline } from "../yaml/inline.ts";
import type { Tree } from "../yaml/tree.ts";
import { plainValue } from "../yaml/tree.ts";
import type { Check } from "./validate-report.ts";

/** Whether a value would be right under another part of the schema. */
export function accepts(place: Check, tree: Tree, schema: Schema): boolean {
	const found: Check["found"] = [];
	place.check({ ...place, tree, schema, found });
	return found.length === 0;
}

/** "write [x]", where the value alone stands for a list of it. */
export function listInstead(place: Check): string | undefined {
	const list = forms(place.schema).find(
		(form) => form.type === "array" && (form.minItems ?? 0) <= 1,
	);
	if (list?.items === undefined || !accepts(place, place.tree, list.items))
		return undefined;
	return `write it as a list: [${inline(plainValue(place.tree))}]`;
}

/**
 * The number that a text means which YAML does not read as one: "0.1" in quotes, 1_000, 20%, 1/255.
 * Undefined when it means none.
 */
export function numberMeant(text: string): number | undefined {
	const plain = text.trim().replaceAll("_", "");
	const fraction = /^([\d.]+)\s*\/\s*([\d.]+)$/.exec(plain);
	const value = fraction
		? Number(fraction[1]) / Number(fraction[2])
		: plain.endsWith("%")
			? Number(plain.slice(0, -1)) / 100
			: plain === ""
				? Number.NaN
				: Number(plain.replace(/^(\d+),(\d+)$/, "$1.$2"));
	return Number.isFinite(value) ? Number(value.toPrecision(12)) : undefined;
}

/** What YAML 1.1 reads as true and false, and YAML 1.2 as texts. */
export function booleanMeant(text: string): boolean | undefined {
	const word = text.toLowerCase();
	if (["yes", "y", "on", "true", "1"].includes(word)) return true;
	if (["no", "n", "off", "false", "0"].includes(word)) return false;
	return undefined;
}
