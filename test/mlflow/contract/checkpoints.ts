import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { readContents } from "../../../src/mlflow/replay.ts";
import type { NewEvent } from "../../../src/runs/types.ts";
import {
	finishedEvents,
	temporaryFolder,
	writeJournal,
} from "../../runs/example-run.ts";
import { inPython, real, sendWhole } from "./fixture.ts";

/** The run's last epoch is its result; its best was the second one, of step 8. */
test(
	"best and last are models of their own, each linked to the metrics of its own step, and a second replay makes no more",
	real,
	async (context) => {
		const events = finishedEvents("checkpoints");
		const weights = [
			["checkpoints/best.safetensors", 8],
			["checkpoints/last.safetensors", 12],
			["head.safetensors", 12],
		] as const;
		const folder = writeJournal(temporaryFolder(context), "checkpoints", [
			...events.slice(0, -1),
			...weights.map(
				([path, step]): NewEvent => ({
					...{ type: "artifact", path, sha256: "b".repeat(64), step },
				}),
			),
			events.at(-1) as NewEvent,
		]);
		for (const [path] of weights) {
			mkdirSync(dirname(join(folder, path)), { recursive: true });
			writeFileSync(join(folder, path), `weights of ${path}`);
		}
		const contents = readContents(folder, "checkpoints");
		assert.deepEqual(
			contents.models.map(({ name, step }) => [name, step]),
			[
				["resize", 12],
				["resize-best", 8],
			],
		);
		assert.ok(
			contents.artifacts.every(({ path }) => !path.startsWith("checkpoints/")),
		);
		const runId = await sendWhole(contents);
		await sendWhole(contents);
		const seen = await inPython(`
r = c.get_run("${runId}")
models = mlflow.search_logged_models(experiment_ids=[r.info.experiment_id], output_format="list")
say({
  "models": sorted([[m.name, m.tags["graft.model"], str(m.status), sorted([x.key, x.step, round(x.value, 4)] for x in m.metrics if x.key.startswith("valid")),
    sorted(os.listdir(mlflow.artifacts.download_artifacts(m.artifact_location)))] for m in models]),
  "outputs": sorted(o.step for o in r.outputs.model_outputs),
})`);
		const files = [
			...["MLmodel", "README.md"],
			...["classes.json", "requirements.txt"],
		];
		assert.deepEqual(seen.models, [
			[
				...["resize", "head", "READY"],
				[
					["valid/accuracy", 12, 0.75],
					["valid/loss", 12, 0.4],
				],
				[...files.slice(0, 3), "head.safetensors", "requirements.txt"],
			],
			[
				...["resize-best", "best", "READY"],
				[
					["valid/accuracy", 8, 0.625],
					["valid/loss", 8, 0.6],
				],
				["MLmodel", "README.md", "best.safetensors", ...files.slice(2)],
			],
		]);
		assert.deepEqual(seen.outputs, [8, 12]);
	},
);
