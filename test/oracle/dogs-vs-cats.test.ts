import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { envFor, folderFor, graft, tuxpaint } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { type Apart, python } from "./python.ts";

/**
 * The note that Graft grew out of, held against its own PyTorch code: logits of the whole VGG16, and the loss of each
 * of 20 steps. Dropout is off, as its draws are not torch's; photos come in Graft's order. dogs_vs_cats.py answers.
 */

const torch = needs("torch");

const STEPS = { epochs: 10, batch_size: 4, learning_rate: 0.001, seed: 7 };
/** Photos of each class. */
const [TRAIN, VALID] = [4, 1];

test("dogs-vs-cats-vgg16.yaml gives the note's logits, and its loss at each of 20 steps", {
	skip: torch.missing,
}, async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	const root = photosIn(folder);
	const weights = join(folder, "vgg16.pth");
	await python(torch.path, "dogs_vs_cats.py", { do: "save", weights });

	const note = "experiments/dogs-vs-cats-vgg16.yaml";
	const sets = Object.entries({
		"data.root": root,
		"model.weights": weights,
		'model.replace."classifier.2"': "Identity",
		'model.replace."classifier.5"': "Identity",
		seed: STEPS.seed,
		"train.epochs": STEPS.epochs,
		"train.batch_size": STEPS.batch_size,
		"train.log": "step",
	}).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
	const logits = join(folder, "logits.safetensors");
	const answered = async (...args: readonly string[]) => {
		const ended = await graft([...args, ...sets], env);
		assert.equal(ended.code, 0, ended.stderr);
		return ended.stdout;
	};
	await answered("features", note, "--at", "logits", "--out", logits);
	const { run_dir, steps } = JSON.parse(
		await answered("run", note, "--format", "json"),
	) as {
		readonly run_dir: string;
		readonly steps: readonly { readonly loss: number }[];
	};
	const expected = await python<{
		readonly logits: Apart;
		readonly losses: readonly number[];
		readonly names: readonly string[];
		readonly head: readonly Apart[];
	}>(torch.path, "dogs_vs_cats.py", {
		do: "train",
		...STEPS,
		...{ weights, root, logits, end: join(run_dir, "head.safetensors") },
	});
	assert.ok(expected.logits.relative < 1e-5, JSON.stringify(expected.logits));
	assert.equal(expected.losses.length, 20);
	assert.equal(steps.length, 20);
	expected.losses.forEach((loss, index) => {
		const own = steps[index]?.loss as number;
		assert.ok(
			Math.abs(own - loss) < 2e-5 * Math.max(0.1, loss),
			`step ${index + 1}: ${own}, torch ${loss}`,
		);
	});
	assert.deepEqual(expected.names, [
		"classifier.6.bias",
		"classifier.6.weight",
	]);
	for (const { relative } of expected.head) assert.ok(relative < 1e-5);
});

/** Birds as cats and fruit as dogs: train/{cat,dog}/*, valid/{cat,dog}/*. */
function photosIn(folder: string): string {
	const root = join(folder, "photos");
	for (const [name, as] of [
		["bird", "cat"],
		["fruit", "dog"],
	] as const)
		for (const [split, count] of [
			["train", TRAIN],
			["valid", VALID],
		] as const) {
			const [from, to] = [join(tuxpaint, split, name), join(root, split, as)];
			mkdirSync(to, { recursive: true });
			for (const photo of readdirSync(from).sort().slice(0, count))
				cpSync(join(from, photo), join(to, photo));
		}
	return root;
}
