import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { readPredictions } from "../../src/runs/predictions.ts";
import { readRun } from "../../src/runs/record.ts";
import { envFor, folderFor, graft } from "../support/graft.ts";

interface Trained {
	readonly run_id: string;
	readonly run_dir: string;
	readonly metrics: Readonly<Record<string, number>>;
	readonly history: readonly Readonly<Record<string, number>>[];
	readonly steps?: readonly {
		readonly step: number;
		readonly loss: number;
		readonly learning_rate: number;
	}[];
	readonly stop?: {
		readonly reason: string;
		readonly epoch: number;
		readonly last_epoch: number;
	};
}

test("history, steps and why training ended are in JSON, the journal, show and ls; the restored epoch's numbers are the run's", async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	const run = async (...sets: string[]) => {
		const args = ["run", "experiments/mlp-cosine.yaml", "--format", "json"];
		const ended = await graft(
			[...args, ...sets.flatMap((set) => ["--set", set])],
			env,
		);
		assert.equal(ended.code, 0, ended.stderr);
		return { said: ended.stderr, ...(JSON.parse(ended.stdout) as Trained) };
	};
	const patience = "train.early_stopping.patience=2";
	const stopped = await run(patience, "train.log=step");
	const { history, steps = [], stop, metrics } = stopped;

	assert.deepEqual(Object.keys(history[0] ?? {}), [
		"epoch",
		"step",
		"train_loss",
		"train_accuracy",
		"valid_loss",
		"valid_accuracy",
		"learning_rate",
	]);
	assert.ok(stop);
	assert.equal(stop.reason, "early_stopping");
	assert.equal(stop.last_epoch, history.length);
	assert.equal(stop.epoch, history.length - 2);
	const best = history[stop.epoch - 1] ?? {};
	assert.equal(metrics["valid/loss"], best.valid_loss);
	assert.equal(metrics["valid/accuracy"], best.valid_accuracy);
	assert.equal(metrics["train/loss"], best.train_loss);
	assert.match(
		stopped.said,
		new RegExp(
			`ended early after epoch ${stop.last_epoch}; the result is the best epoch, ${stop.epoch}`,
		),
	);

	// 104 photos in batches of 32.
	assert.deepEqual(
		steps.map(({ step }) => step),
		Array.from({ length: 4 * history.length }, (_, index) => index + 1),
	);
	for (const { step, learning_rate } of history)
		assert.equal(steps[step - 1]?.learning_rate, learning_rate);

	const predictions = readPredictions(stopped.run_dir);
	const right = predictions.filter(
		({ label, predicted }) => label === predicted,
	);
	assert.equal(right.length / predictions.length, best.valid_accuracy);
	for (const { probabilities, label, loss } of predictions)
		assert.ok(Math.abs(loss + Math.log(probabilities[label] as number)) < 1e-5);

	const record = readRun(stopped.run_dir);
	assert.equal(record.finalMetrics["valid/loss"], best.valid_loss);
	assert.equal(record.epochs.length, history.length);
	assert.equal(
		record.epochs[stop.epoch - 1]?.metrics["valid/loss"],
		best.valid_loss,
	);
	assert.deepEqual(
		record.steps.map(({ step, loss, learningRate: learning_rate }) => ({
			step,
			loss,
			learning_rate,
		})),
		steps,
	);
	const lines = readFileSync(join(stopped.run_dir, "journal.jsonl"), "utf8");
	assert.equal(
		lines.split('"type":"steps"').length - 1,
		history.length,
		"one event an epoch",
	);

	const shown = await graft(["show", stopped.run_id], env);
	assert.match(shown.stdout, /training +ended early after epoch \d+; the/);
	const listed = await graft(["ls"], env);
	assert.match(listed.stdout, new RegExp(` ${history.length}/20 `));

	// The same training that is told to end there: the same bytes.
	const again = await run(patience);
	assert.deepEqual(again.history, history);
	assert.equal(again.steps, undefined);
	const heads = [stopped, again].map(({ run_dir }) =>
		readFileSync(join(run_dir, "head.safetensors")),
	);
	assert.ok(heads[0]?.equals(heads[1] as Buffer));
	const rates = readRun(again.run_dir).epochs.map(
		({ metrics }) => metrics.learning_rate,
	);
	assert.deepEqual(
		rates,
		history.map(({ learning_rate }) => learning_rate),
	);
});
