import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { temporaryFolder } from "../runs/example-run.ts";
import { envFor, graft, root } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { type MlflowServer, startMlflow } from "./server.ts";

/** The last MLflow 2: no logged models, older pages, the same runs. */

const old = needs("mlflow2");
let server: MlflowServer;

before(async () => {
	if (old.missing === undefined) server = await startMlflow(old.path);
});
after(() => server?.remove());

const SCRIPT = `
import json, sys, mlflow
from mlflow import MlflowClient
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment(experiment_id=sys.argv[3])
c = MlflowClient()
r = c.get_run(sys.argv[2])
print("\\nSAID " + json.dumps({
  "version": mlflow.__version__, "status": r.info.status, "params": r.data.params, "tags": r.data.tags,
  "accuracy": [[m.step, m.value] for m in c.get_metric_history(r.info.run_id, "valid/accuracy")],
  "inputs": sorted(d.dataset.name for d in r.inputs.dataset_inputs),
  "files": sorted(f.path for f in c.list_artifacts(r.info.run_id)),
  "rows": len(mlflow.load_table("predictions.json", run_ids=[r.info.run_id])),
  "report": mlflow.artifacts.load_text(r.info.artifact_uri + "/report.html")[:15],
}))`;

test("an MLflow 2 server has the whole run, twice the same, and a deletion there is told", {
	skip: old.missing ?? false,
}, async (context) => {
	const folder = temporaryFolder(context);
	const env = { ...envFor(folder), MLFLOW_TRACKING_URI: server.uri };
	const file = join(root, "experiments", "resize.yaml");
	const ended = await graft(["run", file, "--format", "json"], env);
	assert.equal(ended.code, 0, ended.stderr);
	const { mlflow: said, metrics } = JSON.parse(ended.stdout);
	assert.equal(said.complete, true, ended.stderr);

	const args = ["-c", SCRIPT, server.uri, said.run_id, said.experiment_id];
	const output = execFileSync(old.path, args, { encoding: "utf8" });
	const seen = JSON.parse(/^SAID (.*)$/m.exec(output)?.[1] as string);
	assert.match(seen.version, /^2\./);
	assert.equal(seen.status, "FINISHED");
	assert.equal(seen.params["model.backbone"], "efficientnet_lite0");
	assert.match(seen.tags["mlflow.note.content"], /valid\/accuracy/);
	assert.equal(seen.accuracy.length, 10);
	assert.equal(seen.accuracy.at(-1)[1], metrics["valid/accuracy"]);
	assert.equal(seen.inputs.length, 2);
	for (const path of ["journal.jsonl", "predictions.json", "report.html"])
		assert.ok(seen.files.includes(path), path);
	assert.equal(seen.rows, 43);
	assert.match(seen.report, /^<!doctype html/i);

	for (let time = 0; time < 2; time++) {
		const again = await graft(["sync", "--format", "json"], env);
		assert.equal(again.code, 0, again.stderr);
		assert.equal(JSON.parse(again.stdout).sent.total, 0);
	}

	await fetch(`${server.uri}/api/2.0/mlflow/runs/delete`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ run_id: said.run_id }),
	});
	const deleted = await graft(["sync"], env);
	assert.equal(deleted.code, 1);
	assert.match(deleted.stderr, /the run was deleted on the server/);
});
