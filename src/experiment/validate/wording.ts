import { follow, forms, isChoice, keyNames, type Schema } from "../schema.ts";
import type { Tree } from "../yaml/tree.ts";

/** How values and what is expected of them are called in messages. */

/** "a number above 0", "sgd or adam", "a list of 2 numbers", "a map with until". */
export function expected(schema: Schema): string {
	const options = forms(schema).flatMap((form) =>
		form.enum === undefined ? [expectedForm(form)] : form.enum.map(String),
	);
	return joinOr([...new Set(options)]);
}

function expectedForm(form: Schema): string {
	switch (form.type) {
		case "object":
			return expectedMap(form);
		case "array":
			return expectedList(form);
		case "integer":
			return `a whole number${bounds(form)}`;
		case "number":
			return `a number${bounds(form)}`;
		case "boolean":
			return "true or false";
		case "null":
			return "null";
		default:
			if (form.format === "uri")
				return "an address that begins with http:// or https://";
			if (form.format === "remote") return "hf:owner/repository, an address";
			return form.format === "path" ? "a path" : "a text";
	}
}

function expectedMap(form: Schema): string {
	const names = keyNames(form);
	if (isChoice(form)) return `one of ${names.join(", ")} with its options`;
	if (names.length === 0)
		return form.additionalProperties === false
			? "no options"
			: "a map of names";
	const least = form.required ?? [];
	const shown = least.length > 0 ? least : names.slice(0, 4);
	return `a map with ${joinAnd(shown)}${least.length === 0 && names.length > 4 ? ", …" : ""}`;
}

function expectedList(form: Schema): string {
	const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = form;
	const item = follow(form.items ?? {});
	const count =
		minItems === maxItems
			? `${minItems} `
			: Number.isFinite(maxItems)
				? `${minItems} to ${maxItems} `
				: "";
	return `a list of ${count}${plural(item)}`;
}

function plural(item: Schema): string {
	if (item.title !== undefined) return `${item.title}s`;
	switch (item.type) {
		case "integer":
			return `whole numbers${bounds(item)}`;
		case "number":
			return `numbers${bounds(item)}`;
		case "string":
			return "texts";
		default:
			return "values";
	}
}

/** " from 0 to 1", " above 0", " of at least 1". */
function bounds(form: Schema): string {
	const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = form;
	const huge = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
	const low =
		minimum !== undefined
			? { word: "from", value: minimum }
			: exclusiveMinimum !== undefined
				? { word: "above", value: exclusiveMinimum }
				: undefined;
	const high =
		huge !== undefined
			? { word: "to", value: huge }
			: exclusiveMaximum !== undefined
				? { word: "below", value: exclusiveMaximum }
				: undefined;
	if (low === undefined)
		return high === undefined
			? ""
			: ` ${high.word === "to" ? "up to" : "below"} ${high.value}`;
	if (high === undefined)
		return low.word === "from"
			? ` of at least ${low.value}`
			: ` above ${low.value}`;
	if (low.word === "from" && high.word === "to")
		return ` from ${low.value} to ${high.value}`;
	return `${low.word === "from" ? ` of at least ${low.value}` : ` above ${low.value}`} and ${high.word === "to" ? "at most" : "below"} ${high.value}`;
}

/** What was written, for "… is X": `"ten"`, `a list`, `3`. */
export function received(tree: Tree): string {
	if (tree.kind === "map") return "a map";
	if (tree.kind === "list")
		return tree.items.length === 0 ? "an empty list" : "a list";
	if (typeof tree.value === "string") return JSON.stringify(tree.value);
	return tree.text === "" ? String(tree.value) : tree.text;
}

/** The word for the thing at a path: `"momentum"`, `item 2 of "betas"`. */
export function nameOf(path: readonly (string | number)[]): string {
	const last = path.at(-1);
	if (last === undefined) return "the experiment";
	if (typeof last === "string") return `"${last}"`;
	return `item ${last + 1} of ${nameOf(path.slice(0, -1))}`;
}

/** "a transform", "an optimizer". */
export function withArticle(noun: string): string {
	return `${/^[aeiou]/i.test(noun) ? "an" : "a"} ${noun}`;
}

/** "a, b or c". */
export function joinOr(words: readonly string[]): string {
	return join(words, "or");
}

/** "a, b and c". */
export function joinAnd(words: readonly string[]): string {
	return join(words, "and");
}

function join(words: readonly string[], last: string): string {
	if (words.length < 2) return words.join("");
	return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;
}
