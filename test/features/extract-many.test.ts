import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { openFeatureCache } from "../../src/features/cache.ts";
import { extractMany, type Place } from "../../src/features/extract-many.ts";
import { extractorOf, optionsOf } from "../../src/features/extractor-of.ts";
import { mergePrefixes } from "../../src/features/merge-prefixes.ts";
import { sizeOf } from "../../src/model/dtypes.ts";
import { type Prepared, prepare } from "../../src/prepare.ts";
import { folderFor, root } from "../support/graft.ts";
import { copyPhotos } from "./pieces.ts";

const LAYERS = [
	"_blocks.10",
	"_blocks.15",
	"_flatten",
	"[_blocks.10, _flatten]",
];

async function preparedAt(
	features: string,
	photos: string,
	cacheFolder: string,
	extra: readonly string[] = [],
): Promise<Prepared> {
	const sets = [
		`data.root=${photos}`,
		`model.features=${features}`,
		"transforms=[{Resize: {size: [64, 64]}}, ToTensor, Normalize]",
		...extra,
	];
	const prepared = await prepare(join(root, "experiments/resize.yaml"), {
		sets,
		cacheFolder,
		hash: true,
		missing: "error",
	});
	assert.ok(prepared.ok, JSON.stringify(!prepared.ok && prepared.diagnostics));
	return prepared.value;
}

function somePhotos(folder: string): string {
	const photos = join(folder, "photos");
	const splits = ["train", "valid"];
	copyPhotos(
		photos,
		12,
		(index) => `${splits[index % 2]}/${index % 4 < 2 ? "a" : "b"}/${index}.jpg`,
	);
	return photos;
}

const placeOf = ({ plan }: Prepared): Place => ({
	...plan.eval,
	graph: plan.graph,
});

test("one pass fills the caches of several layers with the rows that each alone gives", async (context) => {
	const folder = folderFor(context);
	const photos = somePhotos(folder);
	const caches = [join(folder, "many"), join(folder, "alone")] as const;
	const all: Prepared[] = [];
	for (const layer of LAYERS)
		all.push(await preparedAt(layer, photos, caches[0]));
	const [first] = all as [Prepared];
	const { dataset, loaded, plan, backbone } = first;
	assert.ok(dataset);
	const seen: number[] = [];
	const options = {
		root: dataset.root,
		exif: loaded.experiment.data.exif,
		transforms: plan.eval.transforms,
		inputShape: plan.eval.inputShape,
		loadWeights: backbone.loadWeights,
		seed: 0,
		cacheFolder: caches[0],
		onCorrupt: "fail" as const,
		onProgress: ({ done }: { done: number }) => void seen.push(done),
	};
	const done = await extractMany(dataset.samples, all.map(placeOf), options);
	assert.deepEqual(done, { corrupt: [], computed: 12, cached: 0 });
	assert.equal(seen.at(-1), 12);

	for (const prepared of all) {
		const { experiment } = prepared.loaded;
		const request = {
			...{ plan: prepared.plan, dataset, experiment },
			...{ cacheFolder: caches[1], loadWeights: backbone.loadWeights },
		};
		const extractor = extractorOf(request, prepared.plan.eval);
		const alone = await extractor.extract(
			dataset.samples,
			optionsOf(request, prepared.plan.eval),
		);
		await extractor.close();
		const { featureKey = "", featureShape } = prepared.plan.eval;
		const rows = new Float32Array(alone.data.length);
		const cache = openFeatureCache(caches[0], featureKey, featureShape);
		assert.deepEqual(await cache.read(alone.rowOf, rows), []);
		assert.equal(rows.length, 12 * sizeOf(featureShape));
		assert.deepEqual(rows, alone.data, prepared.plan.eval.cutTensor);
	}

	const again = await extractMany(dataset.samples, all.map(placeOf), options);
	assert.deepEqual(again, { corrupt: [], computed: 0, cached: 12 });
});

test("cuts of one network share all nodes before them, and other networks are refused", async (context) => {
	const folder = folderFor(context);
	const photos = somePhotos(folder);
	const at = (layer: string, extra: readonly string[] = []) =>
		preparedAt(layer, photos, folder, extra).then(placeOf);
	const [early, late] = [await at("_blocks.10"), await at("_flatten")];
	const merged = mergePrefixes([early, late]);
	assert.ok(merged);
	assert.deepEqual(merged.starts, [0, 112, 1392]);
	// Pooling and flattening of the early one, two rows flattened, one concatenation.
	const trunk = late.graph.nodes.length - 1;
	assert.equal(merged.graph.nodes.length, trunk + 2 + 3);
	const inside = await at("_blocks.10._bn1");
	assert.equal(mergePrefixes([inside, late]), undefined);
	const other = await at("features.18", [
		"model.backbone=vgg11",
		"model.weights=none",
	]);
	assert.equal(mergePrefixes([early, other]), undefined);
});
