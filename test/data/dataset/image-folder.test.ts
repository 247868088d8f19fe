import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { peekDataset, scanDataset } from "../../../src/data/dataset.ts";
import { needs } from "../../support/needs.ts";
import { errorsOf, files, optionsOf, scan, scratch } from "./folders.ts";

const NAMES = [
	"train/b/2.jpg",
	"train/b/10.jpg",
	"train/b/A.JPEG",
	"train/b/sub/1.png",
	"train/b/sub-two/1.png",
	"train/b/sub two/1.png",
	"train/B/1.webp",
	"train/é/1.jpg",
	"train/狗/小 狗.jpg",
	"train/🐕/1.jpg",
	"train/\uff21/1.jpg",
];

test("classes and photos are in torchvision's order", async (t) => {
	const root = scratch(t);
	files(root, NAMES);
	files(
		root,
		NAMES.map((name) => name.replace("train", "valid")),
	);
	const { dataset } = await scan(optionsOf(root), scratch(t));
	assert.deepEqual(dataset.classNames, ["B", "b", "é", "狗", "\uff21", "🐕"]);
	assert.deepEqual(
		dataset.samples.slice(0, 11).map(({ path, label }) => `${label} ${path}`),
		[
			"0 train/B/1.webp",
			"1 train/b/10.jpg",
			"1 train/b/2.jpg",
			"1 train/b/A.JPEG",
			"1 train/b/sub/1.png",
			"1 train/b/sub two/1.png",
			"1 train/b/sub-two/1.png",
			"2 train/é/1.jpg",
			"3 train/狗/小 狗.jpg",
			"4 train/\uff21/1.jpg",
			"5 train/🐕/1.jpg",
		],
	);
});

const torch = needs("torch");
test("order equals torchvision's ImageFolder", {
	skip: torch.missing,
}, async (t) => {
	const root = scratch(t);
	files(root, NAMES);
	files(
		root,
		NAMES.map((name) => name.replace("train", "valid")),
	);
	symlinkSync(join(root, "valid/b"), join(root, "train/b/linked"));
	const { dataset } = await scan(optionsOf(root), scratch(t));
	const script = `
import json, os, sys
from torchvision.datasets import ImageFolder
root = sys.argv[1]
data = ImageFolder(os.path.join(root, "train"))
print(json.dumps([data.classes, [[os.path.relpath(p, root), i] for p, i in data.samples]]))`;
	const { stdout, stderr } = spawnSync(torch.path, ["-c", script, root], {
		encoding: "utf8",
	});
	assert.notEqual(stdout, "", stderr);
	assert.deepEqual(JSON.parse(stdout), [
		dataset.classNames,
		dataset.samples
			.filter(({ split }) => split === "train")
			.map(({ path, label }) => [path, label]),
	]);
});

test("hidden files, links in circles and other files are left out, with a note", async (t) => {
	const root = scratch(t);
	files(root, [
		"train/a/1.jpg",
		"train/b/1.jpg",
		"valid/a/2.jpg",
		"valid/b/2.jpg",
	]);
	files(root, [
		"train/a/._1.jpg",
		"train/a/.DS_Store",
		"train/a/Thumbs.db",
		"train/a/notes.txt",
		"train/.ipynb_checkpoints/x.jpg",
		"train/README.md",
	]);
	symlinkSync(join(root, "train/a"), join(root, "train/a/again"));
	const { dataset, warnings } = await scan(optionsOf(root), scratch(t));
	assert.deepEqual(
		dataset.samples.map(({ path }) => path),
		["train/a/1.jpg", "train/b/1.jpg", "valid/a/2.jpg", "valid/b/2.jpg"],
	);
	assert.deepEqual(warnings, ["hidden-left-out"]);
});

test("every mistake in the folders is named at once", async (t) => {
	const root = scratch(t);
	files(root, [
		"train/birds/1.jpg",
		"train/cats/1.jpg",
		"train/dogs/notes.txt",
		"valid/bird/1.jpg",
		"valid/cats/1.jpg",
		"valid/cows/1.jpg",
	]);
	const errors = errorsOf(
		await scanDataset(optionsOf(root), { cacheFolder: root }),
	);
	assert.deepEqual(
		errors.map(({ code, at, message }) => [code, at.join("."), message]),
		[
			[
				"empty-class",
				"data.train",
				`class "dogs" has no photo in ${root}/train`,
			],
			[
				"class-missing-in-split",
				"data.valid",
				`class "birds" is missing from ${root}/valid`,
			],
			[
				"class-missing-in-split",
				"data.valid",
				`class "dogs" is missing from ${root}/valid`,
			],
			[
				"class-unknown-in-split",
				"data.valid",
				`class "bird" of ${root}/valid is not a class of the training photos`,
			],
			[
				"class-unknown-in-split",
				"data.valid",
				`class "cows" of ${root}/valid is not a class of the training photos`,
			],
		],
	);
	assert.equal(errors[1].suggestion, "bird");
	assert.match(errors[0].reason ?? "", /notes\.txt/);
});

test("names that only look equal are told apart in words", (t) => {
	const root = scratch(t);
	files(root, ["train/caf\u00e9/1.jpg", "train/tea/1.jpg"]);
	files(root, ["valid/cafe\u0301/1.jpg", "valid/tea/1.jpg"]);
	const [missing] = errorsOf(peekDataset(optionsOf(root)));
	assert.match(missing.fix ?? "", /Unicode form/);
});

const CASES: readonly {
	readonly claim: string;
	readonly paths: readonly string[];
	readonly root?: string;
	readonly code: string;
	readonly says: RegExp;
	readonly suggestion?: string;
}[] = [
	{
		claim: "a root that is not there: the nearest folder beside it",
		paths: ["photos/train/a/1.jpg"],
		root: "phtos",
		code: "no-such-folder",
		says: /photos/,
		suggestion: "photos",
	},
	{
		claim: "a root that is a file",
		paths: ["labels.csv"],
		root: "labels.csv",
		code: "not-a-folder",
		says: /data\.manifest/,
	},
	{
		claim: "val in place of valid",
		paths: ["train/a/1.jpg", "train/b/1.jpg", "val/a/1.jpg", "val/b/1.jpg"],
		code: "split-folder-missing",
		says: /data\.valid: val/,
		suggestion: "val",
	},
	{
		claim: "classes without splits: data.split is proposed",
		paths: ["cats/1.jpg", "dogs/1.jpg"],
		code: "split-folder-missing",
		says: /data\.split/,
	},
	{
		claim: "photos of a format that is not read: what lies there instead",
		paths: [
			"train/a/1.heic",
			"train/b/2.heic",
			"train/b/x.txt",
			"valid/a/1.heic",
		],
		code: "no-photos",
		says: /2 \.heic files, 1 \.txt file/,
	},
	{
		claim: "photos without class folders",
		paths: ["train/1.jpg", "valid/1.jpg"],
		code: "no-photos",
		says: /1 \.jpg file, but no folders of classes/,
	},
	{
		claim: "a single class",
		paths: ["train/a/1.jpg", "valid/a/1.jpg"],
		code: "one-class-only",
		says: /at least two classes/,
	},
];
for (const { claim, paths, root = ".", code, says, suggestion } of CASES) {
	test(claim, (t) => {
		const folder = scratch(t);
		files(folder, paths);
		const errors = errorsOf(peekDataset(optionsOf(join(folder, root))));
		const found = errors.find((error) => error.code === code);
		assert.ok(found, JSON.stringify(errors));
		const text = `${found.message} ${found.reason} ${found.fix}`;
		assert.match(text, says);
		assert.equal(found.suggestion, suggestion);
	});
}

test("a link to nothing is an error, not a photo less", (t) => {
	const root = scratch(t);
	files(root, [
		"train/a/1.jpg",
		"train/b/1.jpg",
		"valid/a/2.jpg",
		"valid/b/2.jpg",
	]);
	symlinkSync(join(root, "gone.jpg"), join(root, "train/a/3.jpg"));
	const [error] = errorsOf(peekDataset(optionsOf(root)));
	assert.equal(error.code, "photo-unreadable");
	assert.match(error.message, /train\/a\/3\.jpg/);
});

test("a look at the folders counts photos per split", (t) => {
	const root = scratch(t);
	files(root, [
		"train/a/1.jpg",
		"train/a/3.jpg",
		"train/b/1.jpg",
		"valid/a/2.jpg",
		"valid/b/2.jpg",
	]);
	mkdirSync(join(root, "other"));
	const peeked = peekDataset(optionsOf(root));
	assert.ok(peeked.ok);
	assert.deepEqual(peeked.value, {
		classNames: ["a", "b"],
		counts: { train: 3, valid: 2 },
		total: 5,
	});
});
