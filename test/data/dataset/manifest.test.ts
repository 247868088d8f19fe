import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { peekDataset } from "../../../src/data/dataset.ts";
import { parseCsv } from "../../../src/data/listing/csv.ts";
import type { DataOptions } from "../../../src/experiment/types.ts";
import {
	errorsOf,
	files,
	optionsOf,
	scan,
	scratch,
	splitOf,
} from "./folders.ts";

const PHOTOS = ["1.jpg", "2.jpg", "3.jpg", "4.jpg"];

/** Options over a manifest with this text beside four photos. */
function manifest(
	root: string,
	text: string | Uint8Array,
	more: Partial<DataOptions> = {},
): DataOptions {
	files(root, PHOTOS);
	const path = join(root, "labels.csv");
	writeFileSync(path, text);
	return optionsOf(root, { manifest: path, ...more });
}

/** `line:column code suggestion` of each error. */
function placesOf(options: DataOptions): readonly string[] {
	return errorsOf(peekDataset(options)).map(
		({ range, code, suggestion }) =>
			`${range?.line}:${range?.column} ${code}${suggestion ? ` ${suggestion}` : ""}`,
	);
}

test("quotes, commas, line ends and a byte order mark are read as RFC 4180 says", () => {
	const { rows, error } = parseCsv(
		'\ufeffa,"b ""x"", y",\r\n\r\n"two\nlines",,c\rlast',
	);
	assert.equal(error, undefined);
	assert.deepEqual(
		rows.map((row) => row.map(({ text }) => text)),
		[["a", 'b "x", y', ""], ["two\nlines", "", "c"], ["last"]],
	);
	assert.deepEqual(rows[1][2].range, {
		line: 4,
		column: 9,
		endLine: 4,
		endColumn: 10,
	});
});

test("columns come in any order, and samples are sorted by split, class and path", async (t) => {
	const root = scratch(t);
	const text =
		"split,note,label,path\r\nvalid,x,dog,./4.jpg\r\nvalid,,cat,3.jpg\r\ntrain,,dog,2.jpg\r\ntrain,,cat,1.jpg\r\n";
	const { dataset } = await scan(manifest(root, text), scratch(t));
	assert.deepEqual(dataset.classNames, ["cat", "dog"]);
	assert.deepEqual(
		dataset.samples.map(
			({ path, label, split }) => `${split} ${label} ${path}`,
		),
		["train 0 1.jpg", "train 1 2.jpg", "valid 0 3.jpg", "valid 1 4.jpg"],
	);
});

test("a path in the other Unicode form finds its photo", async (t) => {
	const root = scratch(t);
	files(root, ["caf\u00e9.jpg"]);
	const text =
		"path,label,split\ncafe\u0301.jpg,a,train\n1.jpg,b,train\n2.jpg,a,valid\n3.jpg,b,valid\n";
	const { dataset } = await scan(manifest(root, text), scratch(t));
	assert.equal(dataset.samples[0].path, "caf\u00e9.jpg");
});

test("every mistake in a manifest has its line and column", (t) => {
	const root = scratch(t);
	files(root, ["imgs/pic_one.jpg"]);
	const text = [
		"path,label,split",
		"1.jpg,cat,train",
		"imgs/pic_on.jpg,cat,train",
		"2.jpg,,train",
		"./1.jpg,dog,train",
		"3.jpg,dog,validation",
		"4.jpg,dog",
	].join("\n");
	assert.deepEqual(placesOf(manifest(root, text)), [
		"7:1 bad-row",
		"4:7 empty-label",
		"3:1 missing-photo imgs/pic_one.jpg",
		"5:1 duplicate-path",
		"6:11 unknown-split",
	]);
});

test("a folder, a name with a zero byte and the same mistake in every row are said plainly", (t) => {
	const root = scratch(t);
	files(root, ["imgs/one.jpg"]);
	const [folder, zero] = errorsOf(
		peekDataset(
			manifest(root, "path,label,split\nimgs,cat,train\na\0b,cat,train\n"),
		),
	);
	assert.match(folder.message, /"imgs" is a folder/);
	assert.equal(zero.code, "missing-photo");
	const rows = Array.from({ length: 500 }, (_, n) => `${n}.jpg,cat,train`);
	const all = errorsOf(
		peekDataset(manifest(root, `path,label,split\n${rows.join("\n")}\n`)),
	);
	assert.equal(all.length, 20);
	assert.match(all[19].message, /so it is in \d+ more rows$/);
});

const HEADERS: readonly [string, string, readonly string[]][] = [
	[
		"a column with a slip of the finger",
		"path,lable,split\n",
		["1:6 missing-column lable"],
	],
	["a missing split column", "path,label\n1.jpg,a\n", ["1:1 missing-column"]],
	["semicolons", "path;label;split\n", ["1:1 bad-csv"]],
	["a column twice", "path,label,split,label\n", ["1:18 double-column"]],
	["no rows", "path,label,split\n", ["undefined:undefined no-photos"]],
	[
		"an empty file",
		"",
		[
			"undefined:undefined missing-column",
			"undefined:undefined missing-column",
			"undefined:undefined missing-column",
		],
	],
	[
		"a quote that does not end",
		'path,label,split\n1.jpg,"cat,train\n',
		["2:7 bad-csv"],
	],
	[
		"text after a quote",
		'path,label,split\n"1.jpg"x,cat,train\n',
		["2:8 bad-csv"],
	],
];
for (const [claim, text, expected] of HEADERS) {
	test(`${claim} is an error with its place`, (t) => {
		assert.deepEqual(placesOf(manifest(scratch(t), text)), expected);
	});
}

test("a manifest in another encoding, a missing one and a folder are told apart", (t) => {
	const root = scratch(t);
	const gbk = Uint8Array.from([0xc4, 0xe3, 0x0a]);
	const says = (options: DataOptions) =>
		errorsOf(peekDataset(options))[0].message;
	assert.match(says(manifest(root, gbk)), /is not UTF-8/);
	assert.match(
		says(optionsOf(root, { manifest: join(root, "x.csv") })),
		/there is no file/,
	);
	assert.match(says(optionsOf(root, { manifest: root })), /is a folder/);
});

test("a class without a photo in a split is an error", (t) => {
	const text =
		"path,label,split\n1.jpg,a,train\n2.jpg,b,train\n3.jpg,a,valid\n";
	const [error] = errorsOf(peekDataset(manifest(scratch(t), text)));
	assert.equal(error.code, "class-missing-in-split");
	assert.match(error.message, /class "b" has no photo with the split "valid"/);
});

test("a column of groups keeps each group in one split", async (t) => {
	const root = scratch(t);
	const paths = Array.from({ length: 60 }, (_, n) => `p${n}.jpg`);
	files(root, paths);
	const text = `path,label,patient\n${paths.map((path, n) => `${path},${n % 2},${Math.floor(n / 4)}`).join("\n")}`;
	const split = splitOf(join(root, "split.json"), {
		group_by: "patient",
		valid: 0.25,
	});
	const { dataset } = await scan(manifest(root, text, { split }), scratch(t));
	const splitOfGroup = new Map<string, Set<string>>();
	for (const { path, split } of dataset.samples) {
		const group = String(Math.floor(Number(/\d+/.exec(path)?.[0]) / 4));
		splitOfGroup.set(group, (splitOfGroup.get(group) ?? new Set()).add(split));
	}
	assert.ok([...splitOfGroup.values()].every(({ size }) => size === 1));
	const valid = dataset.samples.filter(({ split }) => split === "valid");
	assert.equal(valid.length, 16);
	assert.match(
		errorsOf(
			peekDataset(
				manifest(root, text, { split: { ...split, group_by: "patients" } }),
			),
		)[0].fix ?? "",
		/did you mean "patient"/,
	);
});
