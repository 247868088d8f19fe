import assert from "node:assert/strict";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { Diagnostic } from "../../src/diagnostic.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { faults, loaded, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const WHOLE = "data: { root: photos }\nmodel: { backbone: vgg16 }\n";

/** The only fault of a file with these bytes, with a reason or a fix. */
function only(bytes: string | Buffer, name = "odd.yaml"): Diagnostic {
	writeFileSync(join(folder, name), bytes);
	const result = loadExperiment(join(folder, name), []);
	assert.ok(!result.ok);
	const [first, ...rest] = result.diagnostics;
	assert.deepEqual(
		rest.map(({ message }) => message),
		[],
	);
	assert.ok(first?.fix);
	assert.equal(first.file, join(folder, name));
	return first as Diagnostic;
}

function place(diagnostic: Diagnostic): string {
	return `${diagnostic.range?.line}:${diagnostic.range?.column}`;
}

test("a missing file is answered with the nearest name in its folder", () => {
	writeFileSync(join(folder, "resize.yaml"), WHOLE);
	for (const name of ["rezise.yaml", "resize.yml", "Resize", "resize"]) {
		const result = loadExperiment(join(folder, name), []);
		assert.ok(!result.ok);
		assert.equal(result.diagnostics[0]?.code, "no-such-file");
		assert.equal(
			result.diagnostics[0]?.suggestion,
			join(folder, "resize.yaml"),
		);
	}
	const far = loadExperiment(join(folder, "no", "where.yaml"), []);
	assert.match(far.ok ? "" : (far.diagnostics[0]?.reason ?? ""), /no folder/);
});

test("a folder in place of a file is answered with the files in it", () => {
	mkdirSync(join(folder, "many"), { recursive: true });
	writeFileSync(join(folder, "many", "one.yaml"), WHOLE);
	const result = loadExperiment(join(folder, "many"), []);
	assert.ok(!result.ok);
	assert.equal(result.diagnostics[0]?.code, "folder-instead-of-file");
	assert.match(result.diagnostics[0]?.fix ?? "", /one\.yaml/);
});

test("a file that cannot be opened says what the system said", () => {
	const path = join(folder, "circle.yaml");
	symlinkSync(path, path);
	const result = loadExperiment(path, []);
	const [fault] = result.ok ? [] : result.diagnostics;
	assert.equal(fault?.code, "unreadable-file");
	assert.match(fault.message, /ELOOP/);
});

test("empty files and files of comments are empty", () => {
	assert.equal(only("").code, "empty-file");
	assert.equal(only("\n\n").message, "this file is empty");
	assert.match(only("# nothing\n# yet\n").message, /comments only/);
	assert.equal(only("---\n...\n").code, "empty-file");
});

test("a list or a single value at the top is no experiment", () => {
	assert.equal(only("- a\n- b\n").code, "not-a-map");
	assert.match(only("- a\n").message, /is a list/);
	assert.equal(only("resize\n").code, "not-a-map");
	assert.match(only("seed:0\n").fix ?? "", /space after each colon/);
});

test("binary files, UTF-16 and Latin-1 are told apart", () => {
	assert.equal(
		only(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2])).code,
		"binary-file",
	);
	assert.match(only(Buffer.from("\uFEFFseed: 0", "utf16le")).message, /UTF-16/);
	const latin = only(Buffer.from("seed: 0\nname: Käfer\n", "latin1"));
	assert.equal(latin.code, "not-utf8");
	assert.equal(place(latin), "2:8");
	assert.match(latin.message, /0xe4/);
	assert.equal(latin.source, "name: K\uFFFDfer");
	assert.equal(place(only(Buffer.from([0x61, 0xe7, 0x8c]))), "1:2");
});

test("a byte order mark and Windows line ends change no place", () => {
	const text = `\uFEFF${WHOLE}sed: 1\n`.replaceAll("\n", "\r\n");
	const fault = only(text);
	assert.equal(place(fault), "3:1");
	assert.equal(fault.source, "sed: 1");
	assert.equal(
		loaded(folder, `\uFEFF${WHOLE}`.replaceAll("\n", "\r\n")).experiment.seed,
		0,
	);
});

test("JSON is read as it is", () => {
	const text = JSON.stringify(
		{ data: { root: "x" }, model: { backbone: "vgg16" } },
		null,
		"\t",
	);
	assert.equal(loaded(folder, { "a.json": text }).experiment.name, "a");
});

test("a tab, a quote, a bracket, a colon: mistakes of YAML have a place and a fix", () => {
	const cases: readonly (readonly [string, string, string])[] = [
		["data:\n\troot: x\n", "yaml-tab", "2:1"],
		["data:\n  \troot: x\n  y: 1", "yaml-tab", "2:3"],
		["name: 'abc\nseed: 0\n", "yaml-quote", "1:7"],
		["name: it's: x\n", "yaml-colon", "1:1"],
		["data: {}\nseed 0\n", "yaml-colon", "2:1"],
		["data:\n  root: [a, b\nseed: 0\n", "yaml-bracket", "2:9"],
		["name: [a]]\n", "yaml-syntax", "1:10"],
		["data: { root: x\n", "yaml-bracket", "1:7"],
		["data:\n  root: x\n seed: 0\n", "yaml-indent", "3:2"],
		["data: {}\nseed:0\n", "yaml-colon", "2:1"],
		["seed: *x\n", "yaml-alias", "1:7"],
		["freeze: [*.bn]\n", "yaml-alias", "1:10"],
		["seed: @x\n", "yaml-syntax", "1:7"],
		["seed: !!python/tuple [1]\n", "yaml-tag", "1:7"],
		['name: "\\w"\n', "yaml-quote", "1:8"],
		[`${WHOLE}---\n${WHOLE}`, "yaml-documents", "3:1"],
		["? [a]\n: 1\n", "yaml-key", "1:3"],
		[": 1\n", "yaml-key", "1:1"],
	];
	for (const [text, code, at] of cases) {
		writeFileSync(join(folder, "yaml.yaml"), text);
		const result = loadExperiment(join(folder, "yaml.yaml"), []);
		const [first] = result.ok ? [] : result.diagnostics;
		assert.equal(first?.code, code, text);
		assert.equal(first && place(first), at, text);
		assert.ok(first?.fix, text);
	}
});

test("a key twice is reported with the line of the first, along with all else", () => {
	const found = faults(folder, `seed: 1\n${WHOLE}seed: 2\nsed: 3\n`);
	assert.deepEqual(
		found.map(({ code, range }) => [code, range?.line]),
		[
			["duplicate-key", 4],
			["unknown-key", 5],
		],
	);
	assert.match(found[0]?.reason ?? "", /line 1/);
});

test("anchors, aliases and merge keys mean what YAML says, and what is written beside << wins", () => {
	const text = `data: { root: &folder photos }
model: { backbone: vgg16 }
name: *folder
train:
  optimizer: { sgd: &usual { momentum: 0.9, weight_decay: 0.1 } }
`;
	assert.equal(loaded(folder, text).experiment.name, "photos");
	const merged = `data: { root: x }
model: { backbone: vgg16 }
transforms:
  train: &list [CenterCrop: &c { size: 224 }, ToTensor, Normalize]
  eval:
    - RandomCrop: { <<: *c, size: 100, padding: 1 }
    - ToTensor
    - Normalize
`;
	const [fault] = faults(folder, merged);
	assert.equal(fault?.code, "random-in-eval");
	const wrong = faults(folder, `${WHOLE}train: { <<: [1] }\n`);
	assert.deepEqual(
		wrong.map(({ code }) => code),
		["yaml-merge"],
	);
});

test("a full-width colon is named as one", () => {
	const fault = only(`name： cats\n${WHOLE}`);
	assert.match(fault.message, /full-width colon/);
	assert.equal(fault.fix, "write name: cats");
});

test("a seed that is no longer exact is told its largest value", () => {
	assert.match(
		only(`seed: 9007199254740993\n${WHOLE}`).message,
		/of at least 0 and at most 9007199254740991$/,
	);
});

test("an alias inside its own anchor and aliases that grow without end are stopped", () => {
	assert.equal(only("data: &a { root: *a }\n").code, "yaml-alias");
	const bomb = ["a0: &a0 [x, x]"];
	for (let level = 1; level < 40; level++)
		bomb.push(`a${level}: &a${level} [*a${level - 1}, *a${level - 1}]`);
	writeFileSync(join(folder, "bomb.yaml"), bomb.join("\n"));
	const result = loadExperiment(join(folder, "bomb.yaml"), []);
	assert.ok(!result.ok);
	assert.ok(result.diagnostics.some(({ code }) => code === "yaml-too-many"));
});

test("a file that is too large or too deep is refused quickly", () => {
	assert.equal(only("a".repeat(1_000_001)).code, "file-too-large");
	assert.equal(only("[".repeat(100_000)).code, "yaml-too-deep");
});

test("a device that never ends is refused as too large", {
	skip: !existsSync("/dev/zero") && "needs: /dev/zero",
}, () => {
	const result = loadExperiment("/dev/zero", []);
	assert.equal(result.ok ? "" : result.diagnostics[0]?.code, "file-too-large");
});

test("numbers that YAML reads as texts are named as what they are", () => {
	const cases: readonly (readonly [string, string])[] = [
		['"0.1"', "0.1"],
		["1_0", "10"],
		["20%", "0.2"],
		["1/4", "0.25"],
		["0,5", "0.5"],
	];
	for (const [text, meant] of cases) {
		const [fault] = faults(
			folder,
			`${WHOLE}train:\n  learning_rate: ${text}\n`,
		);
		assert.equal(fault?.code, "wrong-type", text);
		assert.equal(fault.suggestion, meant, text);
	}
	for (const text of ["1e-3", "1.0E-3", ".001", "+0.001", "0x1"])
		assert.ok(loaded(folder, `${WHOLE}train:\n  learning_rate: ${text}\n`));
	for (const text of [".nan", ".inf", "-.inf", "1e999"])
		assert.equal(
			faults(folder, `${WHOLE}train:\n  learning_rate: ${text}\n`)[0]?.code,
			"bad-value",
		);
});

test("the words of YAML 1.1 for true and false are texts, and said to be", () => {
	for (const [text, meant] of [
		["yes", "true"],
		["Off", "false"],
		['"true"', "true"],
	] as const) {
		const [fault] = faults(
			folder,
			`${WHOLE}train: { optimizer: { sgd: { nesterov: ${text} } } }\n`,
		);
		assert.equal(fault?.suggestion, meant);
	}
	assert.equal(loaded(folder, `${WHOLE}name: no\n`).experiment.name, "no");
	assert.match(faults(folder, `${WHOLE}name: true\n`)[0]?.fix ?? "", /"true"/);
});

test("names in other scripts are read, and places count as editors count", () => {
	const text = `data: { root: 照片/两朵 草莓 🍓, 名: x }\nmodel: { backbone: vgg16 }\n`;
	const [fault] = faults(folder, text);
	assert.equal(fault?.range?.column, text.indexOf("名") + 1);
	assert.match(
		loaded(folder, text.replace(", 名: x", "")).experiment.data.root,
		/两朵 草莓 🍓$/,
	);
});
