import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { envFor, folderFor, graft } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { type Apart, python } from "./python.ts";

const torch = needs("torch");

interface Run {
	readonly run_dir: string;
	readonly history: readonly Readonly<Record<string, number>>[];
	readonly stop?: { readonly reason: string; readonly epoch: number };
}

const RECIPE = {
	seed: 5,
	epochs: 30,
	batch_size: 24,
	learning_rate: 0.01,
	label_smoothing: 0.1,
	weight_decay: 0.05,
	warmup_epochs: 2,
	warmup_start_factor: 0.1,
	clip_grad_norm: 0.5,
	patience: 2,
};

test("an mlp head trained by a whole recipe, until it gets no better, is PyTorch's at each epoch and at the end", {
	skip: torch.missing,
}, async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	const answered = async (args: readonly string[]) => {
		const ended = await graft(args, env);
		assert.equal(ended.code, 0, ended.stderr);
		return ended.stdout;
	};
	const run = async (train: Readonly<Record<string, unknown>>) => {
		const changes = {
			seed: RECIPE.seed,
			"model.head": { mlp: { hidden: 24 } },
			...train,
		};
		const sets = Object.entries(changes).flatMap(([key, value]) => [
			"--set",
			`${key}=${JSON.stringify(value)}`,
		]);
		const args = ["run", "experiments/resize.yaml", "--format", "json"];
		return JSON.parse(await answered([...args, ...sets])) as Run;
	};
	const features = join(folder, "features.safetensors");
	await answered(["features", "experiments/resize.yaml", "--out", features]);

	// A rate at which nothing moves leaves the head as it began.
	const still = await run({
		"train.learning_rate": 1e-12,
		"train.optimizer": "sgd",
		"train.epochs": 1,
	});
	const { label_smoothing, weight_decay, patience } = RECIPE;
	const { warmup_epochs, warmup_start_factor } = RECIPE;
	const trained = await run({
		"train.loss": {
			cross_entropy: { label_smoothing, class_weights: "balanced" },
		},
		"train.optimizer": { adamw: { weight_decay } },
		"train.schedule": { cosine: { warmup_epochs, warmup_start_factor } },
		"train.early_stopping": patience,
		"train.epochs": RECIPE.epochs,
		"train.batch_size": RECIPE.batch_size,
		"train.learning_rate": RECIPE.learning_rate,
		"train.clip_grad_norm": RECIPE.clip_grad_norm,
	});
	const head = (from: Run) => join(from.run_dir, "head.safetensors");
	const expected = await python<{
		readonly epochs: readonly Readonly<Record<string, number>>[];
		readonly best: number;
		readonly head: Readonly<Record<string, Apart>>;
		readonly names: boolean;
	}>(torch.path, "training_recipe.py", {
		...RECIPE,
		...{ features, start: head(still), end: head(trained) },
	});

	assert.ok(expected.names);
	assert.ok(expected.epochs.length < RECIPE.epochs, "it ends early");
	assert.equal(trained.history.length, expected.epochs.length);
	assert.equal(trained.stop?.epoch, expected.best);
	expected.epochs.forEach((epoch, index) => {
		for (const [key, value] of Object.entries(epoch)) {
			const found = trained.history[index]?.[key] as number;
			assert.ok(
				Math.abs(found - value) < 2e-5 * Math.max(0.1, value),
				`epoch ${index + 1}, ${key}: ${found}, torch ${value}`,
			);
		}
	});
	for (const [name, { relative }] of Object.entries(expected.head))
		assert.ok(relative < 2e-4, `${name}: ${relative}`);
});
