import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { envFor, folderFor, graft } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { type Apart, python } from "./python.ts";

const torch = needs("torch");

const OPTIMIZERS = [
	{
		learning_rate: 0.02,
		optimizer: { sgd: { momentum: 0.9, nesterov: true, weight_decay: 0.01 } },
	},
	{ learning_rate: 0.05, optimizer: { sgd: {} } },
	{
		learning_rate: 0.005,
		optimizer: { adam: { betas: [0.9, 0.99], weight_decay: 0.001 } },
	},
] as const;

/** 104 photos in batches of 24: the last of an epoch is smaller. */
const COMMON = { seed: 11, epochs: 8, batch_size: 24 };

interface Shown {
	readonly epochs: readonly { readonly metrics: Record<string, number> }[];
}

test("a linear head learns as in PyTorch: the loss of each epoch and the weights at the end agree", {
	skip: torch.missing,
}, async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	const features = join(folder, "features.safetensors");
	await answered(["features", "experiments/resize.yaml", "--out", features]);

	async function answered(args: readonly string[]): Promise<string> {
		const ended = await graft(args, env);
		assert.equal(ended.code, 0, ended.stderr);
		return ended.stdout;
	}

	/** Trains with these settings; answers the run's folder and id. */
	async function train(settings: Readonly<Record<string, unknown>>) {
		const changes = Object.entries({ seed: COMMON.seed, ...settings });
		const stdout = await answered([
			"run",
			"experiments/resize.yaml",
			"--format",
			"json",
			...changes.flatMap(([key, value]) => [
				"--set",
				`${key === "seed" ? key : `train.${key}`}=${JSON.stringify(value)}`,
			]),
		]);
		const run = JSON.parse(stdout) as {
			run_id: string;
			run_dir: string;
			cache: string;
		};
		assert.equal(run.cache, "hit");
		return { id: run.run_id, head: join(run.run_dir, "head.safetensors") };
	}

	// A rate at which nothing moves leaves the head as it began.
	const still = { learning_rate: 1e-12, optimizer: "sgd", epochs: 1 };
	const start = (await train(still)).head;
	const runs = [];
	const shown: Shown[] = [];
	for (const settings of OPTIMIZERS) {
		const { epochs, batch_size } = COMMON;
		const { id, head } = await train({ ...settings, epochs, batch_size });
		runs.push({ ...settings, ...COMMON, start, end: head });
		const text = await answered(["show", id, "--format", "json"]);
		shown.push(JSON.parse(text) as Shown);
	}

	const expected = await python<
		{
			epochs: readonly Record<string, number>[];
			head: Record<string, Apart>;
			names: boolean;
		}[]
	>(torch.path, "linear_head.py", { features, runs });
	expected.forEach(({ epochs, head, names }, index) => {
		const what = JSON.stringify(OPTIMIZERS[index]);
		assert.ok(names, what);
		assert.equal(shown[index]?.epochs.length, COMMON.epochs);
		epochs.forEach((losses, epoch) => {
			for (const [key, value] of Object.entries(losses)) {
				const found = shown[index]?.epochs[epoch]?.metrics[key] as number;
				assert.ok(
					Math.abs(found - value) < 1e-5 * Math.max(1, value),
					`${what}, epoch ${epoch + 1}, ${key}: ${found}, torch ${value}`,
				);
			}
		});
		for (const [name, { relative }] of Object.entries(head))
			assert.ok(relative < 1e-4, `${what}, ${name}: ${relative}`);
	});
	const first = shown[0]?.epochs.at(0)?.metrics["train/loss"] as number;
	const last = shown[0]?.epochs.at(-1)?.metrics["train/loss"] as number;
	assert.ok(last < first / 2, `${first} to ${last}`);
});
