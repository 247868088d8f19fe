import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import test from "node:test";
import { rankedTrials } from "../../src/mlflow/best-trial.ts";
import { readContents } from "../../src/mlflow/replay.ts";
import { sweptParams, trialName } from "../../src/mlflow/trial.ts";
import { gpuMetrics, watchSystem } from "../../src/runs/system-metrics.ts";
import type { Metric, NewEvent } from "../../src/runs/types.ts";
import {
	EXPERIMENT,
	finishedEvents,
	metricsEvent,
	startEvent,
	temporaryFolder,
	writeJournal,
} from "../runs/example-run.ts";

/** What MLflow is told beside a run's own metrics, without a server. */

test("nvidia-smi's lines become MLflow's metrics, what a card does not tell is left out", () => {
	assert.deepEqual(
		gpuMetrics("0, 87, 10240, 81559, 310.25\n1, [N/A], 0, 40960, [N/A]\n"),
		{
			gpu_0_utilization_percentage: 87,
			gpu_0_memory_usage_megabytes: 10737.4,
			gpu_0_memory_usage_percentage: 12.6,
			gpu_0_power_usage_watts: 310.3,
			gpu_1_memory_usage_megabytes: 0,
			gpu_1_memory_usage_percentage: 0,
		},
	);
	assert.deepEqual(gpuMetrics(""), {});
});

test("the machine is looked at as often as MLflow's variable says, with its GPUs, until the run ends", async (context) => {
	const folder = temporaryFolder(context);
	const path = process.env.PATH;
	context.after(() => {
		process.env.PATH = path;
	});
	const program = join(folder, "nvidia-smi");
	writeFileSync(program, '#!/bin/sh\necho "0, 50, 1000, 2000, 100"\n');
	chmodSync(program, 0o755);
	process.env.PATH = `${folder}${delimiter}${path}`;
	const seen: Metric[] = [];
	await new Promise<void>((resolve) => {
		const system = watchSystem(
			folder,
			(metrics) => {
				seen.push(...metrics);
				const gpus = seen.filter(({ key }) => key.startsWith("system/gpu_0"));
				if (gpus.length < 4) return;
				system.stop();
				resolve();
			},
			{ MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL: "0.1" },
		);
		// The watch itself keeps no process alive.
		const alive = setInterval(() => undefined, 1000);
		context.after(() => clearInterval(alive));
	});
	const keys = new Set(seen.map(({ key }) => key));
	for (const name of [
		"cpu_utilization_percentage",
		"system_memory_usage_megabytes",
		"system_memory_usage_percentage",
		"disk_usage_percentage",
		"gpu_0_utilization_percentage",
	])
		assert.ok(keys.has(`system/${name}`), name);
	const cpu = seen.find(
		({ key }) => key === "system/cpu_utilization_percentage",
	);
	assert.ok(cpu && cpu.value >= 0 && cpu.value <= 100 && cpu.step === 0);
});

test("MLflow's variable turns the looks at the machine off", () => {
	const { stop } = watchSystem("/", () => assert.fail("looked"), {
		MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING: "false",
		MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL: "0.1",
	});
	stop();
});

test("what the machine did and each step are points of the run, their times in order", (context) => {
	const at = { step: 3, timestamp: 1_795_500_000_000 };
	const folder = writeJournal(temporaryFolder(context), "points", [
		startEvent("points"),
		{
			type: "system",
			metrics: [{ key: "system/cpu_utilization_percentage", value: 5, ...at }],
		},
		{
			...{ type: "steps", epoch: 1, first: 1 },
			losses: [2, 1],
			learningRates: [0.1, 0.05],
		} as NewEvent,
	]);
	const { points } = readContents(folder, undefined);
	assert.deepEqual(points[0], {
		...{ key: "system/cpu_utilization_percentage", value: 5, ...at },
	});
	const steps = points.filter(({ key }) => key === "train/loss_step");
	assert.deepEqual(
		steps.map(({ step, value, timestamp }) => [step, value, timestamp]),
		[
			[1, 2, Date.parse("2026-11-24T09:00:01.500Z")],
			[2, 1, Date.parse("2026-11-24T09:00:02.000Z")],
		],
	);
});

test("a trial is called by what sets it apart, in the fewest words that are clear", () => {
	const name = (values: Record<string, never>) =>
		trialName({ sweepId: "s", id: "0123456789ab", values });
	const of = (values: object) => name(values as Record<string, never>);
	assert.equal(
		of({ "train.learning_rate": 0.1, "train.optimizer": "adam" }),
		"learning_rate=0.1 optimizer=adam",
	);
	assert.equal(
		of({ "model.head.linear.bias": true, "model.head.mlp.bias": false }),
		"model.head.linear.bias=true model.head.mlp.bias=false",
	);
	assert.equal(of({}), "0123456789ab");
	assert.equal(
		of({ transforms: ["Resize", "CenterCrop", "RandomHorizontalFlip"] }),
		'transforms=["Resize","CenterCrop",…',
	);
	assert.ok(
		of(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, i])))
			.length <= 80,
	);
	assert.deepEqual(
		[
			...sweptParams({
				...{ sweepId: "s", id: "i" },
				values: { "train.learning_rate": 0.1, "data.root": "a@b" },
			}),
		],
		[
			["sweep.train.learning_rate", "0.1"],
			["sweep.data.root", "a@b"],
		],
	);
});

test("the best trials come first, equal ones in the file's order", (context) => {
	const folder = join(temporaryFolder(context), "sweep");
	mkdirSync(folder);
	const ids = ["bbbbbbbbbbbb", "aaaaaaaaaaaa", "cccccccccccc", "dddddddddddd"];
	writeFileSync(join(folder, "sweep.json"), JSON.stringify({ trials: ids }));
	const accuracies = [0.8, 0.8, 0.9, Number.NaN];
	for (const [index, id] of ids.entries()) {
		const events = finishedEvents(`r-${id}`);
		const end = events.pop() as NewEvent;
		const last = metricsEvent(4, {
			"valid/loss": 1 - (accuracies[index] as number),
			"valid/accuracy": accuracies[index] as number,
		});
		writeJournal(join(folder, "trials"), `r-${id}`, [...events, last, end]);
	}
	assert.deepEqual(
		rankedTrials(folder, EXPERIMENT).map(({ runId }) => runId),
		["r-cccccccccccc", "r-bbbbbbbbbbbb", "r-aaaaaaaaaaaa"],
	);
});
