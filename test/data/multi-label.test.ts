import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { peekDataset } from "../../src/data/dataset.ts";
import type { Dataset } from "../../src/data/types.ts";
import type { DataOptions } from "../../src/experiment/types.ts";
import {
	errorsOf,
	files,
	optionsOf,
	scan,
	scratch,
	splitOf,
} from "./dataset/folders.ts";

/** Options over a manifest with this text beside its photos. */
function manifest(
	root: string,
	photos: readonly string[],
	text: string,
	more: Partial<DataOptions> = {},
): DataOptions {
	files(root, photos);
	const path = join(root, "labels.csv");
	writeFileSync(path, text);
	return optionsOf(root, { manifest: path, multi_label: true, ...more });
}

const FOUR = ["1.jpg", "2.jpg", "3.jpg", "4.jpg"];

const said = ({ samples, classNames }: Dataset) =>
	samples.map(({ path, label, labels, split }) => [
		split,
		path,
		label,
		labels?.map((index) => classNames[index]).join("+"),
	]);

test("a label column names any number of classes, sorted, each once; an empty field is a photo without one", async (t) => {
	const text =
		"path,label,split\n4.jpg,dog | cat|dog,train\n3.jpg,,train\n2.jpg,cat,valid\n1.jpg,,valid\n";
	const options = manifest(scratch(t), FOUR, text);
	const { dataset, warnings } = await scan(options, scratch(t));
	assert.deepEqual(dataset.classNames, ["cat", "dog"]);
	assert.deepEqual(said(dataset), [
		["train", "3.jpg", -1, ""],
		["train", "4.jpg", -1, "cat+dog"],
		["valid", "1.jpg", -1, ""],
		["valid", "2.jpg", -1, "cat"],
	]);
	assert.deepEqual(warnings, ["class-not-measured"]);
});

test("another separator, and a column of 0 and 1 a class, say the same", async (t) => {
	const separated = manifest(
		scratch(t),
		FOUR,
		"path,label,split\n1.jpg,a|b;c,train\n2.jpg,c,train\n3.jpg,a|b,valid\n4.jpg,,valid\n",
		{ multi_label: { separator: ";" } },
	);
	const table =
		"path,c,split,note,a|b\n1.jpg,1,train,x,1\n2.jpg,1,train,y,0\n3.jpg, 0 ,valid,z,1\n4.jpg,0,valid,,0\n";
	const columns = manifest(scratch(t), FOUR, table, {
		multi_label: { columns: ["c", "a|b"] },
	});
	const first = (await scan(separated, scratch(t))).dataset;
	const second = (await scan(columns, scratch(t))).dataset;
	assert.deepEqual(first.classNames, ["a|b", "c"]);
	assert.deepEqual(said(second), said(first));
	assert.equal(second.fingerprint, first.fingerprint);
	const all = manifest(scratch(t), FOUR, table.replace(",note", ",split2"), {
		multi_label: { columns: "all" },
	});
	assert.deepEqual(
		errorsOf(peekDataset(all)).map(({ code, message, range }) => [
			code,
			message,
			range?.line,
		]),
		[
			["bad-target", '"x" in column "split2" is neither 0 nor 1', 2],
			["bad-target", '"y" in column "split2" is neither 0 nor 1', 3],
			["bad-target", '"z" in column "split2" is neither 0 nor 1', 4],
			["bad-target", '"" in column "split2" is neither 0 nor 1', 5],
		],
	);
});

test("other labels are another dataset", async (t) => {
	const text = (label: string) =>
		`path,label,split\n1.jpg,a|b,train\n2.jpg,${label},train\n3.jpg,a,valid\n4.jpg,b,valid\n`;
	const prints = await Promise.all(
		["a", "a|b", "a"].map(async (label) => {
			const options = manifest(scratch(t), FOUR, text(label));
			return (await scan(options, scratch(t))).dataset.fingerprint;
		}),
	);
	assert.equal(prints[0], prints[2]);
	assert.notEqual(prints[0], prints[1]);
});

test("what is wrong is said with its place", (t) => {
	const codes = (options: DataOptions) =>
		errorsOf(peekDataset(options)).map(
			({ code, message, suggestion }) =>
				`${code}: ${message}${suggestion ? ` (${suggestion})` : ""}`,
		);
	const none = "path,label,split\n1.jpg,,train\n2.jpg,,valid\n";
	assert.deepEqual(codes(manifest(scratch(t), FOUR, none)), [
		"no-classes: no photo of the manifest has a class",
	]);
	const unlearnt =
		"path,label,split\n1.jpg,a,train\n2.jpg,,train\n3.jpg,b|a,valid\n";
	assert.deepEqual(codes(manifest(scratch(t), FOUR, unlearnt)), [
		'class-missing-in-split: class "b" has no photo with the split "train"',
	]);
	const table = "path,cat,dog,split\n1.jpg,1,0,train\n";
	const columns = manifest(scratch(t), FOUR, table, {
		multi_label: { columns: ["cat", "dogs"] },
	});
	assert.deepEqual(codes(columns), [
		'missing-column: the manifest has no column "dogs" (dog)',
	]);
});

/** Photos of three classes, `c` seldom, one in ten without any; the k-th of a group of two. */
const LABELS = Array.from({ length: 200 }, (_, index) => {
	if (index % 10 === 9) return "";
	const names = [
		...(index % 2 === 0 ? ["a"] : []),
		...(index % 3 === 0 ? ["b"] : []),
		...(index % 20 === 3 ? ["c"] : []),
	];
	return names.join("|");
});

function drawn(
	root: string,
	more: Partial<DataOptions["split"]>,
	file: string,
) {
	const names = LABELS.map((_, index) => `${index}.jpg`);
	const rows = names.map(
		(name, index) => `${name},${LABELS[index]},g${Math.floor(index / 2)}`,
	);
	return manifest(root, names, ["path,label,who", ...rows, ""].join("\n"), {
		split: splitOf(file, { valid: 0.2, test: 0.1, ...more }),
	});
}

const shareOf = (dataset: Dataset, split: string, name: string | undefined) => {
	const has = ({ labels = [] }: Dataset["samples"][number]) =>
		name === undefined
			? labels.length === 0
			: labels.includes(dataset.classNames.indexOf(name));
	const all = dataset.samples.filter(has);
	return all.filter((sample) => sample.split === split).length / all.length;
};

test("a drawn split holds each class in its share, photos without a class too", async (t) => {
	const options = drawn(scratch(t), {}, join(scratch(t), "split.json"));
	const { dataset } = await scan(options, scratch(t));
	for (const [split, want] of [
		["train", 0.7],
		["valid", 0.2],
		["test", 0.1],
	] as const) {
		const all = dataset.samples.filter((sample) => sample.split === split);
		assert.ok(Math.abs(all.length / 200 - want) <= 0.01, `${split} in all`);
		for (const name of ["a", "b"])
			assert.ok(
				Math.abs(shareOf(dataset, split, name) - want) <= 0.02,
				`${name} in ${split}: ${shareOf(dataset, split, name)}`,
			);
		const rare = shareOf(dataset, split, "c");
		assert.ok(Math.abs(rare - want) <= 0.1, `c in ${split}: ${rare}`);
	}
	const again = await scan(
		drawn(scratch(t), {}, join(scratch(t), "split.json")),
		scratch(t),
	);
	assert.deepEqual(again.dataset.samples, dataset.samples, "the same draw");
});

test("photos of one group stay in one split, and new photos move none", async (t) => {
	const file = join(scratch(t), "split.json");
	const root = scratch(t);
	const { dataset } = await scan(
		drawn(root, { group_by: "who" }, file),
		scratch(t),
	);
	const splitOfPath = new Map(
		dataset.samples.map(({ path, split }) => [path, split]),
	);
	for (let index = 0; index < 200; index += 2)
		assert.equal(
			splitOfPath.get(`${index}.jpg`),
			splitOfPath.get(`${index + 1}.jpg`),
		);
	for (const name of ["a", "b"])
		assert.ok(Math.abs(shareOf(dataset, "valid", name) - 0.2) <= 0.03);
	const rows = [...LABELS, "a|c", "b"].map(
		(labels, index) => `${index}.jpg,${labels},g${Math.floor(index / 2)}`,
	);
	files(root, ["200.jpg", "201.jpg"]);
	writeFileSync(
		join(root, "labels.csv"),
		["path,label,who", ...rows, ""].join("\n"),
	);
	const more = optionsOf(root, {
		manifest: join(root, "labels.csv"),
		multi_label: true,
		split: splitOf(file, { valid: 0.2, test: 0.1, group_by: "who" }),
	});
	const later = (await scan(more, scratch(t))).dataset;
	assert.equal(later.samples.length, 202);
	for (const { path, split } of later.samples)
		if (splitOfPath.has(path)) assert.equal(split, splitOfPath.get(path));
});
