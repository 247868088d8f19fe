import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";

const AUGMENTED = `
  train:
    - RandomResizedCrop: { size: 128, scale: [0.5, 1] }
    - RandomHorizontalFlip
    - ColorJitter: { brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.02 }
    - RandomApply: { p: 0.3, transforms: [{ RandomRotation: 15 }] }
    - ToTensor
    - Normalize
    - RandomErasing: { p: 0.25 }
  eval: [{ Resize: 144 }, { CenterCrop: 128 }, ToTensor, Normalize]`;
const PLAIN = " [{ Resize: 144 }, { CenterCrop: 128 }, ToTensor, Normalize]";

function experiment(transforms: string): string {
	return `data: { root: ${JSON.stringify(tuxpaint)} }
transforms:${transforms}
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { loss: cross_entropy, optimizer: adam, learning_rate: 0.005, epochs: 5, batch_size: 32 }
`;
}

interface Run {
	readonly run_dir: string;
	readonly cache: string;
	readonly metrics: Readonly<Record<string, number>>;
}

test("augmented training repeats to the byte and ends about as good as training without", async (context) => {
	const folder = folderFor(context);
	const run = async (transforms: string): Promise<Run> => {
		const file = experimentIn(folder, experiment(transforms));
		const ended = await graft(
			["run", file, "--format", "json"],
			envFor(folder),
		);
		assert.equal(ended.code, 0, ended.stderr);
		return JSON.parse(ended.stdout) as Run;
	};
	const first = await run(AUGMENTED);
	const again = await run(AUGMENTED);
	assert.deepEqual(again.metrics, first.metrics);
	for (const name of ["head.safetensors", "predictions.jsonl"])
		assert.ok(
			readFileSync(join(first.run_dir, name)).equals(
				readFileSync(join(again.run_dir, name)),
			),
			name,
		);

	const plain = await run(PLAIN);
	const right = ({ metrics }: Run) =>
		Math.round((metrics["valid/accuracy"] as number) * 43);
	assert.ok(
		Math.abs(right(first) - right(plain)) <= 4 && right(first) >= 34,
		`${right(first)} of 43 right with augmentation, ${right(plain)} without`,
	);
	// Harder photos, so the training loss stays above that of the photos as they are.
	assert.ok(
		(first.metrics["train/loss"] as number) >
			(plain.metrics["train/loss"] as number),
	);
});
