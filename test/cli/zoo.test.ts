import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { tensorOf } from "../../src/model/dtypes.ts";
import { readSafetensors } from "../../src/model/weights/safetensors.ts";
import { writeSafetensors } from "../../src/model/weights/safetensors-write.ts";
import { zooEntry, zooNames } from "../../src/model/zoo/zoo.ts";
import { weightsOf } from "../model/formula.ts";
import { fewPhotos } from "../oracle/photos.ts";
import { envFor, experimentIn, folderFor, graft } from "../support/graft.ts";

interface Row {
	readonly name: string;
	readonly weights: { readonly url?: string };
	readonly path: string | null;
}

test("graft zoo lists every network, and says whose weights lie in the cache", async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	const list = async (...words: string[]) => {
		const { code, stdout } = await graft(["zoo", ...words], env);
		assert.equal(code, 0);
		return stdout;
	};
	const rows = JSON.parse(await list("--format", "json")) as Row[];
	assert.deepEqual(
		rows.map(({ name }) => name),
		zooNames(),
	);
	assert.deepEqual(
		rows.filter(({ path }) => path !== null).map(({ name }) => name),
		["efficientnet_lite0"],
	);

	const url = new URL(
		rows.find(({ name }) => name === "resnet18")?.weights.url ?? "",
	);
	const cache = env.GRAFT_CACHE ?? "";
	const path = join(cache, "weights", url.hostname, url.pathname);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, "");
	const found = JSON.parse(
		await list("--search", "ResNet18", "--format", "json"),
	) as Row[];
	assert.deepEqual(
		found.map(({ name, path }) => [name, path]),
		[["resnet18", path]],
	);

	const checkpoints = join(env.TORCH_HOME ?? "", "hub/checkpoints");
	mkdirSync(checkpoints, { recursive: true });
	writeFileSync(join(checkpoints, "vgg11-8a719046.pth"), "");
	assert.match(await list("--search", "vgg11"), /^vgg11 .* here \(torch\)$/m);

	const text = await list("--search", "efficientnet_b0");
	const [header, row, ...rest] = text.trimEnd().split("\n");
	assert.match(header ?? "", /^name +parameters +GFLOPs +top-1 +photos/);
	assert.match(
		row ?? "",
		/^efficientnet_b0 +5\.3 M +0\.77 +77\.7 % +224 x 224 +classifier\.1 +BSD-3-Clause +not here$/,
	);
	assert.deepEqual(rest, []);
});

test("a search that finds nothing names the nearest network", async (context) => {
	const { code, stdout, stderr } = await graft(
		["zoo", "--search", "mobilnet_v2"],
		envFor(folderFor(context)),
	);
	assert.deepEqual([code, stdout], [0, ""]);
	assert.match(stderr, /did you mean "mobilenet_v2"\?/);
});

test("training on a state_dict of mobilenet_v2 leaves its frozen part bit by bit as it was, BatchNorm included", async (context) => {
	const folder = folderFor(context);
	fewPhotos(folder, ["bird", "fruit"], 4, 2);
	const network = zooEntry("mobilenet_v2")?.build([64, 64]);
	assert.ok(network);
	const state = weightsOf(network);
	state.set("features.0.1.num_batches_tracked", tensorOf("int64", [], [9]));
	writeFileSync(join(folder, "state.safetensors"), writeSafetensors(state));
	const file = experimentIn(
		folder,
		`data: { root: photos }
transforms: [{ Resize: { size: [64, 64] } }, ToTensor, Normalize]
model:
  backbone: mobilenet_v2
  weights: state.safetensors
  freeze: all
  replace: { classifier.1: { Linear: { out_features: 2 } } }
train: { loss: cross_entropy, optimizer: { sgd: { momentum: 0.9 } }, learning_rate: 0.1, epochs: 3, batch_size: 4 }
`,
	);
	const features = async (name: string) => {
		const env = { ...envFor(folder), GRAFT_CACHE: join(folder, name) };
		const out = join(folder, `${name}.safetensors`);
		const words = ["features", file, "--at", "flatten", "--out", out];
		const ended = await graft(words, env);
		assert.equal(ended.code, 0, ended.stderr);
		return (await readSafetensors(out)).tensors;
	};
	const before = await features("before");
	const run = await graft(["run", file], envFor(folder));
	assert.equal(run.code, 0, run.stderr);
	const after = await features("after");
	assert.deepEqual(before.get("train/features")?.shape, [8, 1280]);
	assert.deepEqual(after, before);
});
