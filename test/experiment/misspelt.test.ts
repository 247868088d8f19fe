import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import test from "node:test";
import { isMap, isPair, isScalar, parseDocument, visit } from "yaml";
import { loadExperiment } from "../../src/experiment/load.ts";
import {
	experimentSchema,
	forms,
	keyNames,
} from "../../src/experiment/schema.ts";
import { packageRoot } from "../../src/paths.ts";
import { random } from "../../src/random.ts";
import { temporaryFolder } from "./support.ts";

/** Every key of every example file, misspelt in several ways: each must be caught at its place. */

const root = packageRoot();
const files = ["experiments", "test/experiment/fixtures/every-key"].flatMap(
	(folder) => filesOf(join(root, folder)),
);

function filesOf(folder: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".yaml"))
		.map((name) => join(folder, name))
		.sort();
}

interface Word {
	readonly name: string;
	readonly offset: number;
	/** The other keys of its map. */
	readonly siblings: readonly string[];
}

/** Maps whose keys are names of layers, classes or metrics, or paths: the sweep's own tests misspell those. */
const FREE = new Set([
	"replace",
	"floor",
	"class_floor",
	"class_weights",
	"pos_weight",
	"grid",
	"zip",
	"space",
	"match",
]);

/** Keys whose value is any text, also one that is a word elsewhere: a partition gpu, an experiment int8. */
const ANY_TEXT = new Set(["name", "partition"]);

/** The keys of a file, but for those that are free. */
function keysOf(text: string): readonly Word[] {
	const keys: Word[] = [];
	visit(parseDocument(text), {
		Pair(_, pair, path) {
			const map = path.at(-1);
			const around = path.at(-2);
			if (!isScalar(pair.key) || !isMap(map)) return;
			const isFree =
				around !== undefined &&
				"key" in around &&
				isScalar(around.key) &&
				FREE.has(String(around.key.value));
			if (isFree || String(pair.key.value).includes(".")) return;
			keys.push({
				name: String(pair.key.value),
				offset: pair.key.range?.[0] ?? 0,
				siblings: map.items.map(({ key }) => String(key)),
			});
		},
	});
	return keys;
}

/** The name with one slip of the finger of each kind, at seeded places. */
function slips(name: string, seed: number): readonly string[] {
	const draw = random(seed, "slips", name);
	const letters = "abcdefghijklmnopqrstuvwxyz";
	const letter = () => letters[draw.integer(26)] as string;
	const at = draw.integer(name.length);
	const pair = draw.integer(Math.max(1, name.length - 1));
	const swapped =
		name.slice(0, pair) +
		(name[pair + 1] ?? "") +
		name[pair] +
		name.slice(pair + 2);
	return [
		swapped,
		name.slice(0, at) + name.slice(at + 1),
		name.slice(0, at) + name[at] + name.slice(at),
		name.slice(0, at) + letter() + name.slice(at),
		name.slice(0, at) + letter() + name.slice(at + 1),
		name.toUpperCase(),
		name.charAt(0).toUpperCase() + name.slice(1),
		name.replaceAll("_", "-"),
		name.replace(/_(.)/g, (_, next: string) => next.toUpperCase()),
	];
}

/** Values that are words of the schema: `sgd`, `ToTensor`, `bilinear`. */
function valuesOf(text: string): readonly Word[] {
	const values: Word[] = [];
	visit(parseDocument(text), {
		Scalar(key, scalar, path) {
			const name = String(scalar.value);
			if (key === "key" || !options.has(name)) return;
			const pair = path.at(-1);
			if (isPair(pair) && ANY_TEXT.has(String(pair.key))) return;
			values.push({ name, offset: scalar.range?.[0] ?? 0, siblings: [] });
		},
	});
	return values;
}

/** Names of keys and words of enums: a slip that gives one of them is another mistake. */
const allNames = new Set<string>();
const options = new Set<string>();
(function collect(schema: typeof experimentSchema, depth: number): void {
	if (depth > 9) return;
	for (const form of forms(schema)) {
		for (const word of form.enum ?? [])
			if (typeof word === "string") options.add(word);
		if (form.items !== undefined) collect(form.items, depth + 1);
		if (typeof form.additionalProperties === "object")
			collect(form.additionalProperties, depth + 1);
		for (const name of keyNames(form)) {
			allNames.add(name);
			collect(form.properties?.[name] ?? {}, depth + 1);
		}
	}
})(experimentSchema, 0);

test("the files hold every key of the schema", () => {
	const used = new Set(
		files.flatMap((file) =>
			keysOf(readFileSync(file, "utf8")).map(({ name }) => name),
		),
	);
	assert.deepEqual(
		[...allNames].filter((name) => !used.has(name)),
		[],
	);
});

test("a misspelt key is always caught at its line and column, and rightly named in 95 of 100 cases", () => {
	const { tried, wrong } = misspellEach(keysOf, ["unknown-key"]);
	assert.ok(tried > 1200, `${tried} tried`);
	assert.ok(wrong.length / tried <= 0.05, wrong.join("; "));
});

test("a misspelt word of a list of options is caught at its place, and rightly named in 95 of 100 cases", () => {
	const { tried, wrong } = misspellEach(valuesOf, ["bad-value"]);
	assert.ok(tried > 200, `${tried} tried`);
	assert.ok(wrong.length / tried <= 0.05, wrong.join("; "));
});

/** Misspells each word of each file in turn; fails where one goes unseen. */
function misspellEach(
	wordsOf: (text: string) => readonly Word[],
	codes: readonly string[],
): { tried: number; wrong: readonly string[] } {
	const folder = temporaryFolder();
	const wrong: string[] = [];
	let tried = 0;
	for (const [index, file] of files.entries()) {
		const place = join(folder, String(index));
		copyFolder(dirname(file), place);
		const path = join(place, basename(file));
		const text = readFileSync(file, "utf8");
		for (const word of wordsOf(text)) {
			for (const slip of new Set(slips(word.name, word.offset))) {
				const isAnother =
					slip === "" ||
					word.siblings.includes(slip) ||
					allNames.has(slip) ||
					options.has(slip);
				if (isAnother) continue;
				tried++;
				const before = text.slice(0, word.offset);
				const behind = text.slice(word.offset + word.name.length);
				writeFileSync(path, before + slip + behind);
				const line = before.split("\n").length;
				const column = word.offset - before.lastIndexOf("\n");
				const result = loadExperiment(path, []);
				const found = result.ok
					? undefined
					: result.diagnostics.find(
							({ range, code }) =>
								range?.line === line &&
								range.column === column &&
								codes.includes(code),
						);
				const where = `${basename(file)}:${line}:${column}`;
				assert.ok(found, `${where}: "${slip}" for "${word.name}" goes unseen`);
				if (found.suggestion !== word.name)
					wrong.push(`${where}: ${slip} → ${found.suggestion}`);
			}
		}
	}
	return { tried, wrong };
}

/** The yaml files of a folder, so that `extends` finds them. */
function copyFolder(from: string, to: string): void {
	mkdirSync(to);
	for (const name of readdirSync(from))
		if (name.endsWith(".yaml"))
			writeFileSync(join(to, name), readFileSync(join(from, name)));
}
