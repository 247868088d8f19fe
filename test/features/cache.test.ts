import assert from "node:assert/strict";
import {
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	statSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { openFeatureCache, shardNames } from "../../src/features/cache.ts";
import {
	gcCache,
	listCache,
	verifyCache,
} from "../../src/features/cache-care.ts";
import { cachedCounts } from "../../src/features/counts.ts";
import { openVerdicts } from "../../src/features/verdicts.ts";
import { sha256 } from "../../src/fingerprint.ts";
import { readSafetensors } from "../../src/model/weights/safetensors.ts";
import { scratch } from "../data/dataset/folders.ts";

const photo = (n: number) => sha256(`photo ${n}`);
const SHAPE = [2, 3];
/** Rows of photos from … to-1; every value of a row tells its photo. */
const rows = (from: number, to: number) =>
	new Map(
		Array.from({ length: to - from }, (_, index) => [
			photo(from + index),
			new Float32Array(6).fill(from + index + 0.5),
		]),
	);
const wanted = (n: number) =>
	new Map(Array.from({ length: n }, (_, index) => [photo(index), index]));

/** A cache of the photos 0 … 9 in two shards. */
function filled(t: TestContext, key = "k") {
	const folder = scratch(t);
	const cache = openFeatureCache(folder, key, SHAPE, { madeOf: { cut: "x" } });
	cache.append(rows(0, 5));
	cache.append(rows(5, 10));
	return { folder, key: join(folder, "features", key) };
}

/** Reads the photos 0 … n-1. */
async function read(folder: string, n: number) {
	const said: string[] = [];
	const target = new Float32Array(6 * n);
	const cache = openFeatureCache(folder, "k", SHAPE, {
		onDamage: (message) => said.push(message),
	});
	const missing = await cache.read(wanted(n), target);
	return { target, missing, said };
}

test("rows come back bit for bit, those that are missing in the order asked for", async (t) => {
	const { folder, key } = filled(t);
	const { target, missing, said } = await read(folder, 12);
	for (let n = 0; n < 10; n++)
		assert.deepEqual(
			target.subarray(6 * n, 6 * n + 6),
			new Float32Array(6).fill(n + 0.5),
		);
	assert.deepEqual(missing, [photo(10), photo(11)]);
	assert.deepEqual(said, []);
	assert.deepEqual(readdirSync(key).length, 4);
	assert.deepEqual(JSON.parse(readFileSync(join(key, "key.json"), "utf8")), {
		format: "graft features 1",
		key: "k",
		shape: SHAPE,
		dtype: "float32",
		madeOf: { cut: "x" },
	});
});

test("a shard is a .safetensors file that others can read", async (t) => {
	const { key } = filled(t);
	const { tensors, metadata } = await readSafetensors(
		join(key, shardNames(key)[0]),
	);
	assert.deepEqual(tensors.get("features")?.shape, [5, 2, 3]);
	assert.equal(metadata.photos.split(",").length, 5);
});

test("the same rows are one file, and rows that are there twice are read once", async (t) => {
	const { folder, key } = filled(t);
	const cache = openFeatureCache(folder, "k", SHAPE);
	cache.append(rows(0, 5));
	assert.equal(shardNames(key).length, 2);
	cache.append(rows(3, 8));
	const { missing, said } = await read(folder, 10);
	assert.deepEqual([missing, said], [[], []]);
	assert.equal(listCache(folder)[0].rows, 10);
});

const DAMAGE: readonly [string, (path: string) => void][] = [
	[
		"a flipped bit among the values",
		(path) => flip(path, statSync(path).size - 9),
	],
	[
		"a flipped bit among the photos' names",
		(path) => flip(path, readFileSync(path).indexOf("photos") + 40),
	],
	["a flipped bit in the first word", (path) => flip(path, 0)],
	["a truncated file", (path) => truncateSync(path, 100)],
	["an empty file", (path) => truncateSync(path, 0)],
];
for (const [what, damage] of DAMAGE) {
	test(`${what} is noticed, said and removed, and the other shard still serves`, async (t) => {
		const { folder, key } = filled(t);
		const path = join(key, shardNames(key)[0]);
		damage(path);
		const { damaged } = await verifyCache(folder);
		assert.deepEqual(
			damaged.map((shard) => shard.path),
			[path],
		);
		const { missing, said } = await read(folder, 10);
		assert.equal(missing.length, 5);
		assert.match(said.join(), /damaged.*removed/);
		assert.deepEqual((await read(folder, 10)).said, []);
		assert.equal(shardNames(key).length, 1);
	});
}

function flip(path: string, at: number): void {
	const bytes = readFileSync(path);
	bytes[at] ^= 1;
	writeFileSync(path, bytes);
}

test("a whole shard of another shape is not taken for this key's", async (t) => {
	const { folder, key } = filled(t);
	const other = openFeatureCache(folder, "other", [6]);
	other.append(rows(20, 22));
	const [name] = shardNames(other.folder);
	renameSync(join(other.folder, name), join(key, name));
	const all = new Map([...wanted(10), [photo(20), 10]]);
	const said: string[] = [];
	const cache = openFeatureCache(folder, "k", SHAPE, {
		onDamage: (message) => said.push(message),
	});
	assert.deepEqual(await cache.read(all, new Float32Array(66)), [photo(20)]);
	assert.match(said[0], /holds float32 \[2,6\], expected float32 \[2,2,3\]/);
});

test("a folder that cannot be written is an error before and after the work; it can still be read", async (t) => {
	const file = join(scratch(t), "file");
	writeFileSync(file, "");
	const cache = openFeatureCache(file, "k", SHAPE);
	assert.throws(cache.prepare, {
		code: "cache-not-writable",
		fix: /--cache DIR/,
	});
	assert.throws(() => cache.append(rows(0, 1)), { code: "cache-not-writable" });
	assert.deepEqual(await cache.read(wanted(1), new Float32Array(6)), [
		photo(0),
	]);
});

test("ls tells rows, shape, bytes, use and what a key is made of; the last used comes first", async (t) => {
	const { folder, key } = filled(t);
	openFeatureCache(folder, "z", [1]).append(
		new Map([[photo(0), new Float32Array(1)]]),
	);
	age(key, 3);
	const [first, second] = listCache(folder);
	assert.deepEqual(
		[first.key, first.rows, first.shape, first.madeOf],
		["z", 1, [1], undefined],
	);
	assert.deepEqual(
		[second.rows, second.shape, second.shards, second.madeOf],
		[10, SHAPE, 2, { cut: "x" }],
	);
	assert.ok(second.bytes > 240 + 640);
	await read(folder, 1);
	assert.equal(listCache(folder)[0].key, "k");
	assert.deepEqual(listCache(join(folder, "nothing")), []);
});

/** Sets a key's last use back. */
function age(key: string, days: number): void {
	const time = new Date(Date.now() - days * 86_400_000);
	utimesSync(join(key, "last-used"), time, time);
}

test("gc removes by age, by key and by size, the least recently used first, and what crashes left", (t) => {
	const { folder, key } = filled(t);
	for (const [name, days] of [
		["a", 1],
		["b", 2],
	] as const) {
		const cache = openFeatureCache(folder, name, SHAPE);
		cache.append(rows(0, 5));
		age(cache.folder, days);
	}
	age(key, 40);
	const old = new Date(Date.now() - 7_200_000);
	writeFileSync(join(folder, "features/a/x.99.tmp"), "");
	utimesSync(join(folder, "features/a/x.99.tmp"), old, old);
	writeFileSync(join(folder, "features/a/y.99.tmp"), "");
	const removed = (options: Parameters<typeof gcCache>[1]) =>
		gcCache(folder, options).map((entry) => entry.key);
	assert.deepEqual(removed({}), []);
	assert.deepEqual(
		readdirSync(join(folder, "features/a")).filter((name) =>
			name.endsWith(".tmp"),
		),
		["y.99.tmp"],
	);
	assert.deepEqual(removed({ olderThanDays: 30 }), ["k"]);
	const [{ bytes }] = listCache(folder);
	assert.deepEqual(removed({ maxBytes: bytes + 10 }), ["b"]);
	assert.deepEqual(removed({ maxBytes: 0 }), ["a"]);
	assert.deepEqual(readdirSync(join(folder, "features")), []);
});

test("verify counts rows and names damage, and removes nothing", async (t) => {
	const { folder, key } = filled(t);
	assert.deepEqual(await verifyCache(folder), {
		shards: 2,
		rows: 10,
		damaged: [],
	});
	flip(join(key, shardNames(key)[1]), 300);
	const { rows, damaged } = await verifyCache(folder);
	assert.deepEqual([rows, damaged.length], [5, 1]);
});

test("cached rows are counted by split, each with its pipeline's key", (t) => {
	const { folder } = filled(t);
	const samples = Array.from({ length: 14 }, (_, n) => ({
		path: `${n}.jpg`,
		sha256: photo(n),
		label: 0,
		split: n < 12 ? ("train" as const) : ("valid" as const),
	}));
	const dataset = {
		root: "",
		classNames: ["a"],
		samples,
		corrupt: [],
		fingerprint: "",
	};
	const plan = (train: string | undefined, evaluation: string) => ({
		train: { featureKey: train },
		eval: { featureKey: evaluation },
	});
	openFeatureCache(folder, "e", SHAPE).append(rows(12, 13));
	assert.deepEqual(cachedCounts(folder, plan("k", "k"), dataset), {
		train: 10,
	});
	assert.deepEqual(cachedCounts(folder, plan("k", "e"), dataset), {
		train: 10,
		valid: 1,
	});
	assert.deepEqual(cachedCounts(folder, plan(undefined, "e"), dataset), {
		valid: 1,
	});
});

test("verdicts on corrupt photos are remembered; a damaged one is forgotten", (t) => {
	const folder = scratch(t);
	const verdicts = openVerdicts(folder);
	verdicts.remember(photo(1), "zero bytes");
	verdicts.remember(photo(2), "no image");
	assert.equal(openVerdicts(folder).find(photo(1)), "zero bytes");
	assert.equal(openVerdicts(folder).find(photo(3)), undefined);
	const [decoder] = readdirSync(join(folder, "corrupt"));
	writeFileSync(join(folder, "corrupt", decoder, `${photo(2)}.json`), "{");
	assert.equal(openVerdicts(folder).find(photo(2)), undefined);
	mkdirSync(join(folder, "corrupt", decoder, "strange"));
	assert.equal(openVerdicts(folder).find(photo(1)), "zero bytes");
});
