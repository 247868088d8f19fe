import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { peekDataset, scanDataset } from "../../../src/data/dataset.ts";
import type { Dataset } from "../../../src/data/types.ts";
import type { SplitOptions } from "../../../src/experiment/types.ts";
import {
	errorsOf,
	files,
	optionsOf,
	scan,
	scratch,
	splitOf,
} from "./folders.ts";

const photos = (name: string, n: number, from = 0) =>
	Array.from({ length: n }, (_, index) => `${name}/${index + from}.jpg`);

/** path → split. */
const splits = ({ samples }: Dataset) =>
	Object.fromEntries(samples.map(({ path, split }) => [path, split]));

function counts({ samples, classNames }: Dataset): Record<string, number> {
	const found: Record<string, number> = {};
	for (const { split, label } of samples) {
		const key = `${split} ${classNames[label]}`;
		found[key] = (found[key] ?? 0) + 1;
	}
	return found;
}

test("a stratified split has the exact share of each class, and a look foretells it", async (t) => {
	const root = scratch(t);
	files(root, [...photos("a", 50), ...photos("b", 13), ...photos("c", 3)]);
	const split = splitOf(join(scratch(t), "split.json"), { test: 0.1 });
	const options = optionsOf(root, { split });
	const { dataset } = await scan(options, scratch(t));
	assert.deepEqual(counts(dataset), {
		"train a": 35,
		"train b": 9,
		"train c": 1,
		"valid a": 10,
		"valid b": 3,
		"valid c": 1,
		"test a": 5,
		"test b": 1,
		"test c": 1,
	});
	const peeked = peekDataset(options);
	assert.deepEqual(peeked.ok && peeked.value.counts, {
		train: 45,
		valid: 14,
		test: 7,
	});
});

test("a kept split stays as it is; new photos are dealt so that the shares hold", async (t) => {
	const root = scratch(t);
	const cache = scratch(t);
	files(root, [...photos("a", 20), ...photos("b", 20)]);
	const split = splitOf(join(scratch(t), "kept/split.json"));
	const options = optionsOf(root, { split });
	const before = splits((await scan(options, cache)).dataset);
	const text = readFileSync(split.file, "utf8");
	await scan(options, cache);
	assert.equal(readFileSync(split.file, "utf8"), text);

	files(root, photos("a", 10, 20));
	rmSync(join(root, "b/3.jpg"));
	const { dataset } = await scan(options, cache);
	const after = splits(dataset);
	for (const [path, where] of Object.entries(before))
		if (path !== "b/3.jpg") assert.equal(after[path], where, path);
	assert.equal(counts(dataset)["valid a"], 6);
	files(root, ["b/3.jpg"]);
	assert.equal(
		splits((await scan(options, cache)).dataset)["b/3.jpg"],
		before["b/3.jpg"],
	);
});

test("a draw depends on contents and seed, not on names, and without stratify no photo moves another", async (t) => {
	const cache = scratch(t);
	const draw = async (
		paths: readonly string[],
		rename: (path: string) => string,
		more: Partial<SplitOptions>,
	) => {
		const root = scratch(t);
		for (const path of paths)
			files(root, [rename(path)], () => `photo ${path}`);
		const split = splitOf(join(scratch(t), "split.json"), more);
		const { dataset } = await scan(optionsOf(root, { split }), cache);
		return Object.fromEntries(
			dataset.samples.map(({ sha256, split }) => [sha256, split]),
		);
	};
	const some = [...photos("a", 40), ...photos("b", 40)];
	const plain = await draw(some, (path) => path, {});
	const renamed = await draw(
		some,
		(path) => path.replace(".jpg", "-x.png"),
		{},
	);
	assert.deepEqual(renamed, plain);
	assert.notDeepEqual(await draw(some, (path) => path, { seed: 1 }), plain);

	const loose = { stratify: false, valid: 0.4 };
	const few = await draw(some, (path) => path, loose);
	const more = await draw(
		[...some, ...photos("a", 40, 40)],
		(path) => path,
		loose,
	);
	for (const [photo, split] of Object.entries(few))
		assert.equal(more[photo], split);
});

test("equal photos are drawn into one split", async (t) => {
	const root = scratch(t);
	files(root, [...photos("a", 30), ...photos("b", 30)]);
	files(
		root,
		photos("a", 30, 30),
		(path) => `photo a/${Number(/\d+/.exec(path)?.[0]) - 30}.jpg`,
	);
	const split = splitOf(join(scratch(t), "split.json"), { valid: 0.5 });
	const { dataset, warnings } = await scan(
		optionsOf(root, { split }),
		scratch(t),
	);
	const where = splits(dataset);
	for (let n = 0; n < 30; n++)
		assert.equal(where[`a/${n}.jpg`], where[`a/${n + 30}.jpg`]);
	assert.deepEqual(warnings, []);
});

test("a regular expression on the path groups photos", async (t) => {
	const root = scratch(t);
	const paths = ["a", "b"].flatMap((name) =>
		Array.from({ length: 24 }, (_, n) => `${name}/${name}${n % 8}_${n}.jpg`),
	);
	files(root, paths);
	const split = splitOf(join(scratch(t), "split.json"), {
		valid: 0.25,
		group_by: "/([^_]+)_",
	});
	const options = optionsOf(root, { split });
	const where = splits((await scan(options, scratch(t))).dataset);
	const groups = new Map<string, string>();
	for (const [path, split] of Object.entries(where)) {
		const group = /\/([^_]+)_/.exec(path)?.[1] as string;
		assert.equal(groups.get(group) ?? split, split);
		groups.set(group, split);
	}
	assert.equal(
		Object.values(where).filter((split) => split === "valid").length,
		12,
	);

	const bad = (group_by: string) =>
		errorsOf(peekDataset({ ...options, split: { ...split, group_by } }))[0];
	assert.equal(bad("(").code, "bad-pattern");
	assert.equal(bad("/x(.*)").code, "group-unmatched");
});

test("a broken split file is an error that says what is wrong and is left alone", async (t) => {
	const root = scratch(t);
	const cache = scratch(t);
	files(root, [...photos("a", 10), ...photos("b", 10)]);
	const split = splitOf(join(scratch(t), "split.json"));
	const options = optionsOf(root, { split });
	await scan(options, cache);
	const good = readFileSync(split.file, "utf8");
	const says = async (text: string, more: Partial<SplitOptions> = {}) => {
		writeFileSync(split.file, text);
		const result = await scanDataset(
			{ ...options, split: { ...split, ...more } },
			{ cacheFolder: cache },
		);
		assert.equal(readFileSync(split.file, "utf8"), text);
		return errorsOf(result)
			.map(({ code, message }) => `${code}: ${message}`)
			.join("\n");
	};
	assert.match(await says(good.slice(0, 200)), /bad-split-file/);
	assert.match(
		await says("[]"),
		/bad-split-file: .* expected "format": "graft split 1"/,
	);
	assert.match(
		await says(good.replace('"train"', '"trian"')),
		/has the split "trian"/,
	);
	assert.match(
		await says(good.replace(/"[0-9a-f]{64}"/, '"abc"')),
		/"abc" is no sha256/,
	);
	assert.match(
		await says(good, { seed: 7 }),
		/split-file-differs: .* drawn with seed 0, not 7/,
	);
});

test("a class with too few photos for all splits is named", async (t) => {
	const root = scratch(t);
	files(root, [...photos("a", 10), ...photos("b", 1)]);
	const split = splitOf(join(scratch(t), "split.json"));
	const result = await scanDataset(optionsOf(root, { split }), {
		cacheFolder: scratch(t),
	});
	const [error] = errorsOf(result);
	assert.equal(error.code, "class-missing-in-split");
	assert.match(error.message, /no photo of class "b" was drawn for valid/);
});

test("folders of splits are not taken for classes", (t) => {
	const root = scratch(t);
	files(root, ["train/a/1.jpg", "val/a/1.jpg"]);
	const split = splitOf(join(root, "split.json"));
	const [error] = errorsOf(peekDataset(optionsOf(root, { split })));
	assert.equal(error.code, "split-of-splits");
});

test("a split that cannot be kept ends the run with a reason", async (t) => {
	const root = scratch(t);
	files(root, [...photos("a", 10), ...photos("b", 10)]);
	const split = splitOf(join(root, "a/0.jpg/split.json"));
	await assert.rejects(
		scanDataset(optionsOf(root, { split }), { cacheFolder: scratch(t) }),
		{ code: "split-not-kept" },
	);
});
