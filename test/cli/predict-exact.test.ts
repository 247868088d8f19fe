import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { envFor, experimentIn, folderFor, graft } from "../support/graft.ts";
import { smallPhotos } from "../support/small-photos.ts";

/** What a run says of its valid photos at its end it says ever after, to the last bit of float32. */

const KINDS: Readonly<Record<string, string>> = {
	"BatchNorm that has learnt":
		"model: { backbone: efficientnet_lite0, freeze: { until: _blocks.14 } }",
	"a whole network that has learnt":
		"model: { backbone: resnet18, weights: none, freeze: none }",
	"a layer replaced after a Dropout":
		"model: { backbone: mobilenet_v2, weights: none, replace: { classifier.1: { Linear: { out_features: 3 } } } }",
	"features in float16":
		"model: { backbone: efficientnet_lite0, feature_dtype: float16 }",
	"a trunk on bytes":
		"model: { backbone: efficientnet_lite0, precision: { int8: { min_agreement: 0, min_cosine: 0 } } }",
	"an average of the weights":
		"model: { backbone: efficientnet_lite0, freeze: { until: _blocks.14 } }",
	"a second phase that unfroze": "model: { backbone: efficientnet_lite0 }",
};

const MORE: Readonly<Record<string, string>> = {
	"an average of the weights": ", ema: 0.5",
	"a second phase that unfroze":
		", phases: [{ name: probe, epochs: 1 }, { name: tune, epochs: 1, freeze: { until: _blocks.14 } }]",
};

for (const [kind, model] of Object.entries(KINDS))
	test(`${kind}: predict says what the run said`, async (context) => {
		const folder = folderFor(context);
		const photos = smallPhotos(folder, { train: 6, valid: 5 });
		const env = envFor(folder);
		const file = experimentIn(
			folder,
			`data: { root: photos }
transforms: [{ Resize: { size: [32, 32] } }, ToTensor, Normalize]
${model}
train: { optimizer: adam, learning_rate: 0.01, epochs: 2, batch_size: 8${MORE[kind] ?? ""} }
`,
		);
		const ended = await graft(["run", file, "--format", "json"], env);
		assert.equal(ended.code, 0, ended.stderr);
		const { run_id } = JSON.parse(ended.stdout);
		const recorded = readFileSync(
			join(String(env.GRAFT_RUNS), run_id, "predictions.jsonl"),
			"utf8",
		)
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line))
			.filter((line) => line.path !== undefined);
		const asked = await graft(
			["predict", run_id, join(photos, "valid"), "--format", "json"],
			env,
		);
		assert.equal(asked.code, 0, asked.stderr);
		const said = new Map<string, readonly number[]>(
			JSON.parse(asked.stdout).photos.map(
				(photo: { path: string; probabilities: number[] }) => [
					photo.path.slice(photos.length + 1),
					photo.probabilities,
				],
			),
		);
		assert.equal(said.size, 15);
		for (const { path, probabilities } of recorded)
			assert.deepEqual(
				said.get(path)?.map(Math.fround),
				probabilities.map(Math.fround),
				path,
			);
	});
