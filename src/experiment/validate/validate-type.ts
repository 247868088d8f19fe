import { follow, forms, keySchema, mapForm, type Schema } from "../schema.ts";
import { nearest } from "../suggest.ts";
import { inline } from "../yaml/inline.ts";
import { isNull, plainValue, type Tree } from "../yaml/tree.ts";
import {
	accepts,
	booleanMeant,
	listInstead,
	numberMeant,
} from "./validate-hints.ts";
import { type Check, type Fault, report } from "./validate-report.ts";
import { meaning, optionNames } from "./validate-scalar.ts";
import { expected, nameOf, received } from "./wording.ts";

/** Reports a value of a shape that none of the schema's forms has: a list for a number, a text for a map. */
export function wrongType(place: Check): void {
	const { tree, schema, path } = place;
	const wanted = expected(schema);
	const name = path.length === 0 ? "the experiment" : nameOf(path);
	const message = !isNull(tree)
		? `${name} is ${received(tree)}, expected ${wanted}`
		: mayBeEmpty(schema)
			? `${name} has a colon, but nothing after it`
			: `${name} has no value, expected ${wanted}`;
	report(place, {
		code: "wrong-type",
		message,
		...meaning(schema),
		...(remedy(place) ?? { fix: `write ${wanted}` }),
	});
}

/** The fix, where what was meant can be told from what was written. */
function remedy(
	place: Check,
): Pick<Fault, "fix" | "suggestion" | "reason"> | undefined {
	const { tree, schema } = place;
	if (isNull(tree)) return byExample(place);
	if (tree.kind === "scalar") {
		const meant = scalarMeant(place);
		if (meant !== undefined) return meant;
	}
	const asList = listInstead(place);
	if (asList !== undefined) return { fix: asList };
	if (tree.kind === "list") return forList(place, tree.items, schema);
	const isMapWanted = forms(schema).every(({ type }) => type === "object");
	return isMapWanted ? byExample(place) : undefined;
}

function byExample(place: Check): Pick<Fault, "fix"> {
	const { schema, path } = place;
	const key = path.findLast((step) => typeof step === "string");
	const whole = follow(schema);
	const example = whole.default ?? whole.examples?.[0];
	if (example === undefined) return { fix: `write ${expected(schema)}` };
	return {
		fix: mayBeEmpty(schema)
			? `write "${key}" without the colon, or "${key}: {}"`
			: `write for example ${key}: ${inline(example)}`,
	};
}

/** Whether a name may stand without options: `- ToTensor`. */
function mayBeEmpty(schema: Schema): boolean {
	const [example] = follow(schema).examples ?? [];
	return example !== undefined && inline(example) === "{}";
}

function scalarMeant(
	place: Check,
): Pick<Fault, "fix" | "suggestion" | "reason"> | undefined {
	const { tree, schema } = place;
	const value = plainValue(tree);
	const text = String(value);
	const types = new Set(forms(schema).map(({ type }) => type));
	if (typeof value === "string" && types.has("boolean")) {
		const meant = booleanMeant(value);
		if (meant !== undefined)
			return {
				reason: `"${value}" is a text in YAML 1.2; true and false are the only words for yes and no`,
				fix: `write ${meant}`,
				suggestion: String(meant),
			};
	}
	if (
		typeof value === "string" &&
		(types.has("number") || types.has("integer"))
	) {
		const meant = numberMeant(value);
		if (meant !== undefined)
			return {
				reason: "this is a text, not a number",
				fix:
					text === String(meant)
						? `write ${meant} without quotes`
						: `write ${meant}`,
				suggestion: String(meant),
			};
	}
	const form = typeof value === "number" ? mapForm(schema) : undefined;
	const [only, ...others] = form?.required ?? [];
	// A number in place of a map of one number: `features: 0.5` for { depth: 0.5 }.
	if (form !== undefined && only !== undefined && others.length === 0)
		if (accepts(place, tree, keySchema(form, only) ?? {}))
			return { fix: `write { ${only}: ${text} }` };
	if (typeof value !== "string" && types.has("string"))
		return { fix: `put it in quotes: "${(tree as { text: string }).text}"` };
	const near = nearest(text, optionNames(schema));
	return near === undefined
		? undefined
		: { fix: `did you mean "${near}"?`, suggestion: near };
}

function forList(
	place: Check,
	items: readonly Tree[],
	schema: Schema,
): Pick<Fault, "fix"> | undefined {
	const [only] = items;
	if (items.length === 1 && only !== undefined && accepts(place, only, schema))
		return { fix: `write ${inline(plainValue(only))} without the list` };
	if (forms(schema).some(({ type }) => type === "object"))
		return { fix: 'take the "- " away: write key: value' };
	return undefined;
}
