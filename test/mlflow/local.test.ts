import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import {
	finishedEvents,
	temporaryFolder,
	writeJournal,
} from "../runs/example-run.ts";
import { envFor, graft } from "../support/graft.ts";
import { needs } from "../support/needs.ts";

const mlflow = needs("mlflow");

test("graft mlflow starts a server with all runs in it, prints the links, and leaves nothing behind", {
	skip: mlflow.missing ?? false,
}, async (context) => {
	const folder = temporaryFolder(context);
	for (const name of ["one", "two"])
		writeJournal(join(folder, "runs"), name, finishedEvents(name));
	const env = { ...envFor(folder), GRAFT_MLFLOW_PYTHON: mlflow.path };
	let wasAsked = false;
	const ended = await graft(["mlflow", "--port", "0"], env, (stderr, kill) => {
		if (wasAsked || !stderr.includes("Ctrl-C stops it")) return;
		wasAsked = true;
		kill("SIGINT");
	});
	assert.equal(ended.code, 0, ended.stderr);
	assert.match(ended.stderr, /^2 runs sent$/m);
	const uri = /^mlflow {3}(http:\S+)$/m.exec(ended.stdout)?.[1];
	assert.ok(uri);
	assert.match(
		ended.stdout,
		/^charts {3}http\S+\/#\/experiments\/1\/runs\?workflowType=machine_learning&compareRunsMode=CHART&orderByKey=metrics\.%60valid%2Faccuracy%60&orderByAsc=false$/m,
	);
	assert.match(
		ended.stdout,
		/^compare {2}http\S+\/#\/compare-runs\?runs=%5B%22[0-9a-f]{32}%22%2C%22[0-9a-f]{32}%22%5D&experiments=%5B%221%22%5D&workflowType=machine_learning$/m,
	);
	await assert.rejects(fetch(uri), "the server has ended with its whole group");
});

test("without Python graft mlflow says what is missing", async (context) => {
	const folder = temporaryFolder(context);
	const { GRAFT_MLFLOW_PYTHON: _, ...env } = envFor(folder);
	const ended = await graft(["mlflow"], { ...env, PATH: folder });
	assert.equal(ended.code, 1);
	assert.match(
		ended.stderr,
		/error mlflow-python: .*neither uv nor a Python 3\.10 or newer/,
	);
	assert.match(ended.stderr, /report\.html need neither/);
});
