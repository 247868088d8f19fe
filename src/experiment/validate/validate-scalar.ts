import {
	follow,
	forms,
	isChoice,
	keyNames,
	keySchema,
	mapForm,
	type Schema,
} from "../schema.ts";
import { nearest } from "../suggest.ts";
import { inline } from "../yaml/inline.ts";
import type { ScalarTree } from "../yaml/tree.ts";
import { listInstead } from "./validate-hints.ts";
import type { Check, Fault } from "./validate-report.ts";
import { expected, joinAnd, joinOr, nameOf, withArticle } from "./wording.ts";

/** A place whose value is a scalar. */
type ScalarCheck = Check & { readonly tree: ScalarTree };

/** What is wrong with a scalar whose type fits a form; undefined when nothing is. */
export function scalarFault(
	place: ScalarCheck,
	form: Schema,
): Fault | undefined {
	const { value } = place.tree;
	if (form.enum !== undefined)
		return form.enum.includes(value as string)
			? undefined
			: notAnOption(place, String(value));
	if (typeof value === "string") return textFault(place, value, form);
	if (typeof value === "number") return numberFault(place, value, form);
	return undefined;
}

function textFault(
	place: ScalarCheck,
	value: string,
	form: Schema,
): Fault | undefined {
	if (value.length < (form.minLength ?? 0))
		return {
			code: "bad-value",
			message: `${nameOf(place.path)} is an empty text, expected ${expected(place.schema)}`,
			...meaning(place.schema),
		};
	if (form.pattern !== undefined && !new RegExp(form.pattern).test(value))
		return notAnOption(place, value);
	return undefined;
}

function numberFault(
	place: ScalarCheck,
	value: number,
	form: Schema,
): Fault | undefined {
	const inRange =
		Number.isFinite(value) &&
		(form.type !== "integer" || Number.isInteger(value)) &&
		value >= (form.minimum ?? Number.NEGATIVE_INFINITY) &&
		value <= (form.maximum ?? Number.POSITIVE_INFINITY) &&
		value > (form.exclusiveMinimum ?? Number.NEGATIVE_INFINITY) &&
		value < (form.exclusiveMaximum ?? Number.POSITIVE_INFINITY);
	if (inRange) return undefined;
	const tooLarge =
		form.type === "integer" &&
		Number.isFinite(value) &&
		value > Number.MAX_SAFE_INTEGER;
	const wanted = `${expected(place.schema)}${tooLarge ? ` and at most ${Number.MAX_SAFE_INTEGER}` : ""}`;
	return {
		code: "bad-value",
		message: `${nameOf(place.path)} is ${place.tree.text}, expected ${wanted}`,
		...(Number.isFinite(value)
			? meaning(place.schema)
			: { reason: "every number of an experiment is finite" }),
		fix: `write ${wanted}`,
	};
}

/** A text or number that is none of the allowed ones. */
function notAnOption(place: ScalarCheck, word: string): Fault {
	const { schema, path } = place;
	const choice = choiceForm(schema);
	if (choice !== undefined && keyNames(choice).includes(word))
		return needsOptions(word, choice);
	const names = optionNames(schema);
	const { name = word, options = "" } = CALL.exec(word)?.groups ?? {};
	const near = nearest(word, names) ?? nearest(name, names);
	const { title } = follow(schema);
	return {
		code: "bad-value",
		...(title === undefined
			? {
					message: `"${word}" is not a value of ${nameOf(path)}`,
					reason: `${nameOf(path)} accepts ${expected(schema)}`,
				}
			: {
					message: `"${word}" is not ${withArticle(title)}`,
					reason: `${title}s are ${joinAnd(names)}`,
				}),
		fix:
			near === undefined
				? (listInstead(place) ??
					onnxInstead(word, schema) ??
					`write ${expected(schema)}`)
				: options !== "" && choice !== undefined
					? `write ${near}: ${optionsAsYaml(options)}`
					: `did you mean "${near}"?`,
		...(near === undefined ? {} : { suggestion: near }),
	};
}

/** As Python says it: `T.Resize(256)`, `torch.optim.SGD`, and `Resize 256`. */
const CALL = /^(?:\w+\.)*(?<name>\w+)\s*(?:[ =(]\s*(?<options>.*?)\)?)?$/;

/** `256`, or `(224, 224), antialias=True` as `{ … }`. */
function optionsAsYaml(options: string): string {
	const yaml = options
		.replace(/\(/g, "[")
		.replace(/\)/g, "]")
		.replace(/\b(True|False)\b/g, (word) => word.toLowerCase())
		.replace(/\bNone\b/g, "null");
	return yaml.includes("=") ? `{ ${yaml.replace(/\s*=\s*/g, ": ")} }` : yaml;
}

/** The names a scalar may be: of an enum, or of a choice. */
export function optionNames(schema: Schema): readonly string[] {
	const choice = choiceForm(schema);
	if (choice !== undefined) return keyNames(choice);
	return forms(schema)
		.flatMap((form) => form.enum ?? [])
		.map(String);
}

function choiceForm(schema: Schema): Schema | undefined {
	const form = mapForm(schema);
	return form !== undefined && isChoice(form) ? form : undefined;
}

/** `Resize` alone, which needs a size. */
function needsOptions(word: string, choice: Schema): Fault {
	const schema = follow(keySchema(choice, word) as Schema);
	const needed = mapForm(schema)?.required ?? [];
	const [example] = schema.examples ?? [];
	return {
		code: "missing-key",
		message: `"${word}" needs ${joinOr(needed.map((name) => `"${name}"`))}`,
		...meaning(schema),
		fix: `write ${word}: ${example === undefined ? "…" : inline(example)}`,
	};
}

function onnxInstead(word: string, schema: Schema): string | undefined {
	const form = mapForm(schema);
	return word.endsWith(".onnx") && form?.properties?.onnx !== undefined
		? `write { onnx: ${inline(word)}, preprocess: { mean: [...], std: [...] } }`
		: undefined;
}

/** What a key is for, as the reason of an error: the first sentence of its description. */
export function meaning(schema: Schema): { reason?: string } {
	const { description } = follow(schema);
	if (description === undefined) return {};
	return { reason: description.replace(/[.:;] .*$|\.$/s, "") };
}
