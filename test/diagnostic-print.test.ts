import assert from "node:assert/strict";
import test from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { Diagnostic } from "../src/diagnostic.ts";
import { printDiagnostics, toJson } from "../src/diagnostic-print.ts";

const plain = { color: false, width: 80 };

const whole: Diagnostic = {
	severity: "error",
	code: "unknown-key",
	file: "flowers.yaml",
	range: { line: 4, column: 3, endLine: 4, endColumn: 15 },
	source: "  learing_rate: 0.01",
	message: '"learing_rate" is not an option of "train"',
	reason: "train accepts learning_rate",
	fix: 'did you mean "learning_rate"?',
	suggestion: "learning_rate",
};

test("a diagnostic has place, excerpt, reason and fix", () => {
	assert.equal(
		printDiagnostics([whole], plain),
		`flowers.yaml:4:3 error unknown-key: "learing_rate" is not an option of "train"
    4 |   learing_rate: 0.01
      |   ~~~~~~~~~~~~
  why: train accepts learning_rate
  fix: did you mean "learning_rate"?
`,
	);
});

test("control characters of names are shown as codes, and do not move the squiggles", () => {
	const name = "b\x1b[31m";
	assert.equal(
		printDiagnostics(
			[
				{
					...whole,
					file: name,
					source: `\x1b\x1b${"a".repeat(14)}`,
					message: name,
				},
			],
			plain,
		),
		`b\\x1b[31m:4:3 error unknown-key: b\\x1b[31m
    4 | \ufffd\ufffdaaaaaaaaaaaaaa
      |   ~~~~~~~~~~~~
  why: train accepts learning_rate
  fix: did you mean "learning_rate"?
`,
	);
});

test("what there is not is left out, and a blank line stands between two", () => {
	const bare: Diagnostic = { severity: "warning", code: "x", message: "y" };
	assert.equal(
		printDiagnostics([bare, { ...bare, file: "f" }], plain),
		"warning x: y\n\nf warning x: y\n",
	);
	assert.equal(printDiagnostics([], plain), "");
});

test("further lines of a fix stand under its first", () => {
	const fix = "write\na: 1\nb: 2";
	assert.equal(
		printDiagnostics(
			[{ severity: "error", code: "x", message: "y", fix }],
			plain,
		),
		"error x: y\n  fix: write\n       a: 1\n       b: 2\n",
	);
});

test("squiggles stand under wide characters and tabs", () => {
	const text = "\t名字: 猫, x: 1";
	const column = text.indexOf("x") + 1;
	const lines = printDiagnostics(
		[
			{
				...whole,
				source: text,
				range: { line: 1, column, endLine: 1, endColumn: column + 1 },
			},
		],
		plain,
	).split("\n");
	assert.equal(lines[2], "      | \t          ~");
});

test("a long line is cut around what is meant, and a range of several lines to its first", () => {
	const text = `${"a".repeat(200)}HERE${"b".repeat(200)}`;
	const [, line = "", marks = ""] = printDiagnostics(
		[
			{
				...whole,
				source: text,
				range: { line: 1, column: 201, endLine: 1, endColumn: 205 },
			},
		],
		plain,
	).split("\n");
	assert.ok(line.length <= 80);
	assert.equal(
		line.slice(marks.indexOf("~"), marks.lastIndexOf("~") + 1),
		"HERE",
	);
	const several = printDiagnostics(
		[
			{
				...whole,
				source: "ab\ncd",
				range: { line: 1, column: 2, endLine: 2, endColumn: 2 },
			},
		],
		plain,
	).split("\n");
	assert.deepEqual(several.slice(1, 3), ["    1 | ab", "      |  ~"]);
});

test("colour changes no word", () => {
	const colored = printDiagnostics([whole], { color: true, width: 80 });
	assert.notEqual(colored, printDiagnostics([whole], plain));
	assert.equal(
		stripVTControlCharacters(colored),
		printDiagnostics([whole], plain),
	);
});

test("machines get null where there is nothing", () => {
	assert.deepEqual(toJson(whole), {
		file: "flowers.yaml",
		line: 4,
		column: 3,
		code: "unknown-key",
		severity: "error",
		message: whole.message,
		suggestion: "learning_rate",
		reason: whole.reason,
		fix: whole.fix,
	});
	const { file, line, suggestion } = toJson({
		severity: "error",
		code: "x",
		message: "y",
	});
	assert.deepEqual([file, line, suggestion], [null, null, null]);
});
