import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { envFor, experimentIn, folderFor, graft } from "../support/graft.ts";
import { smallPhotos } from "../support/small-photos.ts";

interface RunJson {
	readonly run_id: string;
	readonly run_dir: string;
	readonly metrics: Readonly<Record<string, number>>;
	readonly attached?: readonly { readonly layer: string }[];
}

/** A strategy on a few small photos. */
function small(folder: string, strategy: string, more = ""): string {
	const photos = smallPhotos(folder, { train: 4, valid: 2 });
	return experimentIn(
		folder,
		`strategy: ${strategy}\ndata: { root: ${JSON.stringify(photos)} }\ntransforms: [Resize: { size: [64, 64] }, ToTensor, Normalize]\n${more}`,
	);
}

async function json<T>(args: readonly string[], folder: string): Promise<T> {
	const ended = await graft([...args, "--format", "json"], envFor(folder));
	assert.equal(ended.code, 0, ended.stderr);
	return JSON.parse(ended.stdout) as T;
}

test("three lines run; the record holds ordinary keys, the strategy's name in its plan, and the layer of the depth", async (context) => {
	const folder = folderFor(context);
	const file = small(folder, "early_layer_svm");
	const run = await json<RunJson>(["run", file], folder);
	const read = (name: string) => readFileSync(join(run.run_dir, name), "utf8");
	const text = read("experiment.yaml");
	assert.doesNotMatch(text, /strategy/);
	assert.match(text, /features: \{ depth: 0\.75 \}/);
	assert.match(read("plan.txt"), /^strategy {4}early_layer_svm gives/m);
	const plan = JSON.parse(read("plan.json"));
	assert.equal(plan.strategy.name, "early_layer_svm");
	const shown = await json<RunJson>(["show", run.run_id], folder);
	assert.deepEqual(
		[plan.features, shown.attached].map(([{ layer }]) => layer),
		["_blocks.12._add", "_blocks.12._add"],
	);
	const { stdout } = await graft(["show", run.run_id], envFor(folder));
	assert.match(stdout, /head at _blocks\.12\._add at depth 0\.75/);
	const again = await json<RunJson>(
		["run", join(run.run_dir, "experiment.yaml")],
		folder,
	);
	assert.equal(again.metrics["valid/loss"], run.metrics["valid/loss"]);
});

test("fine_tune and retrain train every layer on wasm", async (context) => {
	for (const [strategy, phases] of [
		["fine_tune", ["probe", "fine_tune"]],
		["retrain", undefined],
	] as const) {
		const folder = folderFor(context);
		const file = small(folder, strategy, "train: { epochs: 2 }\n");
		const args = ["run", file, "--device", "wasm"];
		const run = await json<RunJson>(args, folder);
		assert.ok(Number.isFinite(run.metrics["valid/loss"]));
		const plan = JSON.parse(
			readFileSync(join(run.run_dir, "plan.json"), "utf8"),
		);
		assert.deepEqual(
			plan.phases?.map(({ name }: { name: string }) => name),
			phases,
		);
		assert.equal(plan.trainable[0], "_conv_stem.weight");
	}
});

test("a strategy swept with a depth of its own runs as a sweep", async (context) => {
	const folder = folderFor(context);
	const file = small(
		folder,
		"linear_probe",
		"sweep: { grid: { strategy: [linear_probe, early_layer_svm] }, when: [{ match: { strategy: early_layer_svm }, grid: { model.features.depth: [0.5, 1] } }] }\n",
	);
	const ended = await graft(["run", file], envFor(folder));
	assert.equal(ended.code, 0, ended.stderr);
	assert.match(ended.stdout, /FINISHED {2}3 of 3 trials/);
});
