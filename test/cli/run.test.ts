import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";

interface RunJson {
	readonly run_id: string;
	readonly status: string;
	readonly run_dir: string;
	readonly metrics: Readonly<Record<string, number>>;
	readonly cache: string;
	readonly seconds: Readonly<Record<string, number>>;
}

async function run(
	args: readonly string[],
	env: NodeJS.ProcessEnv,
): Promise<RunJson> {
	const ended = await graft(["run", ...args, "--format", "json"], env);
	assert.equal(ended.code, 0, ended.stderr);
	return JSON.parse(ended.stdout) as RunJson;
}

test("the example runs, its record is whole, and a second run from the cache has the same bytes", async (context) => {
	const folder = folderFor(context);
	const cold = await run(["experiments/resize.yaml"], envFor(folder));
	const warm = await run(["experiments/resize.yaml"], envFor(folder));
	assert.equal(cold.status, "FINISHED");
	assert.equal(cold.cache, "miss");
	assert.equal(warm.cache, "hit");
	assert.notEqual(cold.run_id, warm.run_id);
	assert.deepEqual(warm.metrics, cold.metrics);
	assert.deepEqual(
		Object.keys(cold.metrics)
			.filter((key) => !key.startsWith("system/"))
			.sort(),
		[
			"train/accuracy",
			"train/loss",
			"valid/accuracy",
			"valid/average_precision",
			"valid/balanced_accuracy",
			"valid/brier",
			"valid/ece",
			"valid/f1_macro",
			"valid/loss",
			"valid/precision_macro",
			"valid/recall_macro",
			"valid/roc_auc",
		],
	);
	assert.deepEqual(readdirSync(cold.run_dir).sort(), [
		"checkpoints",
		"experiment.yaml",
		"head.safetensors",
		"journal.jsonl",
		"plan.json",
		"plan.txt",
		"predictions.jsonl",
		"report.html",
	]);
	for (const name of [
		"experiment.yaml",
		"head.safetensors",
		"predictions.jsonl",
	]) {
		const [a, b] = [cold, warm].map(({ run_dir }) =>
			readFileSync(join(run_dir, name)),
		);
		assert.ok(
			a?.equals(b as Buffer),
			`${name} differs between a cold and a cached run`,
		);
	}
	for (const phase of ["prepare", "features", "train", "record", "total"])
		assert.ok((cold.seconds[phase] as number) >= 0, phase);
});

test("the three transform policies reach the reference accuracies within two photos of 43, CenterCrop the lowest", async (context) => {
	// shared/datasets: scikit-learn's logistic regression on the same features, torchvision's transforms.
	const reference = { "center-crop": 38, resize: 40, "resize-center-crop": 42 };
	const folder = folderFor(context);
	const right: Record<string, number> = {};
	for (const [name, expected] of Object.entries(reference)) {
		const { metrics } = await run([`experiments/${name}.yaml`], envFor(folder));
		right[name] = Math.round((metrics["valid/accuracy"] as number) * 43);
		assert.ok(
			Math.abs((right[name] as number) - expected) <= 2,
			`${name}: ${right[name]} right, reference ${expected}`,
		);
	}
	assert.ok(
		(right["center-crop"] as number) <
			Math.min(right.resize as number, right["resize-center-crop"] as number),
	);
});

test("a resolved experiment runs again as it stands and gives the same numbers", async (context) => {
	const folder = folderFor(context);
	const first = await run(["experiments/center-crop.yaml"], envFor(folder));
	const again = await run(
		[join(first.run_dir, "experiment.yaml")],
		envFor(folder),
	);
	assert.deepEqual(again.metrics, first.metrics);
	assert.equal(again.run_id, `${first.run_id}-2`);
});

test("random transforms are drawn anew each epoch, the same in every run of one seed", async (context) => {
	const folder = folderFor(context);
	const file = experimentIn(
		folder,
		`data: { root: ${JSON.stringify(tuxpaint)} }
transforms:
  train:
    - RandomResizedCrop: 64
    - RandomHorizontalFlip
    - ToTensor
    - Normalize
  eval:
    - Resize: { size: [64, 64] }
    - ToTensor
    - Normalize
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { loss: cross_entropy, optimizer: adam, learning_rate: 0.002, epochs: 2, batch_size: 32 }
`,
	);
	const [a, b] = [
		await run([file], envFor(folder)),
		await run([file], envFor(folder)),
	];
	assert.deepEqual(b.metrics, a.metrics);
	const other = await run([file, "--set", "seed=1"], envFor(folder));
	assert.notEqual(other.metrics["train/loss"], a.metrics["train/loss"]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
	test(`${signal} in training ends the run as KILLED at once, its journal whole`, async (context) => {
		const folder = folderFor(context);
		let sent = false;
		const ended = await graft(
			["run", "experiments/resize.yaml", "--set", "train.epochs=1000000"],
			envFor(folder),
			(stderr, kill) => {
				if (sent || !stderr.includes("epoch       2/")) return;
				sent = true;
				kill(signal);
			},
		);
		assert.equal(ended.code, 130, ended.stderr);
		assertKilled(folder);
	});
}

test("SIGINT while photos pass the network ends the run as KILLED, its journal whole", async (context) => {
	const folder = folderFor(context);
	let sent = false;
	const ended = await graft(
		["run", "experiments/resize.yaml"],
		envFor(folder),
		(stderr, kill) => {
			if (sent || !stderr.includes("\nrun ")) return;
			sent = true;
			kill("SIGINT");
		},
	);
	assert.equal(ended.code, 130, ended.stderr);
	assertKilled(folder);
	const again = await run(["experiments/resize.yaml"], envFor(folder));
	assert.equal(again.status, "FINISHED");
});

function assertKilled(folder: string): void {
	const [id] = readdirSync(join(folder, "runs"));
	const journal = readFileSync(
		join(folder, "runs", id as string, "journal.jsonl"),
		"utf8",
	);
	assert.ok(journal.endsWith("\n"));
	const events = journal
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line) as { type: string; status?: string });
	assert.deepEqual(
		[events.at(0)?.type, events.at(-1)?.type, events.at(-1)?.status],
		["start", "end", "KILLED"],
	);
}

test("bad input runs nothing and leaves no folder", async (context) => {
	const folder = folderFor(context);
	const ended = await graft(
		[
			"run",
			"experiments/resize.yaml",
			"--set",
			"train.learing_rate=1",
			"--format",
			"json",
		],
		envFor(folder),
	);
	assert.equal(ended.code, 2);
	const [diagnostic] = JSON.parse(ended.stdout) as {
		code: string;
		suggestion: string;
		line: number;
		column: number;
	}[];
	assert.deepEqual(
		[
			diagnostic?.code,
			diagnostic?.suggestion,
			diagnostic?.line,
			diagnostic?.column,
		],
		["unknown-key", "learning_rate", 1, 7],
	);
	assert.ok(!existsSync(join(folder, "runs")));
});

test("a run folder that cannot be written is one clear error", async (context) => {
	const folder = folderFor(context);
	const blocked = experimentIn(folder, "", "a-file");
	const ended = await graft(
		["run", "experiments/resize.yaml", "--runs", join(blocked, "runs")],
		envFor(folder),
	);
	assert.equal(ended.code, 1);
	assert.match(ended.stderr, /fix: /);
	assert.doesNotMatch(ended.stderr, /\n {4}at /);
});

test("with --format json, every failure is one JSON value with its fix", async (context) => {
	const folder = folderFor(context);
	const env = envFor(folder);
	const blocked = experimentIn(folder, "", "a-file");
	const wrongWords = await graft(["run", "--format=json"], env);
	assert.equal(wrongWords.code, 2);
	const [{ code }] = JSON.parse(wrongWords.stdout) as [{ code: string }];
	assert.equal(code, "missing-operand");
	const failed = await graft(
		[
			"run",
			"experiments/resize.yaml",
			"--format",
			"json",
			"--runs",
			join(blocked, "runs"),
		],
		env,
	);
	assert.equal(failed.code, 1);
	const { status, error } = JSON.parse(failed.stdout) as {
		status: string;
		error: { fix: string | null };
	};
	assert.equal(status, "FAILED");
	assert.notEqual(error.fix, null);
});
