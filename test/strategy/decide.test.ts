import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { cachedCounts } from "../../src/features/counts.ts";
import type { Weights } from "../../src/model/types.ts";
import { type Prepared, prepare } from "../../src/prepare.ts";
import { decideStrategy } from "../../src/strategy/decide.ts";
import type { Decision } from "../../src/strategy/types.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	root,
	tuxpaint,
} from "../support/graft.ts";
import { smallPhotos } from "../support/small-photos.ts";
import { drawGratings } from "./gratings.ts";

/** `strategy: auto` on real photos and on drawn ones, by the embedded network. */

test("the embedded photos are few and like the network's own: linear_probe, the same each time, the valid photos unseen", async (t) => {
	const folder = folderFor(t);
	const prepared = await auto(folder, tuxpaint);
	const first = await decide(prepared, folder);
	assert.equal(first.strategy, "linear_probe");
	assert.deepEqual(first.sets, ["strategy=linear_probe"]);
	assert.match(first.reasons.join("\n"), /104 training photos of 5 classes/);
	assert.match(first.reasons.join("\n"), /LEEP -\d/);
	const { plan, dataset } = prepared;
	assert.ok(dataset);
	const rows = cachedCounts(join(folder, "cache"), plan, dataset);
	assert.deepEqual(rows, { train: 104 });
	assert.deepEqual(await decide(prepared, folder, false), first);
});

test("stripes in noise are unlike them: early_layer_svm, whose run finds its features in the cache, keeps the reasons and shows them", async (t) => {
	const folder = folderFor(t);
	const photos = join(folder, "stripes");
	await drawGratings(photos, 6, { train: 10, valid: 2 });
	const file = autoFile(folder, photos);
	const env = envFor(folder);
	const before = await graft(["plan", file], env);
	assert.match(before.stdout, /strategy auto: not decided yet/);
	const ran = await graft(["run", file, "--format", "json"], env);
	assert.equal(ran.code, 0, ran.stderr);
	const { strategy: decision, run_id } = JSON.parse(ran.stdout) as {
		strategy: Decision;
		run_id: string;
	};
	assert.equal(decision.strategy, "early_layer_svm");
	assert.match(decision.sets.join(" "), /model\.features\.depth=0\.\d/);
	assert.match(ran.stderr, /12 computed, 60 from the cache/);
	const shown = await graft(["show", run_id], env);
	assert.ok(shown.stdout.includes(decision.reasons[0] as string));
	const after = await graft(["plan", file, "--format", "json"], env);
	const plan = JSON.parse(after.stdout) as {
		decision: Decision;
		strategy: { name: string };
	};
	assert.deepEqual(plan.decision, decision);
	assert.equal(plan.strategy.name, "early_layer_svm");
});

test("one photo a class, and one class with one photo, are decided with what can be measured", async (t) => {
	const folder = folderFor(t);
	const alone = smallPhotos(folder, { train: 1, valid: 1 });
	const one = await decide(await auto(folder, alone), folder);
	assert.equal(one.strategy, "linear_probe");
	assert.match(one.reasons.join("\n"), /nothing can be held out/);

	const uneven = smallPhotos(join(folder, "b"), { train: 6, valid: 1 });
	const birds = join(uneven, "train", "bird");
	for (const name of readdirSync(birds).slice(1))
		writeFileSync(join(birds, name), "no photo any more");
	const rest = await decide(
		await auto(join(folder, "b"), uneven, ["data.on_corrupt=skip"]),
		folder,
	);
	assert.match(rest.reasons.join("\n"), /tried on held-out folds/);
	const { measured } = rest.measures as { measured: number };
	assert.equal(measured, 13, "photos that cannot be read are left out");
});

test("of photos with several classes the number alone decides", async (t) => {
	const folder = folderFor(t);
	const prepared = await auto(folder, tuxpaint, [
		`data.manifest=${join(root, "experiments/data/tuxpaint-tags.csv")}`,
		"data.multi_label=true",
	]);
	const { strategy, reasons } = await decide(prepared, folder);
	assert.equal(strategy, "linear_probe");
	assert.match(reasons.join("\n"), /the number of photos decides/);
});

test("random weights are told, and so is a network without a classifier of its own", async (t) => {
	const folder = folderFor(t);
	const photos = smallPhotos(folder, { train: 6, valid: 1 });
	const bare = await auto(folder, photos, ["model.weights=none"]);
	const random = await decide(bare, folder);
	assert.match(random.reasons.join("\n"), /the weights are random/);

	const { backbone, ...rest } = await auto(folder, photos);
	const headless = { ...backbone, numClasses: undefined };
	const trunk = await decide({ ...rest, backbone: headless }, folder, false);
	assert.match(trunk.reasons.join("\n"), /no classifier of its own/);
});

test("features that are not numbers are an error, not a decision", async (t) => {
	const folder = folderFor(t);
	const photos = smallPhotos(folder, { train: 2, valid: 1 });
	const prepared = await auto(folder, photos);
	const { backbone } = prepared;
	const loadWeights = async (): Promise<Weights> => {
		const weights = new Map(await backbone.loadWeights());
		const [name, stem] = [...weights].find(([key]) =>
			key.includes("conv_stem"),
		) as [string, { data: Float32Array; shape: number[]; dtype: "float32" }];
		const data = new Float32Array(stem.data.length).fill(Number.NaN);
		return weights.set(name, { ...stem, data });
	};
	await assert.rejects(
		decide({ ...prepared, backbone: { ...backbone, loadWeights } }, folder),
		{ code: "features-not-finite" },
	);
});

function autoFile(folder: string, photos: string): string {
	return experimentIn(
		folder,
		`strategy: auto\ndata: { root: ${JSON.stringify(photos)} }\ntransforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]\n`,
	);
}

async function auto(
	folder: string,
	photos: string,
	sets: readonly string[] = [],
): Promise<Prepared> {
	const prepared = await prepare(autoFile(folder, photos), {
		...{ sets, cacheFolder: join(folder, "cache"), hash: true },
		missing: "error",
	});
	assert.ok(prepared.ok, JSON.stringify(prepared));
	assert.equal(prepared.value.loaded.strategy, "auto");
	return prepared.value;
}

async function decide(
	prepared: Prepared,
	folder: string,
	useCache = true,
): Promise<Decision> {
	const cacheFolder = join(folder, "cache");
	const found = await decideStrategy(prepared, { cacheFolder, useCache });
	assert.ok(found.ok, JSON.stringify(found));
	return found.value;
}
