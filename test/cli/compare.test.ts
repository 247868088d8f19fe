import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import {
	envFor,
	experimentIn,
	folderFor,
	graft,
	tuxpaint,
} from "../support/graft.ts";

/** What comes after a sweep: compare, best, report. */

test("the best trial's file gives the same number when it is run alone; compare ranks it first", async (t) => {
	const folder = folderFor(t);
	const env = envFor(folder);
	const file = experimentIn(
		folder,
		`name: few
data: { root: ${JSON.stringify(tuxpaint)} }
transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0 }
train: { optimizer: adam, epochs: 3, batch_size: 64 }
sweep:
  grid: { train.learning_rate: [0.0001, 0.001, 0.004] }
  seeds: 2
`,
	);
	const swept = await graft(["run", file, "--format", "json"], env);
	assert.equal(swept.code, 0, swept.stderr);
	const { sweep_id, best, trials } = JSON.parse(swept.stdout);
	assert.equal(trials.length, 6);

	const compared = await graft(["compare", sweep_id, "--format", "json"], env);
	assert.equal(compared.code, 0, compared.stderr);
	const { points, effects, page } = JSON.parse(compared.stdout);
	assert.equal(points.length, 3);
	assert.equal(points[0].scores.length, 2);
	assert.deepEqual(
		effects.map(({ axis }: { axis: string }) => axis),
		["train.learning_rate"],
	);
	assert.match(readFileSync(page, "utf8"), /<h1>few<\/h1>/);
	const text = await graft(["compare", "latest"], env);
	assert.match(text.stdout, /rank +valid\/accuracy/);

	const out = join(folder, "best.yaml");
	const wrote = await graft(["sweep", "best", sweep_id, "-o", out], env);
	assert.equal(wrote.code, 0, wrote.stderr);
	const alone = await graft(["run", out, "--format", "json"], env);
	assert.equal(alone.code, 0, alone.stderr);
	const { metrics } = JSON.parse(alone.stdout);
	for (const [key, value] of Object.entries(best.metrics as object)) {
		if (key.startsWith("system/")) continue;
		const difference = Math.abs(metrics[key] - value) / Math.max(1, value);
		assert.ok(
			difference < 1e-5,
			`${key}: ${metrics[key]}, in the sweep ${value}`,
		);
	}
	assert.equal(metrics["valid/accuracy"], best.metrics["valid/accuracy"]);

	const reported = await graft(["report", best.run_id], env);
	assert.equal(reported.code, 0, reported.stderr);
	assert.ok(
		existsSync(
			join(
				env.GRAFT_RUNS as string,
				sweep_id,
				"trials",
				best.run_id,
				"report.html",
			),
		),
	);
	const unknown = await graft(["compare", "nothing"], env);
	assert.equal(unknown.code, 2);
	assert.match(unknown.stderr, /unknown-sweep/);
});
