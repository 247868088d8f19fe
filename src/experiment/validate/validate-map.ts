import {
	follow,
	isChoice,
	keyNames,
	keySchema,
	mapForm,
	type Schema,
} from "../schema.ts";
import { inline } from "../yaml/inline.ts";
import { isLong } from "../yaml/source.ts";
import { isNull, type MapTree } from "../yaml/tree.ts";
import { unknownKey } from "./unknown-key.ts";
import { type Check, report } from "./validate-report.ts";
import { meaning } from "./validate-scalar.ts";
import { joinAnd, joinOr, nameOf, withArticle } from "./wording.ts";

/** A place whose value is a map. */
type MapCheck = Check & { readonly tree: MapTree };

/** Compares a map with the map form of the schema: unknown and missing keys, then each value. */
export function checkMap(place: MapCheck, form: Schema): void {
	const { tree } = place;
	if (isChoice(form) && !checkChoice(place, form)) return;
	if (!isChoice(form) && tree.entries.size < (form.minProperties ?? 0)) {
		report(place, {
			code: "bad-value",
			message: `${nameOf(place.path)} is an empty map`,
			...meaning(place.schema),
			fix: "write at least one key, or leave it out",
		});
		return;
	}
	const suggested = new Set<string>();
	for (const [key, { key: at }] of tree.entries) {
		if (keySchema(form, key) !== undefined) continue;
		const fault = unknownKey(place, form, key);
		if (fault.suggestion !== undefined) suggested.add(fault.suggestion);
		report(place, fault, at);
		if (fault.endsHere) return;
	}
	reportMissing(place, form, suggested);
	const demanded = demandedInside(
		form,
		(key) => tree.entries.has(key) || suggested.has(key),
	);
	for (const [key, entry] of tree.entries) {
		const member = keySchema(form, key);
		if (member === undefined) continue;
		const schema = { ...member, ...demanded[key] };
		const { value } = entry;
		place.check({
			...place,
			tree: value,
			schema,
			path: [...place.path, key],
			parent: tree,
			at: isNull(value) || isLong(value.at) ? entry.key : value.at,
		});
	}
}

/** Whether a choice holds one name; says what is wrong when it does not. */
function checkChoice(place: MapCheck, form: Schema): boolean {
	const { tree, path, schema } = place;
	const names = keyNames(form);
	const keys = [...tree.entries.keys()];
	const title = follow(schema).title ?? "choice";
	if (keys.length === 0) {
		report(place, {
			code: "missing-key",
			message: `${nameOf(path)} is an empty map, expected ${withArticle(title)}`,
			reason: `${title}s are ${joinAnd(names)}`,
			fix: `write one of them`,
		});
		return false;
	}
	if (keys.length === 1) return true;
	const [first = ""] = keys.filter((key) => names.includes(key));
	const outside = keys.find((key) => key !== first) as string;
	const at = tree.entries.get(outside)?.key;
	if (first === "") return namedChoice(place, names, title);
	const inside = mapForm(keySchema(form, first) as Schema);
	const value = tree.entries.get(first)?.value;
	if (
		value !== undefined &&
		isNull(value) &&
		inside !== undefined &&
		keySchema(inside, outside) !== undefined
	) {
		report(
			place,
			{
				code: "wrong-indent",
				message: `"${outside}" stands beside "${first}", not inside it`,
				reason: `"${outside}" is an option of "${first}"`,
				fix: `indent it by two more spaces, or write ${first}: { ${outside}: … }`,
			},
			at,
		);
		return false;
	}
	report(
		place,
		names.includes(outside)
			? {
					code: "two-choices",
					message: `"${first}" and "${outside}" are given together, expected one ${title}`,
					fix:
						typeof path.at(-1) === "number"
							? `put "- " before "${outside}" to make it an item of its own`
							: "remove one of the two",
				}
			: unknownKey(place, form, outside),
		at,
	);
	return false;
}

/** `{ name: sgd, momentum: 0.9 }`, as other programs write a choice. */
function namedChoice(
	place: MapCheck,
	names: readonly string[],
	title: string,
): boolean {
	const { tree } = place;
	for (const key of ["name", "type", "kind", "_target_"]) {
		const entry = tree.entries.get(key);
		const value = entry?.value;
		if (value?.kind !== "scalar" || !names.includes(String(value.value)))
			continue;
		report(
			place,
			{
				code: "unknown-key",
				message: `"${key}" is not ${withArticle(title)}`,
				reason: `the name of the ${title} is itself the key, with its options inside`,
				fix: `write { ${value.value}: { … } }`,
			},
			entry?.key,
		);
		return false;
	}
	return true;
}

function reportMissing(
	place: MapCheck,
	form: Schema,
	suggested: ReadonlySet<string>,
): void {
	const { tree, path } = place;
	// A misspelt `extends` would have brought keys that are not here.
	if (suggested.has("extends")) return;
	const has = (key: string) => tree.entries.has(key) || suggested.has(key);
	const owner = nameOf(path);
	for (const key of form.required ?? []) {
		if (has(key)) continue;
		report(place, {
			code: "missing-key",
			message: `${owner} needs "${key}"`,
			...meaning(form.properties?.[key] ?? {}),
			fix: `add ${key}: ${exampleOf(form, key)}`,
		});
	}
	for (const [key, needed] of Object.entries(form.dependentRequired ?? {})) {
		const missing = needed.filter((other) => !has(other));
		if (!tree.entries.has(key) || missing.length === 0) continue;
		report(
			place,
			{
				code: "missing-key",
				message: `${owner} has "${key}" but no ${joinAnd(missing.map((name) => `"${name}"`))}`,
				reason: `"${key}" says nothing without ${missing.length === 1 ? "it" : "them"}`,
				fix: `add ${missing.map((name) => `${name}: ${exampleOf(form, name)}`).join(" and ")}`,
			},
			tree.entries.get(key)?.key,
		);
		return;
	}
	const oneOf = form.anyOf ?? [];
	const fits = oneOf.find(({ required = [] }) => required.every(has));
	if (oneOf.length > 0 && fits === undefined) {
		const keys = oneOf.flatMap(({ required = [] }) => required);
		report(place, {
			code: "missing-key",
			message: `${owner} needs ${joinOr(keys.map((key) => `"${key}"`))}`,
			...meaning(form.properties?.[keys[0] ?? ""] ?? {}),
			fix: `add ${keys[0]}: ${exampleOf(form, keys[0] ?? "")}`,
		});
	}
}

/**
 * What a map asks for inside its keys, where each alternative that it fits does: `model` needs a backbone unless there
 * is a `strategy`, which brings one.
 */
function demandedInside(
	{ anyOf = [] }: Schema,
	has: (key: string) => boolean,
): Readonly<Record<string, Pick<Schema, "required">>> {
	const fits = anyOf.filter(({ required = [] }) => required.every(has));
	return fits.every(({ properties }) => properties !== undefined)
		? (fits[0]?.properties ?? {})
		: {};
}

/** How a key may be written: its first example. */
function exampleOf(form: Schema, key: string): string {
	const schema = follow(form.properties?.[key] ?? {});
	const [example] = schema.examples ?? [];
	return example === undefined ? "…" : inline(example);
}
