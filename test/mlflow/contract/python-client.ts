import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { temporaryFolder } from "../../runs/example-run.ts";
import { envFor, experimentIn, graft, tuxpaint } from "../../support/graft.ts";
import { inPython, real, serverUri } from "./fixture.ts";

/** A real run, as MLflow's own client finds it, reads it and downloads it. */

const FILE = `name: python reads
description: A note with **bold** words.
data: { root: ${tuxpaint} }
transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { optimizer: adam, learning_rate: 0.002, epochs: 3, batch_size: 16 }
`;

test(
	"MLflow's client finds a run by its metrics and params, reads its history and parses its files",
	real,
	async (context) => {
		const folder = temporaryFolder(context);
		const env = { ...envFor(folder), MLFLOW_TRACKING_URI: serverUri() };
		const file = experimentIn(folder, FILE);
		const ended = await graft(["run", file, "--format", "json"], env);
		assert.equal(ended.code, 0, ended.stderr);
		const { mlflow: said, run_id, metrics } = JSON.parse(ended.stdout);
		assert.equal(said.complete, true, ended.stderr);
		const seen = await inPython(`
import os, struct, tempfile, pathlib
found = mlflow.search_runs(experiment_names=["python reads"], filter_string="metrics.\`valid/accuracy\` > 0.1 and params.\`train.optimizer.adam.eps\` = '1e-8' and attributes.status = 'FINISHED'", order_by=["metrics.\`valid/accuracy\` DESC"])
r = c.get_run("${said.run_id}")
h = lambda k: [[m.step, m.value] for m in c.get_metric_history(r.info.run_id, k)]
mlflow.set_experiment("python reads")
with tempfile.TemporaryDirectory() as d:
    root = pathlib.Path(mlflow.artifacts.download_artifacts(run_id=r.info.run_id, dst_path=d))
    head = (root / "head.safetensors").read_bytes()
    tensors = json.loads(head[8:8 + struct.unpack("<Q", head[:8])[0]])
    tensors.pop("__metadata__", None)
    journal = [json.loads(l) for l in (root / "journal.jsonl").read_text().splitlines()]
    files = {str(p.relative_to(root)): p.stat().st_size for p in root.rglob("*") if p.is_file()}
table = mlflow.load_table("predictions.json", run_ids=[r.info.run_id], extra_columns=["run_id"])
confusion = mlflow.load_table("confusion_matrix.json", run_ids=[r.info.run_id])
models = mlflow.search_logged_models(experiment_ids=[r.info.experiment_id], output_format="list")
say({
  "found": list(found["run_id"]), "name": r.info.run_name,
  "accuracy": h("valid/accuracy"), "loss": h("train/loss"), "epochs": h("epoch"),
  "params": r.data.params, "note": r.data.tags["mlflow.note.content"], "last": r.data.metrics,
  "inputs": {t.value: [json.loads(i.dataset.profile)["num_rows"], json.loads(i.dataset.source), i.dataset.digest] for i in r.inputs.dataset_inputs for t in i.tags if t.key == "mlflow.data.context"},
  "tensors": {k: v["shape"] for k, v in tensors.items()}, "journal": [journal[0]["type"], journal[-1]["type"]], "files": files,
  "rows": len(table), "right": int((table["right"] == "yes").sum()), "whose": sorted(set(table["run_id"])),
  "confusion": int(confusion.drop(columns=["label"]).to_numpy().sum()),
  "models": [[m.name, str(m.status), m.source_run_id] for m in models],
  "model_files": sorted(os.listdir(mlflow.artifacts.download_artifacts(models[0].artifact_location))) if models else [],
})`);
		assert.deepEqual(seen.found, [said.run_id]);
		assert.equal(seen.name, run_id);
		assert.equal(seen.accuracy.length, 3);
		assert.equal(seen.accuracy.at(-1)[1], metrics["valid/accuracy"]);
		assert.deepEqual(
			seen.epochs.map(([, epoch]: number[]) => epoch),
			[1, 2, 3],
		);
		for (const [key, value] of Object.entries(metrics))
			assert.equal(seen.last[key], value, key);
		assert.equal(seen.params["train.learning_rate"], "0.002");
		assert.match(seen.note, /^A note with \*\*bold\*\* words\./);
		assert.equal(seen.inputs.train[0], 104);
		assert.equal(seen.inputs.valid[0], 43);
		assert.deepEqual(seen.inputs.valid[1], { uri: tuxpaint });
		assert.deepEqual(Object.values(seen.tensors).sort(), [[5], [5, 1280]]);
		assert.deepEqual(seen.journal, ["start", "end"]);
		for (const name of ["experiment.yaml", "report.html", "journal.jsonl"])
			assert.equal(
				seen.files[name],
				readFileSync(join(folder, "runs", run_id, name)).length,
				name,
			);
		assert.equal(seen.rows, 43);
		assert.equal(seen.right / 43, metrics["valid/accuracy"]);
		assert.deepEqual(seen.whose, [said.run_id]);
		assert.equal(seen.confusion, 43);
		assert.equal(seen.models.length, 1);
		assert.match(seen.models[0][1], /READY/);
		assert.equal(seen.models[0][2], said.run_id);
		assert.ok(seen.model_files.includes("MLmodel"), seen.model_files.join());
	},
);
