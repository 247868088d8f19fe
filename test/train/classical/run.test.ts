import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { runRows } from "../../../src/features/rows.ts";
import { readSafetensors } from "../../../src/model/weights/safetensors.ts";
import { prepare } from "../../../src/prepare.ts";
import { runExperiment } from "../../../src/run.ts";
import { readPredictions } from "../../../src/runs/predictions.ts";
import { readRun } from "../../../src/runs/record.ts";
import { showText } from "../../../src/runs/show-text.ts";
import { copyPhotos } from "../../features/pieces.ts";
import { experimentIn, folderFor } from "../../support/graft.ts";

function yaml(photos: string, rest: string): string {
	return `name: at-once
data: { root: ${JSON.stringify(photos)} }
transforms: [{ Resize: { size: [64, 64] } }, ToTensor, Normalize]
${rest}
`;
}

const tried = (file: string, cacheFolder: string) =>
	prepare(file, { sets: [], cacheFolder, hash: true, missing: "error" });

function somePhotos(folder: string): string {
	const photos = join(folder, "photos");
	const kinds = ["a", "b", "c"];
	copyPhotos(
		photos,
		36,
		(index) =>
			`${index % 4 === 3 ? "valid" : "train"}/${kinds[Math.floor(index / 12)]}/${index}.jpg`,
	);
	return photos;
}

const HEADS: Readonly<Record<string, string>> = {
	svm: "head: { svm: { standardize: true } }, features: [_blocks.10, _flatten]",
	logistic: "head: logistic, features: _blocks.4, global_pool: max",
	ridge: "head: ridge",
	knn: "head: { knn: { n_neighbors: 3, weights: temperature } }",
	nearest_mean: "head: nearest_mean",
};

test("a run with a head without epochs is recorded like any other", async (context) => {
	const folder = folderFor(context);
	const photos = somePhotos(folder);
	const cacheFolder = join(folder, "cache");
	for (const [name, model] of Object.entries(HEADS)) {
		const text = yaml(
			photos,
			`model: { backbone: efficientnet_lite0, ${model} }`,
		);
		const prepared = await tried(experimentIn(folder, text), cacheFolder);
		assert.ok(prepared.ok, JSON.stringify(prepared));
		const chosen: number[] = [];
		const outcome = await runExperiment(prepared.value, {
			runsFolder: join(folder, "runs"),
			cacheFolder,
			argv: [],
			startedAt: performance.now(),
			signal: new AbortController().signal,
			listener: {
				onStart: () => {},
				onFeatures: () => {},
				onRows: () => {},
				onEpoch: ({ epoch, step }, epochs) =>
					assert.deepEqual([epoch, step, epochs], [1, 1, 1]),
				onChoice: ({ chosen: value }) => void chosen.push(value),
				onWarning: (code, message) => assert.fail(`${code}: ${message}`),
			},
		});
		assert.equal(outcome.status, "FINISHED", outcome.error?.message);
		const hasPath = ["svm", "logistic", "ridge"].includes(name);
		assert.equal(chosen.length, hasPath ? 1 : 0);

		const record = readRun(outcome.folder);
		assert.equal(record.epochs.length, 1);
		const { loss, accuracy } = {
			loss: record.finalMetrics["valid/loss"] ?? Number.NaN,
			accuracy: record.finalMetrics["valid/accuracy"] ?? Number.NaN,
		};
		const predictions = readPredictions(outcome.folder);
		assert.equal(predictions.length, 9);
		const right = predictions.filter(
			({ label, predicted }) => label === predicted,
		);
		assert.ok(Math.abs(right.length / 9 - accuracy) < 1e-12);
		const losses = predictions.reduce((sum, { loss }) => sum + loss, 0) / 9;
		assert.ok(Math.abs(losses - loss) < 1e-6);
		assert.match(record.environment?.backend ?? "", /^none/);
		const detail = record.phases.find(({ name }) => name === "train")?.detail;
		assert.equal(
			detail?.[name === "ridge" ? "alpha" : "C"],
			hasPath ? chosen[0] : undefined,
		);
		assert.match(
			showText(record, predictions, { color: false, width: 100 } as never),
			/at-once/,
		);
		const report = readFileSync(join(outcome.folder, "report.html"), "utf8");
		assert.match(report, new RegExp(name.replace("_", " ")));

		const { tensors } = await readSafetensors(
			join(outcome.folder, "head.safetensors"),
		);
		if (name === "knn" || name === "nearest_mean") {
			assert.deepEqual([...tensors.keys()], ["head.class_means"]);
			continue;
		}
		assert.deepEqual([...tensors.keys()].sort(), ["head.bias", "head.weight"]);
		const { plan, dataset, backbone, loaded } = prepared.value;
		assert.ok(dataset);
		const rows = await runRows({
			...{ plan, dataset, cacheFolder, experiment: loaded.experiment },
			loadWeights: backbone.loadWeights,
		});
		await rows.close();
		const weight = tensors.get("head.weight")?.data as Float32Array;
		const bias = tensors.get("head.bias")?.data as Float32Array;
		const d = rows.valid.shape[0] as number;
		predictions.forEach(({ probabilities }, row) => {
			const logits = [...bias].map((start, c) => {
				let sum = start;
				for (let j = 0; j < d; j++)
					sum += weight[c * d + j] * rows.valid.features[row * d + j];
				return sum;
			});
			const top = Math.max(...logits);
			const e = logits.map((logit) => Math.exp(logit - top));
			const total = e.reduce((sum, value) => sum + value, 0);
			probabilities.forEach((probability, c) => {
				const own = (e[c] as number) / total;
				assert.ok(Math.abs(own - probability) < 1e-4, `${name} ${row}`);
			});
		});
	}
});

test("what a head without epochs cannot stand on is refused with place, reason and fix", async (context) => {
	const folder = folderFor(context);
	const photos = somePhotos(folder);
	const codes = async (rest: string) => {
		const file = experimentIn(folder, yaml(photos, rest));
		const prepared = await tried(file, join(folder, "cache"));
		const found = prepared.ok ? prepared.warnings : prepared.diagnostics;
		for (const { range, reason, fix } of found)
			assert.ok(range && (reason || fix), `${rest}: ${reason}, ${fix}`);
		return found.map(({ code }) => code);
	};
	const model = (text: string) =>
		`model: { backbone: efficientnet_lite0, ${text} }`;
	assert.deepEqual(
		await codes(model("head: svm, freeze: { until: _blocks.14 }")),
		["classical-needs-frozen"],
	);
	assert.deepEqual(await codes(model("head: { knn: { n_neighbors: 28 } }")), [
		"too-many-neighbours",
	]);
	assert.deepEqual(
		await codes(model("head: { knn: { n_neighbors: 27 } }")),
		[],
	);
	assert.deepEqual(
		await codes(
			`${model("head: ridge")}\ntrain: { epochs: 5, optimizer: adam }`,
		),
		["train-without-effect"],
	);
	assert.deepEqual(
		await codes(`${model("head: knn")}\ntracking: { model: onnx }`),
		["classical-no-onnx"],
	);
	for (const wrong of ["0", "-1", "[]", "[1, 0]", "yes", ".nan"])
		assert.equal(
			(await codes(model(`head: { svm: { C: ${wrong} } }`))).length,
			1,
		);
	const flip = "{ RandomHorizontalFlip: { p: 0.5 } }";
	const lists = yaml(photos, model("head: logistic")).replace(
		/transforms: (.*)/,
		(_, list: string) =>
			`transforms: { train: ${list.replace("[", `[${flip}, `)}, eval: ${list} }`,
	);
	const prepared = await tried(
		experimentIn(folder, lists),
		join(folder, "cache"),
	);
	assert.deepEqual(
		!prepared.ok && prepared.diagnostics.map(({ code }) => code),
		["classical-random-transforms"],
	);
});
