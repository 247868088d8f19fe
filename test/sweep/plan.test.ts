import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { sweepPlanInput } from "../../src/cli/plan-sweep.ts";
import { knownIn } from "../../src/sweep/expected.ts";
import { sweepIdOf } from "../../src/sweep/folder.ts";
import { sweepPlanJson } from "../../src/sweep/plan-json.ts";
import { printSweepPlan, summary } from "../../src/sweep/plan-text.ts";
import { prepareSweep } from "../../src/sweep/prepare-sweep.ts";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";

const TEXT = `
name: heads
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0 }
train: { optimizer: sgd, learning_rate: 0.01, epochs: 3 }
sweep:
  grid:
    train.learning_rate: [0.1, 0.01]
    transforms:
      - name: squash
        value: [Resize: { size: [224, 224] }, ToTensor, Normalize]
      - name: flip
        value:
          train: [Resize: { size: [224, 224] }, RandomHorizontalFlip, ToTensor, Normalize]
          eval: [Resize: { size: [224, 224] }, ToTensor, Normalize]
  seeds: 3
`;

async function planned(context: TestContext) {
	const folder = folderFor(context);
	const file = experimentIn(folder, TEXT, "heads.yaml");
	const prepared = await prepareSweep(file, {
		sets: [],
		cacheFolder: join(folder, "cache"),
		hash: true,
		missing: "error",
	});
	assert.ok(prepared.ok, JSON.stringify(prepared.ok || prepared.diagnostics));
	const sweep = prepared.value;
	const input = () =>
		sweepPlanInput(file, sweep, {
			known: knownIn(join(folder, "cache")),
			runs: join(folder, "runs"),
			workers: { size: 2, name: "2 GPUs" },
		});
	return { folder, file, sweep, input };
}

test("the summary counts passes, stacks and fine-tunes, and says on what they run", async (context) => {
	const { input } = await planned(context);
	assert.match(
		summary(input()),
		/^12 trials = 1 pass \+ 1 stacked head \+ 6 fine-tunes, about \d+ (s|min) on 2 GPUs \(a first guess for this machine\)$/,
	);
});

test("results of earlier starts are counted, and time is what is left", async (context) => {
	const { folder, file, sweep, input } = await planned(context);
	assert.doesNotMatch(printSweepPlan(input()), /^results/m);
	const sweepFolder = join(folder, "runs", sweepIdOf("heads", file));
	mkdirSync(join(sweepFolder, "results"), { recursive: true });
	writeFileSync(join(sweepFolder, "sweep.json"), "{}");
	const finish = (count: number) => {
		for (const { trial } of sweep.trials.slice(0, count))
			writeFileSync(join(sweepFolder, "results", `${trial.id}.json`), "{}");
	};
	const before = sweepPlanJson(input()).seconds;
	finish(5);
	const after = sweepPlanJson(input());
	assert.ok(after.seconds < before);
	assert.equal(after.counts.done, 5);
	assert.equal(after.trials.filter(({ done }) => done).length, 5);
	assert.match(printSweepPlan(input()), /^results {5}5 of 12 trials in /m);
	finish(12);
	assert.match(summary(input()), /, all of them done$/);
});

test("the plan as JSON has every trial, task and byte", async (context) => {
	const { input } = await planned(context);
	const json = sweepPlanJson(input());
	assert.deepEqual(JSON.parse(JSON.stringify(json)), json);
	assert.equal(json.trials.length, 12);
	assert.deepEqual(json.trials[4]?.params, {
		"train.learning_rate": 0.1,
		transforms: "flip",
		seed: 1,
	});
	assert.deepEqual(json.counts, {
		passes: 1,
		cached_passes: 0,
		stacked: 1,
		heads: 0,
		fine_tunes: 6,
		done: 0,
	});
	assert.equal(json.feature_bytes, 147 * 1280 * 4);
	assert.deepEqual(json.axes, [
		{ key: "train.learning_rate", values: "0.1, 0.01", from: "grid" },
		{ key: "transforms", values: "squash, flip", from: "grid" },
		{ key: "seed", values: "3 values: 0 to 2", from: "seeds" },
	]);
});

test("graft check and graft plan take sweeps", async (context) => {
	const folder = folderFor(context);
	const file = experimentIn(folder, TEXT, "heads.yaml");
	const env = envFor(folder);
	const checked = await graft(["check", file], env);
	assert.deepEqual([checked.code, checked.stdout], [0, "the file is valid\n"]);
	const wrong = await graft(
		["check", file, "--set", "sweep.grid.seed=[0, -1]"],
		env,
	);
	assert.equal(wrong.code, 2);
	assert.match(wrong.stderr, /--set:1:21 error bad-value: "seed" is -1/);
	const shown = await graft(["plan", file, "--values"], env);
	assert.equal(shown.code, 0);
	assert.match(shown.stdout, /\n12 trials = 1 pass \+ 1 stacked head/);
	assert.match(shown.stdout, /\nthe file itself\n/);
	const json = await graft(["plan", file, "--format", "json"], env);
	assert.equal(JSON.parse(json.stdout).trials.length, 12);
});
