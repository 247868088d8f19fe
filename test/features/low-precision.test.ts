import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { photosCached } from "../../src/features/counts.ts";
import {
	type RowsRequest,
	runRows,
	samplesOf,
} from "../../src/features/rows.ts";
import { type Prepared, prepare } from "../../src/prepare.ts";
import { folderFor, root } from "../support/graft.ts";

/** Rows of the embedded photos in lower precision and in views, through the rooms themselves. */

const PIXELS = "[{ Resize: { size: [64, 64] } }, ToTensor, Normalize]";
const RANDOM =
	"[{ RandomResizedCrop: 64 }, RandomHorizontalFlip, ToTensor, Normalize]";

async function prepared(
	folder: string,
	model = "",
	train = "",
	transforms = PIXELS,
): Promise<Prepared> {
	const file = join(folder, `${readdirSync(folder).length}.yaml`);
	writeFileSync(
		file,
		`data: { root: ${join(root, "experiments/data/tuxpaint-photos")} }
transforms: ${transforms}
model: { backbone: efficientnet_lite0, freeze: all, head: linear, ${model} }
train: { epochs: 3, ${train} }
`,
	);
	const found = await prepare(file, {
		...{ sets: [], cacheFolder: join(folder, "cache"), hash: true },
		missing: "error",
	});
	assert.ok(found.ok, JSON.stringify(found.ok || found.diagnostics));
	return found.value;
}

function requestOf(
	{ plan, dataset, loaded, backbone }: Prepared,
	cacheFolder: string,
): RowsRequest {
	assert.ok(dataset);
	const { experiment } = loaded;
	const { loadWeights } = backbone;
	return { plan, dataset, experiment, loadWeights, cacheFolder };
}

test("int8 is calibrated on training photos alone, the same ones and the same rows each time, and near float32", async (context) => {
	const folder = folderFor(context);
	const one = await prepared(folder, "precision: { int8: { photos: 16 } }");
	const { int8 } = one.plan.eval;
	assert.ok(int8 && one.dataset);
	const train = new Set(samplesOf(one.dataset, "train").map((s) => s.sha256));
	assert.equal(int8.photos.length, 16);
	for (const photo of int8.photos) assert.ok(train.has(photo));
	const [first, second] = [join(folder, "a"), join(folder, "b")];
	const rows = await runRows(requestOf(one, first));
	const again = await runRows(requestOf(one, second));
	assert.deepEqual(again.valid.features, rows.valid.features);
	assert.deepEqual(await again.train(1), await rows.train(1));
	assert.equal(rows.computed, rows.dataset.samples.length);
	assert.equal(rows.agreement?.photos, 43);
	assert.ok(rows.agreement && rows.agreement.cosine > 0.98);
	assert.ok(rows.agreement.cosine < 0.999999, "it is not float32");
	assert.deepEqual(readdirSync(join(first, "ranges")), [`${int8.key}.json`]);
	const cached = await runRows(requestOf(one, first));
	assert.equal(cached.computed, 0);
	assert.deepEqual(cached.agreement, rows.agreement);
	assert.deepEqual(cached.valid.features, rows.valid.features);
});

test("a floor that int8 does not reach refuses before the training photos pass the network", async (context) => {
	const folder = folderFor(context);
	const strict = await prepared(
		folder,
		"precision: { int8: { photos: 4, min_cosine: 1 } }",
	);
	const cache = join(folder, "cache");
	await assert.rejects(runRows(requestOf(strict, cache)), {
		code: "int8-differs",
		fix: /precision: float32/,
	});
	assert.equal(photosCached(cache, strict.plan.eval.featureKey).size, 43);
});

test("what rows are computed in and kept in is in their key; what only judges them is not", async (context) => {
	const folder = folderFor(context);
	const keyOf = async (model: string) =>
		(await prepared(folder, model)).plan.eval.featureKey;
	const keys = await Promise.all(
		[
			"",
			"precision: int8",
			"precision: { int8: { photos: 8 } }",
			"precision: { int8: { range: mse } }",
			"feature_dtype: float16",
			"precision: int8, feature_dtype: float16",
		].map(keyOf),
	);
	assert.equal(new Set(keys).size, keys.length);
	assert.equal(await keyOf("precision: float32"), keys[0]);
	assert.equal(await keyOf("feature_dtype: float32"), keys[0]);
	assert.equal(
		await keyOf("precision: { int8: { min_cosine: 0.5, min_agreement: 0 } }"),
		keys[1],
	);
});

test("features kept as float16 are the same computed and read again, and near float32", async (context) => {
	const folder = folderFor(context);
	const halves = await prepared(folder, "feature_dtype: float16");
	const cache = join(folder, "cache");
	const rows = await runRows(requestOf(halves, cache));
	const again = await runRows(requestOf(halves, cache));
	assert.equal(again.computed, 0);
	assert.deepEqual(again.valid.features, rows.valid.features);
	assert.ok(rows.agreement && rows.agreement.leastCosine > 0.99999);
	assert.ok(rows.agreement.leastCosine < 1);
});

test("views are what an uncached run draws in its first epochs, taken in turn, computed once", async (context) => {
	const folder = folderFor(context);
	const transforms = `{ train: ${RANDOM}, eval: ${PIXELS} }`;
	const live = await prepared(folder, "", "", transforms);
	const two = await prepared(folder, "", "views: 2", transforms);
	assert.equal(two.plan.train.featureKey, undefined);
	assert.equal(two.plan.train.views?.length, 2);
	const cache = join(folder, "cache");
	const uncached = await runRows(requestOf(live, cache));
	const drawn = [await uncached.train(1), await uncached.train(2)];
	await uncached.close();
	assert.notDeepEqual(drawn[0], drawn[1]);
	for (const round of ["computed", "cached"]) {
		const rows = await runRows(requestOf(two, cache));
		assert.deepEqual(await rows.train(1), drawn[0], round);
		assert.deepEqual(await rows.train(2), drawn[1], round);
		assert.deepEqual(await rows.train(3), drawn[0], round);
		assert.deepEqual(rows.valid, uncached.valid);
		await rows.close();
		assert.equal(rows.computed, round === "computed" ? 104 : 0);
	}
});

test("views on bytes in halves combine", async (context) => {
	const folder = folderFor(context);
	const transforms = `{ train: ${RANDOM}, eval: ${PIXELS} }`;
	const model = "precision: { int8: { photos: 8 } }, feature_dtype: float16";
	const keysOf = async (train: string) =>
		(await prepared(folder, model, train, transforms)).plan.train.views?.map(
			({ featureKey }) => featureKey,
		) ?? [];
	const [two, three] = [await keysOf("views: 2"), await keysOf("views: 3")];
	assert.deepEqual(three.slice(0, 2), two);
	assert.equal(new Set(three).size, 3);
	const all = await prepared(folder, model, "views: 2", transforms);
	const cache = join(folder, "cache");
	const rows = await runRows(requestOf(all, cache));
	await rows.train(2);
	await rows.close();
	for (const key of two) assert.equal(photosCached(cache, key).size, 104);
	const { int8, featureDtype } = all.plan.train;
	assert.equal(int8?.key, all.plan.eval.int8?.key);
	assert.equal(featureDtype, "float16");
});
