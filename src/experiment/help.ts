import type { CodeEntry } from "./codes/entry.ts";
import { codes } from "./codes.ts";
import {
	experimentSchema,
	follow,
	forms,
	isChoice,
	keyNames,
	mapForm,
	type Schema,
} from "./schema.ts";
import { expected } from "./validate/wording.ts";
import { inline } from "./yaml/inline.ts";

/** A key of the experiment file, with the map it stands in. */
interface Key {
	/** Dotted, without numbers of list items: `transforms.Resize.size`. */
	readonly path: string;
	readonly name: string;
	readonly schema: Schema;
	readonly owner: Schema;
}

/**
 * What `graft help WORD` says: of a key by its name (`momentum`), its dotted path or the end of one
 * (`sgd.momentum`), of a transform or layer by its name, of an error by its code. Undefined where there
 * is none; `helpIndex` lists what there is.
 */
export function helpFor(word: string): string | undefined {
	const entry = Object.hasOwn(codes, word) ? codes[word] : undefined;
	if (entry !== undefined) return codeHelp(word, entry);
	const wanted = shortened(word.replace(/\.\d+(?=\.|$)/g, ""));
	const keys = allKeys();
	const exact = keys.filter(({ path }) => path === wanted);
	const found =
		exact.length > 0
			? exact
			: keys.filter(({ path }) => `.${path}`.endsWith(`.${wanted}`));
	if (found.length === 0) return undefined;
	const pages = new Map<string, string[]>();
	for (const key of found) {
		const page = keyHelp(key).join("\n");
		pages.set(page, [...(pages.get(page) ?? []), key.path]);
	}
	return [...pages]
		.map(([page, paths]) => `${[...new Set(paths)].join("\n")}\n${page}\n`)
		.join("\n");
}

/** Every word that `helpFor` knows: names and dotted paths of keys, transforms, layers and codes. */
export function helpIndex(): readonly string[] {
	const keys = allKeys();
	return [
		...new Set([
			...keys.map(({ name }) => name),
			...keys.map(({ path }) => path),
			...Object.keys(codes),
		]),
	];
}

let known: readonly Key[] | undefined;

function allKeys(): readonly Key[] {
	known ??= collect(experimentSchema, "");
	return known;
}

/** Transforms inside RandomApply are those of the list itself, and what a phase may say is what `train` may. */
function collect(schema: Schema, path: string): readonly Key[] {
	if (/^(transforms\.RandomApply|train\.phases)\./.test(path)) return [];
	return forms(schema).flatMap((form) => {
		const inside = form.items ?? form.additionalProperties;
		if (typeof inside === "object")
			return path.endsWith(".RandomApply") ? [] : collect(inside, path);
		return keyNames(form).flatMap((name) => {
			const member = form.properties?.[name] as Schema;
			const here = shortened(path === "" ? name : `${path}.${name}`);
			const key = { path: here, name, schema: member, owner: form };
			return [key, ...collect(member, here)];
		});
	});
}

/** transforms.train.Resize and transforms.Resize are one. */
function shortened(path: string): string {
	return path.replace(/^transforms\.(train|eval)\.(?=.)/, "transforms.");
}

/** What is said below the path; equal pages are shown once. */
function keyHelp({ name, schema, owner }: Key): string[] {
	const whole = follow(schema);
	const lines = [
		...wrap(whole.description ?? "", 2),
		"",
		`  value    ${expected(schema)}`,
		`  default  ${defaultText(name, whole, owner)}`,
		...(whole.examples ?? []).map(
			(example, index) =>
				`  ${index === 0 ? "write  " : "or     "}  ${name}: ${inline(example)}`,
		),
	];
	const map = mapForm(schema);
	if (map !== undefined && keyNames(map).length > 0)
		lines.push("", ...optionLines(map));
	return lines;
}

function defaultText(name: string, schema: Schema, owner: Schema): string {
	if (schema.default !== undefined) return inline(schema.default);
	if (schema["x-default"] !== undefined) return schema["x-default"];
	if (isChoice(owner)) return "none: one of several is chosen";
	return owner.required?.includes(name) ? "none: it must be given" : "none";
}

/** The keys of a map, one a line, with the first sentence of each. */
function optionLines(map: Schema): string[] {
	const names = keyNames(map);
	const width = Math.max(...names.map(({ length }) => length));
	return names.flatMap((name) => {
		const { description = "" } = follow(map.properties?.[name] as Schema);
		const [first = ""] = description.split(/(?<=\.)\s/);
		return wrap(first, 4 + width).map((line, index) =>
			index === 0 ? `  ${name.padEnd(width)}  ${line.trimStart()}` : line,
		);
	});
}

function codeHelp(code: string, entry: CodeEntry): string {
	const lines = [
		code,
		...wrap(entry.title, 2),
		"",
		...wrap(entry.explanation, 2),
	];
	for (const [label, text] of [
		["wrong", entry.wrong],
		["right", entry.right],
	] as const)
		if (text !== undefined)
			lines.push(
				"",
				`  ${label}`,
				...text.split("\n").map((line) => `    ${line}`),
			);
	return `${lines.join("\n")}\n`;
}

/** Words on lines of at most 100 columns, indented. */
function wrap(text: string, indent: number): string[] {
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(" ")) {
		if (line !== "" && indent + line.length + 1 + word.length > 100) {
			lines.push(line);
			line = word;
		} else line = line === "" ? word : `${line} ${word}`;
	}
	return [...lines, line].map((each) => `${" ".repeat(indent)}${each}`);
}
