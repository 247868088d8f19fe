// biome-ignore-all lint/suspicious/noExplicitAny: what a server answers is looked at as it comes
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { followSweep } from "../../src/mlflow/follow.ts";
import { type Settings, trackingSettings } from "../../src/mlflow/settings.ts";
import { sweepLinks } from "../../src/mlflow/sweep-links.ts";
import { type Synced, syncRuns, withTrials } from "../../src/mlflow/sync.ts";
import { totalOf } from "../../src/mlflow/types.ts";
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
import { needs } from "../support/needs.ts";
import { type MlflowServer, startMlflow } from "./server.ts";

/** Against a real MLflow: sweeps as parent and children, models, the registry, image series. */

const mlflow = needs("mlflow");
const real = { skip: mlflow.missing ?? false };
/** The address of a server that runs already saves its start while one works on this file. */
const running = process.env.GRAFT_TEST_MLFLOW_URI;
let server: Pick<MlflowServer, "uri" | "remove">;

before(async () => {
	if (running) server = { uri: running, remove: async () => undefined };
	else if (mlflow.missing === undefined)
		server = await startMlflow(mlflow.path);
});
after(() => server?.remove());

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

function sweepStart(sweepId: string): NewEvent {
	return startEvent(sweepId, {
		kind: "sweep",
		experiment: {
			...EXPERIMENT,
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

function trialEvents(sweepId: string, index: number): NewEvent[] {
	const rate = RATES[index] as number;
	const id = String(index).repeat(12);
	const [, ...events] = finishedEvents(`trial-${index}`);
	const start = startEvent(`trial-${index}`, {
		experiment: {
			...EXPERIMENT,
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
