import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openClient } from "../../src/mlflow/client.ts";
import { followRun } from "../../src/mlflow/follow.ts";
import {
	type Replayed,
	readContents,
	replay,
} from "../../src/mlflow/replay.ts";
import { type Settings, trackingSettings } from "../../src/mlflow/settings.ts";
import { type Synced, syncRuns } from "../../src/mlflow/sync.ts";
import { NO_COUNTS, totalOf } from "../../src/mlflow/types.ts";
import { encodeJson } from "../../src/runs/json.ts";
import type { NewEvent } from "../../src/runs/types.ts";
import {
	EXPERIMENT,
	finishedEvents,
	metricsEvent,
	PREDICTIONS,
	startEvent,
	temporaryFolder,
	writeJournal,
} from "../runs/example-run.ts";
import { envFor, graft, root } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { type Fate, openProxy } from "./proxy.ts";
import { type MlflowServer, startMlflow } from "./server.ts";

/** Against a real MLflow: what was written is read back, whatever happens on the way. */

const mlflow = needs("mlflow");
const real = { skip: mlflow.missing ?? false };
let server: MlflowServer;

before(async () => {
	if (mlflow.missing === undefined) server = await startMlflow(mlflow.path);
});
after(() => server?.remove());

function settingsFor(uri: string, experiment?: string): Settings {
	const settings = trackingSettings(
		{ uri, ...(experiment && { experiment }) },
		{
			MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: "0.05",
			MLFLOW_HTTP_REQUEST_BACKOFF_JITTER: "0.05",
		},
	);
	assert.ok(settings.ok && settings.value);
	return settings.value;
}

async function send(
	folder: string,
	experiment: string,
	uri = server.uri,
): Promise<Replayed> {
	const client = openClient(settingsFor(uri, experiment));
	try {
		return await replay(client, readContents(folder, experiment));
	} finally {
		client.close();
	}
}

/** A finished run with a prediction table, in an experiment of its own. */
function writeRun(
	context: TestContext,
	name: string,
	more: readonly NewEvent[] = [],
): string {
	const events = finishedEvents(name);
	const end = events.pop() as NewEvent;
	const predictions = {
		type: "artifact",
		path: "predictions.jsonl",
		sha256: "",
	} as const;
	const folder = writeJournal(temporaryFolder(context), name, [
		...events,
		predictions,
		...more,
		end,
	]);
	const lines = PREDICTIONS.map((prediction) => `${encodeJson(prediction)}\n`);
	writeFileSync(join(folder, "predictions.jsonl"), lines.join(""));
	writeFileSync(join(folder, "report.html"), "<h1>Ümläut</h1>");
	return folder;
}

async function post(path: string, body: unknown): Promise<Response> {
	return fetch(`${server.uri}/api/2.0/mlflow/${path}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: typeof body === "string" ? body : JSON.stringify(body),
	});
}

/** Every point of a run as the server has it, per key. */
async function storedPoints(
	runId: string,
	keys: readonly string[],
): Promise<Record<string, string[]>> {
	const found: Record<string, string[]> = {};
	for (const key of keys) {
		const query = new URLSearchParams({
			run_id: runId,
			metric_key: key,
			max_results: "25000",
		});
		const page = await fetch(
			`${server.uri}/api/2.0/mlflow/metrics/get-history?${query}`,
		);
		const { metrics = [] } = (await page.json()) as {
			metrics?: { value: number; step: number; timestamp: number }[];
		};
		found[key] = metrics.map(
			({ value, step, timestamp }) => `${step} ${timestamp} ${value}`,
		);
	}
	return found;
}

test(
	"the Python client reads back all that a run has",
	real,
	async (context) => {
		const odd = metricsEvent(4, {
			"valid/loss": Number.NaN,
			"train/loss": Number.POSITIVE_INFINITY,
			"recall/Größe": 0.1 + 0.2,
			"recall/a@b (c)": 1e-300,
		});
		const folder = writeRun(context, "read-back", [odd]);
		const long = {
			...EXPERIMENT,
			data: { ...EXPERIMENT.data, root: `/${"ph/".repeat(3000)}` },
		};
		const journal = join(folder, "journal.jsonl");
		const changed = readFileSync(journal, "utf8").replace(
			JSON.stringify(EXPERIMENT),
			JSON.stringify(long),
		);
		writeFileSync(journal, changed);

		const outcome = await send(folder, "read-back");
		assert.deepEqual(outcome.problems, []);
		assert.equal(outcome.isComplete, true);
		const script = `
import json, mlflow
from mlflow import MlflowClient
mlflow.set_tracking_uri("${server.uri}")
mlflow.set_experiment("read-back")
c = MlflowClient()
r = c.get_run("${outcome.target?.runId}")
h = lambda k: [[m.step, m.timestamp, str(m.value)] for m in c.get_metric_history(r.info.run_id, k)]
print(json.dumps({
  "status": r.info.status, "start": r.info.start_time, "end": r.info.end_time, "name": r.info.run_name,
  "params": r.data.params, "tags": r.data.tags,
  "loss": h("valid/loss"), "train": h("train/loss"), "odd": h("recall/Größe"), "mapped": h("recall/a_x40_b _x28_c_x29_"), "epoch": h("epoch"),
  "inputs": [[d.dataset.name, d.tags[0].value, json.loads(d.dataset.profile)["num_rows"], "mlflow_colspec" in json.loads(d.dataset.schema)] for d in r.inputs.dataset_inputs],
  "files": sorted(f.path for f in c.list_artifacts(r.info.run_id)),
  "report": mlflow.artifacts.load_text(r.info.artifact_uri + "/report.html"),
  "long": json.loads(mlflow.artifacts.load_text(r.info.artifact_uri + "/long-params.json")),
  "table": mlflow.load_table("predictions.json", run_ids=[r.info.run_id]).to_dict("list"),
}))`;
		const python = spawnSync(mlflow.path, ["-c", script], { encoding: "utf8" });
		assert.equal(python.status, 0, python.stderr);
		const seen = JSON.parse(
			python.stdout.split("\n").filter(Boolean).at(-1) as string,
		);
		assert.equal(seen.status, "FINISHED");
		assert.equal(seen.name, "read-back");
		assert.equal(seen.start, Date.parse("2026-11-24T09:00:00.000Z"));
		assert.equal(seen.params["train.optimizer.sgd.momentum"], "0");
		assert.equal(seen.params["transforms.0.Resize.size"], "[224,224]");
		assert.match(
			seen.params["data.root"],
			/9001 characters: see the artifact long-params\.json/,
		);
		assert.equal(seen.long["data.root"], long.data.root);
		assert.equal(seen.tags["graft.run_id"], "read-back");
		assert.equal(seen.tags["mlflow.source.git.branch"], "main");
		assert.match(seen.tags["mlflow.note.content"], /valid\/accuracy \| 0\.75/);
		assert.deepEqual(
			seen.loss.map((point: unknown[]) => point[2]),
			["1.2", "0.6", "0.39999999999999997", "nan"],
		);
		assert.deepEqual(
			seen.loss.map((point: unknown[]) => point[0]),
			[4, 8, 12, 16],
		);
		assert.equal(seen.train.at(-1)[2], "1.7976931348623157e+308");
		assert.equal(seen.odd[0][2], "0.30000000000000004");
		assert.equal(seen.mapped[0][2], "1e-300");
		assert.deepEqual(
			seen.epoch.map((point: unknown[]) => point[2]),
			["1.0", "2.0", "3.0", "4.0"],
		);
		assert.deepEqual(seen.inputs.sort(), [
			["photos/train", "train", 60, true],
			["photos/valid", "valid", 8, true],
		]);
		assert.deepEqual(seen.files, [
			"confusion_matrix.json",
			"journal.jsonl",
			"long-params.json",
			"predictions.json",
			"predictions.jsonl",
			"report.html",
		]);
		assert.equal(seen.report, "<h1>Ümläut</h1>");
		assert.deepEqual(
			seen.table.right.filter((word: string) => word === "no").length,
			2,
		);

		const again = await send(folder, "read-back");
		assert.deepEqual(again.sent, NO_COUNTS);
		assert.equal(again.target?.runId, outcome.target?.runId);
	},
);

test(
	"what sloppy JSON loses without a word: the server still does it",
	real,
	async (context) => {
		const { target } = await send(writeRun(context, "sloppy"), "sloppy");
		const run_id = target?.runId;
		const metric = (key: string, timestamp: unknown, value: unknown) => ({
			key,
			value,
			timestamp,
			step: 1,
		});
		const sloppy = await post("runs/log-batch", {
			run_id,
			metrics: [metric("a", 1764000000000.5, 1), metric("b", 1764000000000, 2)],
		});
		assert.equal(sloppy.status, 200);
		const stored = await storedPoints(run_id as string, ["a", "b"]);
		assert.notDeepEqual(stored, {
			a: ["1 1764000000000 1"],
			b: ["1 1764000000000 2"],
		});
	},
);

test(
	"a server that answers 200 and stores nothing is told from one that stores",
	real,
	async (context) => {
		const folder = writeRun(context, "swallowed");
		const proxy = await openProxy(server.uri, (path) =>
			/log-batch|PUT|artifacts\/\d/.test(path) ? "swallow" : "pass",
		);
		context.after(proxy.close);
		const outcome = await send(folder, "swallowed", proxy.uri);
		assert.equal(outcome.isComplete, false);
		assert.match(
			outcome.problems.join(),
			/the server took \d+ params, \d+ tags, \d+ points, \d+ artifacts with a good answer and does not have them/,
		);
		assert.ok(totalOf(outcome.left) > 40);
		const whole = await send(folder, "swallowed");
		assert.equal(whole.isComplete, true);
		const nothing = await openProxy(server.uri, () => "swallow");
		context.after(nothing.close);
		assert.match(
			(await send(folder, "swallowed", nothing.uri)).problems.join(),
			/it stores nothing/,
		);
	},
);

test(
	"a clash of params, a deleted run and a deleted experiment are told and never fatal",
	real,
	async (context) => {
		const folder = writeRun(context, "clash");
		const { target } = await send(folder, "clash");
		const journal = join(folder, "journal.jsonl");
		writeFileSync(
			journal,
			readFileSync(journal, "utf8").replace(
				'"learning_rate":0.01',
				'"learning_rate":0.5',
			),
		);
		const clash = await send(folder, "clash");
		assert.match(clash.problems.join(), /other values of train\.learning_rate/);
		assert.equal(clash.left.params, 1);
		await post("runs/delete", { run_id: target?.runId });
		assert.match(
			(await send(folder, "clash")).problems.join(),
			/the run was deleted on the server/,
		);
		await post("experiments/delete", { experiment_id: target?.experimentId });
		assert.match(
			(await send(folder, "clash")).problems.join(),
			/the experiment "clash" was deleted/,
		);
	},
);

/** A run of 5000 steps with four metrics each, an epoch every 500 steps. */
function stepEvents(from: number, to: number): NewEvent[] {
	return Array.from({ length: to - from }, (_, index) => {
		const step = from + index + 1;
		const timestamp = Date.UTC(2026, 10, 24, 9, 0, 0, step);
		const metrics = [
			"train/loss",
			"train/accuracy",
			"valid/loss",
			"valid/accuracy",
		].map((key) => ({ key, value: Math.sin(step) + 2, step, timestamp }));
		return { type: "metrics", epoch: Math.ceil(step / 500), metrics };
	});
}

async function assertWhole(
	runId: string | undefined,
	experimentId: string | undefined,
) {
	const keys = ["train/loss", "train/accuracy", "valid/loss", "valid/accuracy"];
	const stored = await storedPoints(runId as string, keys);
	for (const key of keys) {
		assert.equal(stored[key]?.length, 5000, key);
		assert.equal(new Set(stored[key]).size, 5000, key);
	}
	const found = await post("runs/search", { experiment_ids: [experimentId] });
	const { runs } = (await found.json()) as { runs: unknown[] };
	assert.equal(runs.length, 1);
}

test(
	"through a network that drops, delays, doubles and loses answers, 20,000 of 20,000 points arrive, none twice",
	real,
	async (context) => {
		const folder = writeJournal(temporaryFolder(context), "rough", [
			startEvent("rough"),
			...stepEvents(0, 5000),
			{ type: "end", status: "FINISHED" },
		]);
		const fates: readonly Fate[] = ["double", "drop", "pass", "lose", "pass"];
		const proxy = await openProxy(
			server.uri,
			(_, index) => fates[index % fates.length] as Fate,
			20,
		);
		context.after(proxy.close);
		const destination = { folder, settings: settingsFor(proxy.uri, "rough") };
		let synced: Synced | undefined;
		for (let attempt = 0; attempt < 5 && synced?.isComplete !== true; attempt++)
			for await (const one of syncRuns([destination])) synced = one;
		assert.equal(synced?.isComplete, true, synced?.problems.join());
		assert.ok((proxy.counts.drop ?? 0) > 5 && (proxy.counts.double ?? 0) > 5);
		await assertWhole(synced?.mlflowRunId, synced?.experimentId);
	},
);

test(
	"a server that is killed in the middle of a run and comes back has 20,000 of 20,000 points, none twice",
	real,
	async (context) => {
		const folder = writeJournal(temporaryFolder(context), "killed", [
			startEvent("killed"),
		]);
		const append = (events: readonly NewEvent[]) =>
			appendFileSync(
				join(folder, "journal.jsonl"),
				events
					.map(
						(event) =>
							`${encodeJson({ time: "2026-11-24T09:00:01.000Z", ...event })}\n`,
					)
					.join(""),
			);
		const follower = followRun(folder, settingsFor(server.uri, "killed"));
		for (let from = 0; from < 2000; from += 500) {
			append(stepEvents(from, from + 500));
			await sleep(700);
		}
		await server.kill();
		append(stepEvents(2000, 4000));
		const restarted = server.start();
		append(stepEvents(4000, 5000));
		await restarted;
		append([{ type: "end", status: "FINISHED" }]);
		const tracked = await follower.finish(60);
		assert.equal(tracked.isComplete, true, tracked.problem);
		await assertWhole(tracked.place?.runId, tracked.place?.experimentId);
	},
);

test(
	"run sends itself while it goes on, and sync finds nothing left to send",
	real,
	async (context) => {
		const folder = temporaryFolder(context);
		const env = { ...envFor(folder), MLFLOW_TRACKING_URI: server.uri };
		const file = join(root, "experiments", "resize.yaml");
		const ended = await graft(["run", file, "--format", "json"], env);
		assert.equal(ended.code, 0, ended.stderr);
		const { mlflow: said, run_id } = JSON.parse(ended.stdout);
		assert.equal(said.complete, true, ended.stderr);
		assert.equal(said.tracking_uri, server.uri);
		assert.equal(
			said.url,
			`${server.uri}/#/experiments/${said.experiment_id}/runs/${said.run_id}?workflowType=machine_learning`,
		);
		const sync = await graft(["sync", "--format", "json"], env);
		assert.equal(sync.code, 0, sync.stderr);
		const counts = JSON.parse(sync.stdout);
		assert.equal(counts.sent.total, 0);
		// Ten epochs of four numbers, the epochs, the evaluation, the phases.
		assert.ok(counts.already_there.metrics > 50);
		assert.deepEqual(counts.left.total, 0);
		assert.equal(counts.runs[0].run_id, run_id);
		assert.equal(counts.runs[0].mlflow.run_id, said.run_id);
	},
);
