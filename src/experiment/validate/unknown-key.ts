import {
	follow,
	forms,
	isChoice,
	keyNames,
	mapForm,
	type Schema,
} from "../schema.ts";
import { editDistance, nearest, synonymOf } from "../suggest.ts";
import { inline } from "../yaml/inline.ts";
import { lineOf } from "../yaml/source.ts";
import { type MapTree, plainValue } from "../yaml/tree.ts";
import { keyHomes } from "./key-homes.ts";
import type { Check, Fault } from "./validate-report.ts";
import { joinAnd, nameOf, withArticle } from "./wording.ts";

/** What to say about a key that a map does not have. */
export function unknownKey(
	place: Check & { readonly tree: MapTree },
	form: Schema,
	key: string,
): Fault & { readonly endsHere?: boolean } {
	const { tree, path, schema } = place;
	const names = keyNames(form);
	const { title } = follow(schema);
	const isNamed = isChoice(form) && title !== undefined;
	const fault = {
		code: "unknown-key",
		message: isNamed
			? `"${key}" is not ${withArticle(title)}`
			: path.length === 0
				? `"${key}" is not a key of an experiment file`
				: `"${key}" is not an option of ${nameOf(path)}`,
		reason: isNamed
			? `${title}s are ${joinAnd(names)}`
			: names.length === 0
				? `${nameOf(path)} has no options`
				: `${path.length === 0 ? "an experiment file" : nameOf(path)} accepts ${names.join(", ")}`,
	};
	const quoted = inQuotes(place, key);
	if (quoted !== undefined) return { ...fault, fix: quoted };
	const inList = itemOfList(place, key);
	if (inList !== undefined) return { ...fault, fix: inList, endsHere: true };
	const near = nearest(key, names);
	const home = homeOf(key, path, near);
	if (home !== undefined) return { ...fault, ...home };
	if (near === undefined)
		return {
			...fault,
			fix:
				names.length === 0
					? `remove "${key}"`
					: `remove it, or see "graft help ${path.filter((step) => typeof step === "string").at(-1) ?? names[0]}"`,
		};
	const here = tree.entries.get(key)?.key;
	const given = tree.entries.get(near)?.key;
	if (given !== undefined && given.source === here?.source)
		return {
			...fault,
			fix: `"${near}" is already given on line ${lineOf(given)}; remove this one`,
			suggestion: near,
		};
	return { ...fault, fix: `did you mean "${near}"?`, suggestion: near };
}

/** `--set model.replace.classifier.6.Linear=2`: the name of a layer that has dots in it. */
function inQuotes(
	{ tree, path }: Check & { readonly tree: MapTree },
	key: string,
): string | undefined {
	const isSet = tree.entries.get(key)?.key?.source.from === "set";
	if (!isSet || path[1] !== "replace" || path.length !== 3) return undefined;
	return `put a name with dots in it in quotes: --set 'model.replace."${path[2]}.${key}"…'`;
}

/** `transforms: { Resize: 256 }`: what should be an item of a list. */
function itemOfList(
	{ schema, tree }: Check & { readonly tree: MapTree },
	key: string,
): string | undefined {
	const list = forms(schema).find(({ type }) => type === "array");
	const item = list?.items === undefined ? undefined : mapForm(list.items);
	if (item === undefined || !isChoice(item) || !keyNames(item).includes(key))
		return undefined;
	const value = tree.entries.get(key)?.value;
	const written =
		value === undefined || plainValue(value) === null
			? key
			: `${key}: ${inline(plainValue(value))}`;
	return `write a list: "- ${written}", and "- " before each one after it`;
}

/** A word that is no slip of a name here, but a key elsewhere: `momentum` beside `optimizer`. */
function homeOf(
	key: string,
	path: readonly (string | number)[],
	near: string | undefined,
): Pick<Fault, "fix" | "suggestion"> | undefined {
	const homes = keyHomes();
	const elsewhere = homes.has(key) ? key : synonymOf(key, [...homes.keys()]);
	if (elsewhere === undefined) return undefined;
	if (near !== undefined && (elsewhere !== key || editDistance(key, near) < 2))
		return undefined;
	const owners = homes.get(elsewhere) ?? [];
	const here = path.filter((step) => typeof step === "string").join(".");
	const others = owners.filter((owner) => owner !== here);
	if (others.length === 0 || others.length > 3) return undefined;
	const places = others.map((owner) =>
		owner === "" ? "the top level of the file" : `"${owner}"`,
	);
	return {
		fix: `"${elsewhere}" belongs in ${places.join(" or ")}`,
		suggestion: elsewhere,
	};
}
