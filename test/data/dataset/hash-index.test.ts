import assert from "node:assert/strict";
import {
	existsSync,
	readdirSync,
	readFileSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { leaveOut } from "../../../src/data/dataset.ts";
import { openHashIndex } from "../../../src/data/hashing/hash-index.ts";
import { sha256 } from "../../../src/fingerprint.ts";
import { errorsOf, files, optionsOf, scan, scratch } from "./folders.ts";

const PATHS = [
	"train/a/1.jpg",
	"train/b/1.jpg",
	"valid/a/2.jpg",
	"valid/b/2.jpg",
];
const STAMP = { size: 3, mtimeNs: 5n, ctimeNs: 5n, inode: 7n };
const LATER = 10_000_000_000n;

const indexFile = (cache: string) =>
	join(cache, "hashes", readdirSync(join(cache, "hashes"))[0]);

async function savedIndex(t: TestContext) {
	const cache = scratch(t);
	const index = openHashIndex(cache, "/photos");
	index.remember("x.jpg", STAMP, "a".repeat(64), LATER);
	index.remember("y.jpg", STAMP, "b".repeat(64), LATER);
	await index.save();
	return cache;
}

test("a file is known again while size, times and inode stay", async (t) => {
	const cache = await savedIndex(t);
	const index = openHashIndex(cache, "/photos");
	assert.equal(index.find("x.jpg", STAMP), "a".repeat(64));
	assert.equal(index.find("z.jpg", STAMP), undefined);
	for (const change of [
		{ size: 4 },
		{ mtimeNs: 6n },
		{ ctimeNs: 6n },
		{ inode: 8n },
	])
		assert.equal(index.find("x.jpg", { ...STAMP, ...change }), undefined);
	assert.equal(openHashIndex(cache, "/others").find("x.jpg", STAMP), undefined);
});

test("a file changed within two seconds of its hashing is not trusted", async (t) => {
	const index = openHashIndex(scratch(t), "/photos");
	index.remember("x.jpg", STAMP, "a".repeat(64), 1_000_000_000n);
	assert.equal(index.find("x.jpg", STAMP), undefined);
});

test("a damaged index is as good as none", async (t) => {
	const cache = await savedIndex(t);
	const file = indexFile(cache);
	const good = readFileSync(file, "utf8");
	for (const bad of [
		good.slice(0, -20),
		good.replace("aaaa", "aaab"),
		"",
		"\n",
		"{}",
	]) {
		writeFileSync(file, bad);
		assert.equal(
			openHashIndex(cache, "/photos").find("x.jpg", STAMP),
			undefined,
		);
	}
});

test("a changed photo is hashed anew, whatever its size and time say", async (t) => {
	const root = scratch(t);
	const cache = scratch(t);
	files(root, PATHS);
	const old = new Date(Date.now() - 60_000);
	for (const path of PATHS) utimesSync(join(root, path), old, old);
	const first = await scan(optionsOf(root), cache);
	writeFileSync(join(root, PATHS[0]), "photo train/a/X.jpg");
	utimesSync(join(root, PATHS[0]), old, old);
	const second = await scan(optionsOf(root), cache);
	assert.equal(second.dataset.samples[0].sha256, sha256("photo train/a/X.jpg"));
	assert.notEqual(second.dataset.fingerprint, first.dataset.fingerprint);
});

test("the fingerprint does not depend on where the photos lie", async (t) => {
	const [one, two] = [scratch(t), scratch(t)];
	files(one, PATHS);
	files(two, PATHS);
	const cache = scratch(t);
	const [first, second] = [
		await scan(optionsOf(one), cache),
		await scan(optionsOf(two), cache),
	];
	assert.equal(first.dataset.fingerprint, second.dataset.fingerprint);
});

test("equal photos in two classes or two splits are warned of", async (t) => {
	const root = scratch(t);
	files(root, PATHS);
	files(root, ["train/b/same.jpg"], () => "photo train/a/1.jpg");
	files(root, ["valid/a/same.jpg"], () => "photo train/a/1.jpg");
	const { dataset, warnings } = await scan(optionsOf(root), scratch(t));
	assert.equal(dataset.samples.length, 6);
	assert.deepEqual(warnings, [
		"same-photo-two-labels",
		"same-photo-two-splits",
	]);
});

test("a cache folder that cannot be written costs a warning, no result", async (t) => {
	const root = scratch(t);
	files(root, PATHS);
	const old = new Date(Date.now() - 60_000);
	for (const path of PATHS) utimesSync(join(root, path), old, old);
	const file = join(scratch(t), "file");
	writeFileSync(file, "");
	// ctime cannot be set back: the photos count as settled two seconds after they were made.
	await new Promise((resolve) => setTimeout(resolve, 2_100));
	const { dataset, warnings } = await scan(optionsOf(root), file);
	assert.equal(dataset.samples.length, 4);
	assert.deepEqual(warnings, ["cache-not-writable"]);
});

const unreadable = "/proc/self/mem";
test("a photo that cannot be read ends the scan and is named", {
	skip: !existsSync(unreadable) && "needs: Linux",
}, async (t) => {
	const root = scratch(t);
	files(root, PATHS);
	symlinkSync(unreadable, join(root, "train/b/3.jpg"));
	await assert.rejects(scan(optionsOf(root), scratch(t)), {
		code: "photo-unreadable",
		message: /train\/b\/3\.jpg/,
	});
});

test("corrupt photos are left out, but never the last of a class", async (t) => {
	const root = scratch(t);
	files(root, [...PATHS, "train/a/3.jpg"]);
	const { dataset } = await scan(optionsOf(root), scratch(t));
	const corrupt = [{ path: "train/a/1.jpg", reason: "zero bytes" }];
	const left = leaveOut(dataset, corrupt);
	assert.ok(left.ok);
	assert.equal(left.value.samples.length, 4);
	assert.deepEqual(left.value.corrupt, corrupt);
	assert.notEqual(left.value.fingerprint, dataset.fingerprint);
	const [error] = errorsOf(
		leaveOut(dataset, [{ path: "valid/b/2.jpg", reason: "zero bytes" }]),
	);
	assert.equal(
		error.message,
		'no photo of class "b" in valid can be decoded:\n  valid/b/2.jpg: zero bytes',
	);
});
