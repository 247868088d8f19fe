import assert from "node:assert/strict";
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { envFor, folderFor, graft } from "../support/graft.ts";
import { smallExperiment, smallPhotos } from "../support/small-photos.ts";

/** `graft crossval` and `graft data check` on odd photos, and ended in the middle. */

test("more folds than a class has contents are refused before the photos pass the network", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const photos = smallPhotos(folder, { train: 3, valid: 2 });
	// Ten files of one content: no second fold could hold any.
	const bird = join(photos, "train", "bird");
	const [first = ""] = readdirSync(bird).sort();
	for (let copy = 0; copy < 10; copy++)
		cpSync(join(bird, first), join(bird, `copy-${copy}.jpg`));
	const file = smallExperiment(folder, photos, {});
	const ended = await graft(["crossval", file, "--folds", "6"], env);
	assert.equal(ended.code, 2);
	assert.match(ended.stderr, /too-many-folds: 6 folds .* "bird" has 5/);
	assert.match(ended.stderr, /write --folds 5/);
	assert.doesNotMatch(ended.stderr, /features/);
	const five = await graft(["crossval", file, "--format", "json"], env);
	assert.equal(five.code, 0, five.stderr);
	assert.equal(JSON.parse(five.stdout).scores.length, 5);
});

test("names that terminals obey are shown as they are written", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const names = ["__proto__", "a\nb\u001b[31m", "\u202ec"];
	const photos = smallPhotos(folder, { train: 4, valid: 3 }, names);
	// The same photo in two classes is found, and is named.
	const [name = ""] = readdirSync(join(photos, "train", "__proto__"));
	cpSync(
		join(photos, "train", "__proto__", name),
		join(photos, "valid", "\u202ec", "twin\u001b[2J.jpg"),
	);
	const file = smallExperiment(folder, photos, {
		rest: "sweep: { grid: { seed: [1, 2] } }",
	});
	for (const args of [
		["crossval", file, "--folds", "2", "--repeats", "2"],
		["data", "check", file],
	]) {
		const { code, stdout, stderr } = await graft(args, env);
		assert.equal(code, 0, stderr);
		assert.match(stderr, /sweep-left-out/);
		for (const odd of ["\u001b", "\u202e", "a\nb"])
			assert.ok(!stdout.includes(odd), stdout);
		assert.match(stdout, /__proto__/);
		assert.match(stdout, /twin\\x1b\[2J\.jpg/);
	}
});

test("a signal ends them at once, with nothing on stdout and whole rows in the cache", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const photos = smallPhotos(folder, { train: 12, valid: 5 });
	const file = smallExperiment(folder, photos, {});
	for (const args of [
		["crossval", file, "--format", "json", "--repeats", "30"],
		["data", "check", file, "--format", "json"],
	]) {
		const ended = await graft(args, env, (_, kill) => kill("SIGINT"));
		assert.equal(ended.code, null, "the shell says 130");
		assert.equal(ended.stdout, "");
		assert.doesNotMatch(ended.stderr, /\n {4}at /);
	}
	const verified = await graft(["cache", "verify"], env);
	assert.equal(verified.code, 0, verified.stderr);
});
