import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { parse, stringify } from "yaml";
import { keyCodes } from "../../src/experiment/codes/keys.ts";
import { lossCodes } from "../../src/experiment/codes/loss.ts";
import { ruleCodes } from "../../src/experiment/codes/rules.ts";
import { trainCodes } from "../../src/experiment/codes/train.ts";
import { transformCodes } from "../../src/experiment/codes/transforms.ts";
import { codes } from "../../src/experiment/codes.ts";
import { helpFor, helpIndex } from "../../src/experiment/help.ts";
import { packageRoot } from "../../src/paths.ts";
import { faults, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();

test("a key is explained by its path, the end of its path or its name", () => {
	const page = `train.optimizer.rmsprop.centered
  Whether the gradient is divided by an estimate of its variance, not of its square.

  value    true or false
  default  false
  write    centered: true
`;
	for (const word of [
		"train.optimizer.rmsprop.centered",
		"rmsprop.centered",
		"centered",
	])
		assert.equal(helpFor(word), page);
	assert.equal(helpFor("centere"), undefined);
	assert.equal(helpFor("constructor"), undefined);
});

test("a name that means one thing in several places is explained once", () => {
	const page = helpFor("p") ?? "";
	assert.match(page, /^transforms\.RandomHorizontalFlip\.p\n/);
	assert.match(page, /^transforms\.RandomApply\.p$/m);
	assert.equal(page.split("Probability").length, 2);
});

test("transforms are explained with their options, wherever in a list they stand", () => {
	const page = helpFor("Resize") ?? "";
	assert.match(page, /^transforms\.Resize\n/);
	for (const option of ["size", "interpolation", "max_size", "antialias"])
		assert.match(page, new RegExp(`^  ${option} `, "m"));
	assert.equal(helpFor("transforms.train.0.Resize"), page);
	assert.equal(helpFor("transforms.0.Resize"), page);
});

test("whatever the index names has a page, and no line is longer than a wide terminal but for examples", () => {
	const words = helpIndex();
	assert.ok(words.length > 250);
	assert.equal(new Set(words).size, words.length);
	for (const word of words) {
		const page = helpFor(word) ?? "";
		assert.ok(page.endsWith("\n"), word);
		for (const line of page.split("\n"))
			if (!/^ {2}(write|or|value|default) |^ {4}/.test(line))
				assert.ok(line.length <= 100, `${word}: ${line}`);
	}
});

test("every code that the sources use is explained", () => {
	const sources = readdirSync(join(packageRoot(), "src"), {
		recursive: true,
		encoding: "utf8",
	})
		.filter(
			(name) => name.endsWith(".ts") && !/experiment.codes|gen.ts$/.test(name),
		)
		.map((name) => readFileSync(join(packageRoot(), "src", name), "utf8"));
	const used = new Set(sources.flatMap(codesIn));
	assert.ok(used.size > 100);
	assert.deepEqual(
		[...used].filter((code) => !Object.hasOwn(codes, code)).sort(),
		[],
	);
});

/** `code: "x"` and the first words of errors: `new RunError("x"`, `dataError(at, "x"`. */
function codesIn(text: string): string[] {
	const named =
		/\bcode: (?:[^"\n,;]*\? )?"([a-z0-9-]+)"(?: : "([a-z0-9-]+)")?/g;
	const called =
		/\b(?:RunError|dataError|dataWarning|problem|broken)\(\s*(?:\[[^\]]*\],\s*)?"([a-z0-9]+(?:-[a-z0-9]+)+)"/g;
	return [...text.matchAll(named), ...text.matchAll(called)].flatMap(
		([, ...found]) => found.filter((code) => code !== undefined),
	);
}

/** Where a piece of a file belongs, by its first key. */
const PARENTS: Readonly<Record<string, readonly string[]>> = {
	optimizer: ["train"],
	loss: ["train"],
	replace: ["model"],
	split: ["data"],
	group_by: ["data", "split"],
	"classifier.7": ["model", "replace"],
};

/** A whole experiment around a piece of one. */
function whole(piece: string): string {
	const value = parse(piece, { uniqueKeys: false });
	const transforms = (list: unknown[]) => ({
		train: list.some((item) => JSON.stringify(item).includes("ToTensor"))
			? list
			: [...list, "ToTensor"],
		eval: ["ToTensor"],
	});
	const file: Record<string, unknown> = {
		data: { root: "x" },
		model: { backbone: "vgg16" },
	};
	if (Array.isArray(value))
		return stringify({ ...file, transforms: transforms(value) });
	for (const [key, member] of Object.entries(value as object)) {
		const parents = PARENTS[key] ?? [];
		let at = file;
		for (const parent of parents) {
			at[parent] = { ...(at[parent] as object) };
			at = at[parent] as Record<string, unknown>;
		}
		at[key] = member;
	}
	return stringify(file);
}

/** Those that need the network are the plan's. */
const {
	"cutmix-needs-map": _map,
	"multi-label-verb": _verb,
	...ruleLossCodes
} = lossCodes;

for (const [code, { wrong, right }] of Object.entries({
	...keyCodes,
	...ruleCodes,
	...trainCodes,
	...ruleLossCodes,
	...transformCodes,
}))
	test(`what graft help ${code} shows gives that error, and then no more`, () => {
		assert.ok(wrong !== undefined && right !== undefined);
		const fill = (text: string) =>
			text.replace(/, … /g, ", preprocess: { mean: [0], std: [1] } ");
		const found = faults(folder, whole(fill(wrong)));
		assert.ok(
			found.some((fault) => fault.code === code),
			found.map((fault) => fault.code).join(),
		);
		const rest = faults(folder, whole(fill(right)));
		assert.ok(!rest.some((fault) => fault.code === code));
	});
