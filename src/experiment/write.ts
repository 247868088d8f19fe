import type { Json } from "../fingerprint.ts";
import type { Experiment, Transform } from "./types.ts";
import { inline } from "./yaml/inline.ts";

/**
 * An experiment as a file that gives the same experiment again, in the user's own syntax: every
 * shorthand written out, every default there, every path absolute.
 */
export function toYaml(experiment: Experiment): string {
	return `${block(toFile(experiment) as { [key: string]: Json }, "").join("\n")}\n`;
}

/** The plain data of such a file: transforms as `{ Resize: { … } }`. */
function toFile(experiment: Experiment): Json {
	const { transforms, ...rest } = experiment;
	const lists = {
		train: transforms.train.map(writtenTransform),
		eval: transforms.eval.map(writtenTransform),
	};
	const plain: Record<string, unknown> = {};
	for (const [key, value] of Object.entries(rest)) {
		if (key === "model") plain.transforms = lists;
		if (value !== undefined) plain[key] = value;
	}
	return plain as Json;
}

function writtenTransform({ name, params }: Transform): Json {
	const nested = params.transforms as readonly Transform[] | undefined;
	const written =
		nested === undefined
			? params
			: { ...params, transforms: nested.map(writtenTransform) };
	return Object.keys(written).length === 0
		? name
		: { [name]: written as { [key: string]: Json } };
}

/** Sections and their keys on lines of their own, what is inside them on one. */
function block(
	map: { readonly [key: string]: Json },
	indent: string,
): string[] {
	return Object.entries(map).flatMap(([key, value]) => {
		const name = `${indent}${inline(key)}:`;
		if (Array.isArray(value) && value.some((item) => typeof item === "object"))
			return [
				name,
				...value.map((item: Json) => `${indent}  - ${itemText(item)}`),
			];
		if (isMap(value) && indent.length < 2 && Object.keys(value).length > 0)
			return [name, ...block(value, `${indent}  `)];
		return [`${name} ${inline(value)}`];
	});
}

/** `- Resize: { size: 256 }` rather than `- { Resize: { size: 256 } }`. */
function itemText(item: Json): string {
	if (!isMap(item) || Object.keys(item).length !== 1) return inline(item);
	const [[name, params] = ["", null]] = Object.entries(item);
	return `${inline(name)}: ${inline(params)}`;
}

function isMap(value: Json | undefined): value is { [key: string]: Json } {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
