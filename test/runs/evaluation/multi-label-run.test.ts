import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { finalizeRun } from "../../../src/finalize.ts";
import { prepare } from "../../../src/prepare.ts";
import { runExperiment } from "../../../src/run.ts";
import { judge } from "../../../src/runs/gate/judge.ts";
import { gateResults } from "../../../src/runs/gate/results.ts";
import { isRight, rightShare } from "../../../src/runs/labels.ts";
import { readPredictions } from "../../../src/runs/predictions.ts";
import { readRun } from "../../../src/runs/record.ts";
import { scoreOf } from "../../../src/runs/score.ts";
import { showText } from "../../../src/runs/show-text.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	root,
	tuxpaint,
} from "../../support/graft.ts";

/** The embedded photos with their tags, half of the valid ones as the test split; 32 x 32 pixels, which is quick. */
function tags(folder: string, train = "loss: bce", more = ""): string {
	cpSync(tuxpaint, join(folder, "photos"), { recursive: true });
	const table = readFileSync(
		join(root, "experiments", "data", "tuxpaint-tags.csv"),
		"utf8",
	);
	const lines = table.split("\n").map((line, index) => {
		if (index % 7 === 3) line = line.replace(/,[^,]*,/, ",,");
		return index % 2 === 0 ? line.replace(/,valid$/, ",test") : line;
	});
	writeFileSync(join(folder, "photos", "tags.csv"), lines.join("\n"));
	return experimentIn(
		folder,
		`name: tags
data: { root: photos, manifest: photos/tags.csv, multi_label: true, test: test }
transforms: [{ Resize: { size: [32, 32] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { ${train}, optimizer: adam, learning_rate: 0.005, epochs: 6, batch_size: 32 }
${more}
`,
	);
}

async function runOf(folder: string, ...parts: readonly string[]) {
	const file = tags(folder, ...parts);
	const found = await prepare(file, {
		...{ sets: [], cacheFolder: join(folder, "cache") },
		...{ hash: true, missing: "error" },
	});
	if (!found.ok) throw new Error(JSON.stringify(found.diagnostics));
	const outcome = await runExperiment(found.value, {
		...{ runsFolder: join(folder, "runs"), cacheFolder: join(folder, "cache") },
		...{ argv: [], startedAt: 0, signal: new AbortController().signal },
		listener: {
			onStart: () => undefined,
			onFeatures: () => undefined,
			onRows: () => undefined,
			onEpoch: () => undefined,
			onWarning: () => undefined,
		},
	});
	assert.equal(outcome.status, "FINISHED", outcome.error?.message);
	return outcome;
}

test("a run of several labels a photo records them, its metrics, its page, and can be gated and finalized", async (t) => {
	const folder = folderFor(t);
	const outcome = await runOf(folder);
	const record = readRun(outcome.folder);
	const predictions = readPredictions(outcome.folder);
	const { metrics } = outcome;

	// The same numbers from training, from the predictions' file and from scikit-learn's definitions.
	const accuracy = metrics["valid/accuracy"] ?? Number.NaN;
	const shares = predictions.map(rightShare);
	const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
	assert.ok(Math.abs(accuracy - mean) < 1e-12);
	assert.ok(Math.abs(1 - (metrics["valid/hamming_loss"] ?? 0) - mean) < 1e-12);
	const whole = predictions.filter(isRight).length / predictions.length;
	assert.ok(Math.abs((metrics["valid/subset_accuracy"] ?? 0) - whole) < 1e-12);
	const loss = predictions.reduce((sum, one) => sum + one.loss, 0);
	assert.ok(
		Math.abs(loss / predictions.length - (metrics["valid/loss"] ?? 0)) < 1e-6,
	);
	assert.ok((metrics["valid/average_precision"] ?? 0) > 0.6);
	for (const name of ["f1_micro", "f1_macro", "f1_samples", "roc_auc"])
		assert.ok(`valid/${name}` in metrics, name);
	assert.ok(!("valid/ece" in metrics));
	assert.deepEqual(scoreOf(record, predictions)?.interval, undefined);
	assert.equal(scoreOf(record, predictions)?.accuracy, mean);

	const { data } = record;
	assert.equal(data?.photos?.valid, predictions.length);
	const unlabelled = predictions.filter(({ labels }) => labels?.length === 0);
	assert.ok(unlabelled.length > 0, "photos without a class are measured");
	assert.ok(predictions.every(({ label }) => label === -1));

	const page = readFileSync(join(outcome.folder, "report.html"), "utf8");
	assert.match(page, /<h2 id="labels">Labels<\/h2>/);
	assert.doesNotMatch(page, /id="confusion"/);
	assert.match(page, /share of all labels that are right/);
	const shown = showText(record, predictions, { color: false, width: 100 });
	assert.match(shown, /mean average precision {2}0\.\d{3}/);
	assert.match(shown, /valid accuracy {10}\d+\.\d+ % of all labels/);

	const results = gateResults([record]);
	assert.deepEqual(
		results.photos.map(({ right }) => right),
		predictions.map((one) => (isRight(one) ? "1" : "0")),
	);
	const verdict = judge(results, results, {
		...{ allowed_drop: 0, significance: 0.01 },
		floor: { "valid/average_precision": 0.99999 },
	});
	assert.deepEqual(
		verdict.checks.map(({ name, status }) => [name, status]),
		[
			["valid/subset_accuracy", "pass"],
			["floor valid/average_precision", "fail"],
		],
	);

	const final = await finalizeRun(outcome.folder, join(folder, "runs"), {
		cacheFolder: join(folder, "cache"),
	});
	assert.ok(final.ok);
	const { evaluation } = final.value;
	assert.ok("hammingLoss" in evaluation);
	assert.equal(evaluation.photos, data?.photos?.test);
	const after = readRun(outcome.folder).finalMetrics;
	assert.equal(after["test/accuracy"], evaluation.accuracy);
	assert.equal(after["test/average_precision"], evaluation.averagePrecision);
});

test("what takes one class a photo says so before it begins", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const file = tags(folder);
	for (const args of [
		["crossval", file],
		["data", "check", file],
	]) {
		const { code, stderr } = await graft(args, env);
		assert.equal(code, 1);
		assert.match(stderr, /multi-label-verb/);
		assert.match(stderr, /does not take photos of several classes/);
	}
});

test("test-time augmentation, focal loss and mixing in feature space work with several labels", async (t) => {
	const folder = folderFor(t);
	const { metrics } = await runOf(
		folder,
		"loss: { focal: { gamma: 1, alpha: 0.5 } }, mixup: { alpha: 0.2, space: features }",
		"evaluation: { tta: hflip }",
	);
	assert.ok((metrics["valid/accuracy"] ?? 0) > 0.6);
	assert.ok((metrics["valid/accuracy_tta"] ?? 0) > 0.6);
	assert.ok((metrics["valid/loss_tta"] ?? Number.NaN) > 0);
});
