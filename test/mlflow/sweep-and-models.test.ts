// biome-ignore-all lint/suspicious/noExplicitAny: what a server answers is looked at as it comes
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
	appendFileSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { TrackingOptions } from "../../src/experiment/types.ts";
import { followSweep } from "../../src/mlflow/follow.ts";
import { type Settings, trackingSettings } from "../../src/mlflow/settings.ts";
import { sweepLinks } from "../../src/mlflow/sweep-links.ts";
import { type Synced, syncRuns, withTrials } from "../../src/mlflow/sync.ts";
import { NO_COUNTS, totalOf } from "../../src/mlflow/types.ts";
import { encodeJson } from "../../src/runs/json.ts";
import type { NewEvent } from "../../src/runs/types.ts";
import {
	EXPERIMENT,
	finishedEvents,
	metricsEvent,
	startEvent,
	temporaryFolder,
	writeJournal,
} from "../runs/example-run.ts";
import { envFor, experimentIn, graft, root } from "../support/graft.ts";
import { needs } from "../support/needs.ts";
import { type MlflowServer, startMlflow } from "./server.ts";

/** Against a real MLflow: sweeps as parent and children, models, the registry, image series. */

const mlflow = needs("mlflow");
const real = { skip: mlflow.missing ?? false };
/** The address of a server that runs already saves its start while one works on this file. */
const running = process.env.GRAFT_TEST_MLFLOW_URI;
/** Features that all tests share. */
const cache = mkdtempSync(join(tmpdir(), "graft-cache-"));
let server: Pick<MlflowServer, "uri" | "remove">;

before(async () => {
	if (running) server = { uri: running, remove: async () => undefined };
	else if (mlflow.missing === undefined)
		server = await startMlflow(mlflow.path);
});
after(async () => {
	rmSync(cache, { recursive: true, force: true });
	await server?.remove();
});

function settingsFor(experiment: string): Settings {
	const settings = trackingSettings(
		{ uri: server.uri, experiment },
		{ MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: "0.05" },
	);
	assert.ok(settings.ok && settings.value);
	return settings.value;
}

async function api(path: string, body?: object): Promise<any> {
	const answer = await fetch(`${server.uri}/api/2.0/mlflow/${path}`, {
		method: body === undefined ? "GET" : "POST",
		...(body && {
			headers: { "content-type": "application/json" },
			body: JSON.stringify(body),
		}),
	});
	return answer.json();
}

interface SeenRun {
	readonly info: Record<string, any>;
	readonly data: Record<"params" | "tags" | "metrics", Record<string, any>>;
	readonly inputs: any;
	readonly outputs: any;
}

/** All runs of an experiment, lists of pairs as objects. */
async function runsOf(experiment: string): Promise<SeenRun[]> {
	const found = await api(
		`experiments/get-by-name?experiment_name=${encodeURIComponent(experiment)}`,
	);
	const { runs = [] } = await api("runs/search", {
		experiment_ids: [found.experiment.experiment_id],
		max_results: 1000,
	});
	const pairs = (list: { key: string; value: unknown }[] = []) =>
		Object.fromEntries(list.map(({ key, value }) => [key, value]));
	return runs.map(({ info, data = {}, inputs, outputs }: any) => ({
		...{ info, inputs, outputs },
		data: {
			params: pairs(data.params),
			tags: pairs(data.tags),
			metrics: pairs(data.metrics),
		},
	}));
}

const RATES = [0.1, 0.01, 0.001];

function sweepStart(sweepId: string, tracking: TrackingOptions = {}): NewEvent {
	return startEvent(sweepId, {
		kind: "sweep",
		experiment: {
			...EXPERIMENT,
			tracking,
			sweep: {
				axes: { grid: { "train.learning_rate": RATES } },
				seeds: 1,
				objective: { metric: "valid/accuracy", mode: "max" },
				launcher: { local: { workers: 2, trials_per_gpu: 1 } },
				on_failure: "continue",
				retries: { infrastructure: 2, memory: 1, nan: 0 },
			} as never,
		},
	});
}

function trialEvents(
	sweepId: string,
	index: number,
	tracking: TrackingOptions = {},
): NewEvent[] {
	const rate = RATES[index] as number;
	const id = String(index).repeat(12);
	const [, ...events] = finishedEvents(`trial-${index}`);
	const start = startEvent(`trial-${index}`, {
		experiment: {
			...EXPERIMENT,
			tracking,
			train: { ...EXPERIMENT.train, learning_rate: rate },
		},
		trial: { sweepId, id, values: { "train.learning_rate": rate } },
	});
	return [
		start,
		...events.slice(0, -1),
		metricsEvent(4, { "valid/accuracy": 0.9 - index / 10 }),
		events.at(-1) as NewEvent,
	];
}

/** A sweep that is over, with `trials` trials. */
function writeSweep(runs: string, sweepId: string, trials: number): string {
	const folder = writeJournal(runs, sweepId, [
		sweepStart(sweepId),
		{ type: "end", status: "FINISHED" },
	]);
	for (let index = 0; index < trials; index++)
		writeJournal(
			join(folder, "trials"),
			`trial-${index}`,
			trialEvents(sweepId, index),
		);
	return folder;
}

async function sync(folder: string, settings: Settings): Promise<Synced[]> {
	const done: Synced[] = [];
	for await (const one of syncRuns(withTrials([{ folder, settings }])))
		done.push(one);
	return done;
}

function append(folder: string, events: readonly NewEvent[]): void {
	for (const event of events)
		appendFileSync(
			join(folder, "journal.jsonl"),
			`${encodeJson({ time: new Date().toISOString(), ...event })}\n`,
		);
}

test(
	"a sweep is followed: trials become children of its run while they go on, and the end brings all of them",
	real,
	async (context) => {
		const experiment = `follow ${randomUUID()}`;
		const runs = temporaryFolder(context);
		const folder = writeJournal(runs, "sweep-a", [sweepStart("sweep-a")]);
		mkdirSync(join(folder, "trials"));
		const follower = followSweep(folder, settingsFor(experiment));

		const [start, ...rest] = trialEvents("sweep-a", 0);
		const first = writeJournal(
			join(folder, "trials"),
			"trial-0",
			[start as NewEvent, ...rest.slice(0, 4)],
			new Date().toISOString(),
		);
		let seen: SeenRun[] = [];
		for (let look = 0; look < 300 && seen.length < 2; look++) {
			await sleep(100);
			seen = await runsOf(experiment).catch(() => []);
		}
		assert.equal(seen.length, 2);
		assert.ok(seen.every(({ info }) => info.status === "RUNNING"));

		append(first, rest.slice(4));
		for (const index of [1, 2])
			writeJournal(
				join(folder, "trials"),
				`trial-${index}`,
				trialEvents("sweep-a", index),
			);
		append(folder, [
			metricsEvent(1, { "valid/accuracy": 0.9 }),
			{ type: "end", status: "FINISHED" },
		]);
		const tracked = await follower.finish(60);
		assert.equal(tracked.problem, undefined);
		assert.equal(tracked.isComplete, true);

		const all = await runsOf(experiment);
		const parent = all.find(
			({ data }) => data.tags["mlflow.runName"] === "sweep-a",
		);
		assert.equal(parent?.info.run_id, tracked.place?.runId);
		assert.equal(parent?.data.tags["sweep.id"], "sweep-a");
		assert.equal(
			parent?.data.params["sweep.axes.grid.train.learning_rate"],
			"[0.1,0.01,0.001]",
		);
		const children = all.filter((run) => run !== parent);
		assert.deepEqual(
			children.map(({ data }) => data.tags["mlflow.runName"]).sort(),
			["learning_rate=0.001", "learning_rate=0.01", "learning_rate=0.1"],
		);
		for (const { data, info } of children) {
			assert.equal(info.status, "FINISHED");
			assert.equal(data.tags["mlflow.parentRunId"], parent?.info.run_id);
			assert.equal(data.tags["sweep.id"], "sweep-a");
			assert.equal(
				data.params["sweep.train.learning_rate"],
				data.params["train.learning_rate"],
			);
			assert.equal(data.params["train.epochs"], "3");
		}

		const links = sweepLinks(folder, server.uri);
		assert.match(links?.charts ?? "", /sweep\.id/);
		const byAccuracy = children
			.sort(
				(a, b) =>
					b.data.metrics["valid/accuracy"] - a.data.metrics["valid/accuracy"],
			)
			.map(({ info }) => info.run_id);
		assert.ok(
			decodeURIComponent(links?.compare ?? "").includes(
				JSON.stringify(byAccuracy),
			),
		);
	},
);

test(
	"graft sync brings a sweep's parent and trials once, and says so when the parent was deleted",
	real,
	async (context) => {
		const experiment = `sync ${randomUUID()}`;
		const settings = settingsFor(experiment);
		const folder = writeSweep(temporaryFolder(context), "sweep-b", 3);
		const first = await sync(folder, settings);
		assert.deepEqual(
			first.flatMap(({ problems }) => problems),
			[],
		);
		assert.equal(first.length, 4);
		assert.ok(first.every(({ isComplete }) => isComplete));
		const again = await sync(folder, settings);
		assert.deepEqual(
			again.map(({ sent }) => totalOf(sent)),
			[0, 0, 0, 0],
		);
		assert.ok(again.every(({ isComplete }) => isComplete));
		assert.equal((await runsOf(experiment)).length, 4);

		await api("runs/delete", { run_id: first[0]?.mlflowRunId });
		const later = writeJournal(join(folder, "trials"), "trial-late", [
			...trialEvents("sweep-b", 2),
		]);
		const after = await sync(folder, settings);
		const late = after.find((one) => one.folder === later);
		assert.match(
			late?.problems[0] ?? "",
			/its sweep sweep-b has no place: the run was deleted on the server: restore it/,
		);
		assert.equal(late?.isComplete, false);
		await api("runs/restore", { run_id: first[0]?.mlflowRunId });
		const restored = await sync(folder, settings);
		assert.ok(restored.every(({ isComplete }) => isComplete));
	},
);

/** What Python says of a script's last line, as JSON. */
function python(script: string): any {
	const ended = spawnSync(mlflow.path, ["-c", script], { encoding: "utf8" });
	assert.equal(ended.status, 0, ended.stderr);
	return JSON.parse(ended.stdout.split("\n").filter(Boolean).at(-1) as string);
}

/** A real run on the embedded photos; the parts that the server was given of it. */
async function trainOnPhotos(
	folder: string,
	experiment: string,
	more: string,
): Promise<{ readonly dir: string; readonly runId: string }> {
	const yaml = `name: photos
data: { root: ${join(root, "experiments/data/tuxpaint-photos")} }
transforms: [{ Resize: { size: [224, 224] } }, ToTensor, Normalize]
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { optimizer: adam, learning_rate: 0.01, epochs: 2 }
tracking: { uri: "${server.uri}", experiment: "${experiment}", ${more} }
`;
	const ended = await graft(
		["run", experimentIn(folder, yaml), "--format", "json", "--cache", cache],
		envFor(folder),
	);
	assert.equal(ended.code, 0, ended.stderr);
	const outcome = JSON.parse(ended.stdout);
	assert.equal(outcome.mlflow.complete, true, outcome.mlflow.problem);
	return { dir: outcome.run_dir, runId: outcome.mlflow.run_id };
}

/** Versions of a registered model, each with the aliases that point to it, the oldest first. */
async function versions(
	name: string,
): Promise<{ version: string; runId: string; aliases: string[] }[]> {
	const filter = encodeURIComponent(`name = '${name}'`);
	const found = await api(`model-versions/search?filter=${filter}`);
	const model = await api(`registered-models/get?name=${name}`);
	const aliases = model.registered_model?.aliases ?? [];
	return (found.model_versions ?? [])
		.map(({ version, run_id }: any) => ({
			version,
			runId: run_id,
			aliases: aliases
				.filter((one: any) => one.version === version)
				.map(({ alias }: any) => alias),
		}))
		.sort((a: any, b: any) => Number(a.version) - Number(b.version));
}

test(
	"a run's model is loaded by the Python client: linked to its metrics, one version, the alias on it, the files of the page there",
	real,
	async (context) => {
		const experiment = `model ${randomUUID()}`;
		const name = `photos-${randomUUID()}`;
		const folder = temporaryFolder(context);
		const more = `register: ${name}, alias: champion, images: 2`;
		const { dir, runId } = await trainOnPhotos(folder, experiment, more);
		const seen = python(`
import json, mlflow, os
from mlflow import MlflowClient
from mlflow.models import Model
mlflow.set_tracking_uri("${server.uri}")
c = MlflowClient()
r = c.get_run("${runId}")
e = r.info.experiment_id
models = mlflow.search_logged_models(experiment_ids=[e], output_format="list")
m = models[0]
local = mlflow.artifacts.download_artifacts("models:/${name}@champion")
print(json.dumps({
  "models": len(models), "status": str(m.status), "type": m.model_type, "run": m.source_run_id,
  "metrics": {x.key: [x.value, x.step, x.dataset_name] for x in m.metrics},
  "points": len(c.get_metric_history("${runId}", "valid/accuracy")),
  "outputs": [[o.model_id == m.model_id, o.step] for o in r.outputs.model_outputs],
  "flavors": list(Model.load("models:/" + m.model_id).flavors), "files": sorted(os.listdir(local)),
  "classes": json.load(open(os.path.join(local, "classes.json"))),
  "head": os.path.getsize(os.path.join(local, "head.safetensors")),
  "accuracy": r.data.metrics["valid/accuracy"], "tag": r.data.tags.get("mlflow.loggedImages"),
  "artifacts": sorted(f.path for f in c.list_artifacts("${runId}")),
  "images": sorted(f.path for f in c.list_artifacts("${runId}", "images")),
  "plan": mlflow.artifacts.load_text(r.info.artifact_uri + "/plan.txt"),
  "stages": len(mlflow.artifacts.load_dict(r.info.artifact_uri + "/plan.json")),
  "sizes": [mlflow.artifacts.load_image(r.info.artifact_uri + "/" + f.path).size for f in c.list_artifacts("${runId}", "images")],
}))`);
		assert.equal(seen.models, 1);
		assert.match(seen.status, /READY/);
		assert.equal(seen.run, runId);
		const last = seen.outputs[0][1];
		assert.deepEqual(seen.outputs, [[true, last]]);
		assert.deepEqual(seen.metrics["valid/accuracy"], [
			seen.accuracy,
			last,
			"tuxpaint-photos/valid",
		]);
		assert.equal(seen.metrics["train/loss"][2], "tuxpaint-photos/train");
		assert.equal(seen.points, 2);
		assert.deepEqual(seen.flavors, ["graft"]);
		for (const file of ["README.md", "experiment.yaml", "requirements.txt"])
			assert.ok(seen.files.includes(file), file);
		assert.equal(seen.classes.length, 5);
		assert.equal(seen.head, statSync(join(dir, "head.safetensors")).size);
		for (const file of [
			"confusion_matrix.json",
			"experiment.yaml",
			"head.safetensors",
			"plan.json",
			"plan.txt",
			"predictions.json",
			"report.html",
		])
			assert.ok(seen.artifacts.includes(file), file);
		assert.match(seen.plan, /Resize/);
		assert.ok(seen.stages > 2);
		assert.equal(seen.tag, "True");
		assert.equal(seen.images.length, 8);
		for (const path of seen.images)
			assert.match(
				path,
				/^images\/(train~transforms|valid~most_wrong)\+step\+[01]\+timestamp\+\d{13}\+[0-9a-f-]{36}(\.png|\+compressed\.webp)$/,
			);
		assert.ok(seen.sizes.every(([width]: number[]) => (width ?? 0) >= 224));

		// Replayed without the note of where it went: nothing twice.
		const settings = settingsFor(experiment);
		rmSync(join(dir, "mlflow.json"));
		const [again] = await sync(dir, settings);
		assert.deepEqual(again?.problems, []);
		assert.equal(totalOf(again?.sent ?? NO_COUNTS), 0);
		assert.equal((await versions(name)).length, 1);
		const [run] = await runsOf(experiment);
		assert.equal(run?.outputs.model_outputs.length, 1);

		// A second run is a second version and takes the alias; the first, sent again, leaves it there.
		const next = await trainOnPhotos(folder, experiment, more);
		rmSync(join(dir, "mlflow.json"));
		await sync(dir, settings);
		assert.deepEqual(await versions(name), [
			{ version: "1", runId, aliases: [] },
			{ version: "2", runId: next.runId, aliases: ["champion"] },
		]);
	},
);

test(
	"the whole network is a model that onnxruntime opens by choice, and is kept once",
	real,
	async (context) => {
		const experiment = `onnx ${randomUUID()}`;
		const folder = temporaryFolder(context);
		const more = "model: onnx, images: 0";
		const { dir, runId } = await trainOnPhotos(folder, experiment, more);
		const seen = python(`
import json, mlflow, os
from mlflow import MlflowClient
from mlflow.models import Model
mlflow.set_tracking_uri("${server.uri}")
c = MlflowClient()
m = mlflow.search_logged_models(experiment_ids=[c.get_run("${runId}").info.experiment_id], output_format="list")[0]
local = mlflow.artifacts.download_artifacts("models:/" + m.model_id)
print(json.dumps({
  "flavors": sorted(Model.load(local).flavors), "loader": Model.load(local).flavors["python_function"]["loader_module"],
  "bytes": os.path.getsize(os.path.join(local, "model.onnx")),
  "artifacts": [f.path for f in c.list_artifacts("${runId}")],
}))`);
		assert.deepEqual(seen.flavors, ["graft", "onnx", "python_function"]);
		assert.equal(seen.loader, "mlflow.onnx");
		const onnx = readFileSync(join(dir, "model.onnx"));
		assert.equal(seen.bytes, onnx.length);
		assert.ok(!seen.artifacts.includes("model.onnx"));
		assert.ok(!seen.artifacts.includes("images"));

		const { InferenceSession, Tensor } = await import("onnxruntime-node");
		const session = await InferenceSession.create(onnx);
		const [input] = session.inputNames as [string];
		const pixels = new Tensor("float32", new Float32Array(2 * 3 * 224 * 224), [
			...[2, 3, 224, 224],
		]);
		const outputs = await session.run({ [input]: pixels });
		const [output] = Object.values(outputs);
		assert.ok(output);
		assert.deepEqual(output.dims, [2, 5]);
		assert.ok([...(output.data as Float32Array)].every(Number.isFinite));
	},
);

test(
	"of a sweep that is registered its best trial becomes the version, once it is over",
	real,
	async (context) => {
		const experiment = `best ${randomUUID()}`;
		const name = `sweep-${randomUUID()}`;
		const settings = settingsFor(experiment);
		const tracking = { register: name, alias: "champion" };
		const folder = writeJournal(temporaryFolder(context), "sweep-c", [
			sweepStart("sweep-c", tracking),
		]);
		for (const index of [0, 1, 2]) {
			const trial = writeJournal(
				join(folder, "trials"),
				`trial-${index}`,
				trialEvents("sweep-c", index, tracking),
			);
			writeFileSync(join(trial, "head.safetensors"), `head ${index}`);
		}
		const early = await sync(folder, settings);
		assert.deepEqual(
			early.map(({ isComplete }) => isComplete),
			[false, true, true, true],
		);
		assert.deepEqual(await versions(name), []);

		append(folder, [{ type: "end", status: "FINISHED" }]);
		const late = await sync(folder, settings);
		assert.deepEqual(
			late.flatMap(({ problems }) => problems),
			[],
		);
		const made = await versions(name);
		assert.equal(made.length, 1);
		const best = late.find((one) => one.folder.endsWith("trial-0"));
		assert.equal(made[0]?.runId, best?.mlflowRunId);
		assert.deepEqual(made[0]?.aliases, ["champion"]);
		await sync(folder, settings);
		assert.equal((await versions(name)).length, 1);
	},
);

test(
	"a file that was changed and kept its size is sent again",
	real,
	async (context) => {
		const experiment = `changed ${randomUUID()}`;
		const settings = settingsFor(experiment);
		const events = finishedEvents("changed");
		const folder = writeJournal(
			temporaryFolder(context),
			"changed",
			events as NewEvent[],
		);
		writeFileSync(join(folder, "report.html"), "<p>one</p>");
		const [first] = await sync(folder, settings);
		assert.equal(first?.isComplete, true);
		writeFileSync(join(folder, "report.html"), "<p>two</p>");
		const [second] = await sync(folder, settings);
		assert.equal(second?.sent.artifacts, 1);
		assert.equal(second?.isComplete, true);
		const [third] = await sync(folder, settings);
		assert.equal(totalOf(third?.sent ?? NO_COUNTS), 0);
		const file = await fetch(
			`${server.uri}/get-artifact?path=report.html&run_uuid=${first?.mlflowRunId}`,
		);
		assert.equal(await file.text(), "<p>two</p>");
	},
);

test(
	"a run that Ctrl-C ends is on the server as KILLED when the process is gone, or graft sync brings it there",
	real,
	async (context) => {
		const experiment = `killed ${randomUUID()}`;
		const folder = temporaryFolder(context);
		const yaml = `name: killed
data: { root: ${join(root, "experiments/data/tuxpaint-photos")} }
model: { backbone: efficientnet_lite0, freeze: all, head: linear }
train: { learning_rate: 0.01, epochs: 1000000 }
tracking: { uri: "${server.uri}", experiment: "${experiment}" }
`;
		let isSent = false;
		const ended = await graft(
			["run", experimentIn(folder, yaml), "--format", "json", "--cache", cache],
			envFor(folder),
			(stderr, kill) => {
				if (isSent || !/epoch +3\//.test(stderr)) return;
				isSent = true;
				kill("SIGINT");
			},
		);
		assert.equal(ended.code, 130);
		const outcome = JSON.parse(ended.stdout);
		assert.equal(outcome.status, "KILLED");
		if (!outcome.mlflow.complete) {
			// The server was too slow for one who waits for a prompt.
			assert.match(ended.stderr, /fix: graft sync killed-/);
			const [rest] = await sync(outcome.run_dir, settingsFor(experiment));
			assert.equal(rest?.isComplete, true);
		}
		const [run, ...more] = await runsOf(experiment);
		assert.deepEqual(more, []);
		assert.equal(run?.info.status, "KILLED");
	},
);
