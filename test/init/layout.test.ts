import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { type TestContext } from "node:test";
import sharp from "sharp";
import { findLayout } from "../../src/init/layout.ts";
import { orientationOf } from "../../src/init/orientation.ts";
import { folderFor } from "../support/graft.ts";

/** How photos may lie in a folder, and what `data` then says. Nothing is opened: empty files are photos enough. */

test("split folders keep their names, in any case, and a test folder is named", (t) => {
	const root = tree(
		t,
		"Train/a/1.jpg",
		"Train/b/1.jpg",
		"val/a/2.jpg",
		"val/b/2.jpg",
		"test/a/3.jpg",
	);
	assert.deepEqual(dataOf(root), {
		train: "Train",
		valid: "val",
		test: "test",
	});
});

test("the usual names need no words", (t) => {
	assert.deepEqual(
		dataOf(
			tree(
				t,
				"train/a/1.jpg",
				"train/b/1.jpg",
				"valid/a/2.jpg",
				"valid/b/2.jpg",
			),
		),
		{},
	);
});

test("class folders without splits are split, photos beside them told", (t) => {
	const root = tree(t, "a/1.jpg", "a/deep/er/2.PNG", "b/1.webp", "loose.jpg");
	assert.deepEqual(dataOf(root), { split: { valid: 0.2 } });
	assert.match(notesOf(root), /1 photo beside the class folders/);
});

test("train without valid is split, and the test folder is left alone", (t) => {
	const root = tree(
		t,
		"train/a/1.jpg",
		"train/b/1.jpg",
		"test/a/1.jpg",
		"test/b/1.jpg",
	);
	const found = findLayout(root);
	assert.ok(found.ok);
	assert.equal(found.value.root, join(root, "train"));
	assert.deepEqual(found.value.data, { split: { valid: 0.2 } });
	assert.match(notesOf(root), /test\/ is left alone/);
});

test("a folder around all others is looked into", (t) => {
	const root = tree(t, "images/a/1.jpg", "images/b/1.jpg", "images/readme.txt");
	const found = findLayout(root);
	assert.ok(found.ok);
	assert.equal(found.value.root, join(root, "images"));
});

test("a CSV with path and label is a manifest, with or without splits", (t) => {
	const root = tree(t, "1.jpg", "more/2.jpg");
	const manifest = join(root, "labels.csv");
	writeFileSync(manifest, "path,label\n1.jpg,a\nmore/2.jpg,b\n");
	assert.deepEqual(dataOf(root), { manifest, split: { valid: 0.2 } });
	writeFileSync(
		manifest,
		"path,label,split\n1.jpg,a,train\nmore/2.jpg,b,valid\n",
	);
	assert.deepEqual(dataOf(root), { manifest });
});

test("what says nothing of classes is an error that says what to do", (t) => {
	const cases: readonly (readonly [string, string, RegExp])[] = [
		[tree(t, "1.jpg", "2.jpg"), "init-no-labels", /folder of their own/],
		[tree(t, "notes.txt"), "no-photos", /class folders/],
		[tree(t, "cats/1.jpg", "cats/2.jpg"), "one-class-only", /another class/],
		[join(tree(t, "a/1.jpg"), "nowhere"), "no-such-folder", /name the folder/],
	];
	for (const [root, code, fix] of cases) {
		const found = findLayout(root);
		assert.ok(!found.ok, code);
		assert.equal(found.diagnostics[0]?.code, code);
		assert.match(found.diagnostics[0]?.fix ?? "", fix);
	}
	const renamed = tree(t, "1.jpg");
	writeFileSync(join(renamed, "names.csv"), "file,class\n1.jpg,a\n");
	const found = findLayout(renamed);
	assert.ok(!found.ok);
	assert.match(found.diagnostics[0]?.fix ?? "", /rename its columns/);
});

test("the orientation tag is read as sharp writes it, and nothing else is taken for one", async () => {
	const plain = sharp({
		create: { width: 8, height: 4, channels: 3, background: "#888" },
	}).jpeg();
	const bytes = await plain.clone().toBuffer();
	assert.equal(orientationOf(bytes), undefined);
	for (const orientation of [1, 6, 8]) {
		const tagged = await plain.clone().withMetadata({ orientation }).toBuffer();
		assert.equal(orientationOf(tagged), orientation);
		// Cut anywhere, it is no error.
		for (let end = 0; end < tagged.length; end += 7)
			orientationOf(tagged.subarray(0, end));
	}
	assert.equal(orientationOf(new Uint8Array()), undefined);
});

function tree(t: TestContext, ...files: readonly string[]): string {
	const root = folderFor(t);
	for (const file of files) {
		mkdirSync(dirname(join(root, file)), { recursive: true });
		writeFileSync(join(root, file), "");
	}
	return root;
}

function dataOf(root: string) {
	const found = findLayout(root);
	assert.ok(found.ok, JSON.stringify(found));
	return found.value.data;
}

function notesOf(root: string): string {
	const found = findLayout(root);
	return found.ok ? found.value.notes.join("\n") : "";
}
