import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Experiment } from "../../src/experiment/types.ts";
import { encodeJson } from "../../src/runs/json.ts";
import type {
	Environment,
	JournalEvent,
	NewEvent,
	Prediction,
} from "../../src/runs/types.ts";

/** A run's events with fixed times and values, for every test of this room. */

/** A fresh folder that is removed after the test. */
export function temporaryFolder(t: TestContext): string {
	const folder = mkdtempSync(join(tmpdir(), "graft-runs-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

export const EXPERIMENT: Experiment = {
	name: "resize",
	description: "Squash every photo to 224 x 224.",
	seed: 0,
	data: {
		root: "/photos",
		train: "train",
		valid: "valid",
		on_corrupt: "skip",
		exif: "apply",
	},
	transforms: {
		train: [{ name: "Resize", params: { size: [224, 224] } }],
		eval: [{ name: "Resize", params: { size: [224, 224] } }],
	},
	model: {
		backbone: "efficientnet_lite0",
		weights: "default",
		global_pool: "avg",
		freeze: "all",
		head: { linear: { bias: true } },
	},
	train: {
		loss: { cross_entropy: { label_smoothing: 0 } },
		optimizer: {
			sgd: { momentum: 0, dampening: 0, nesterov: false, weight_decay: 0 },
		},
		learning_rate: 0.01,
		schedule: { constant: { warmup_epochs: 0, warmup_start_factor: 0.01 } },
		epochs: 3,
		batch_size: 32,
		log: "epoch",
	},
};

export const ENVIRONMENT: Environment = {
	graft: "0.1.0",
	node: "v20.20.2",
	packages: { "onnxruntime-node": "1.30.0", sharp: "0.35.5" },
	platform: "linux-x64 6.1.0",
	cpu: "Some CPU @ 2.50GHz",
	cores: 2,
	memoryGb: 23.5,
	host: "workbench",
	user: "ada",
	provider: "cpu",
	backend: "wasm (tfjs-node is not installed)",
	git: { commit: "5233f8a".padEnd(40, "0"), branch: "main", dirty: true },
	dataFingerprint: "d".repeat(64),
	weightsSha256: "e".repeat(64),
};

export function startEvent(
	runId: string,
	changes: Partial<Extract<JournalEvent, { type: "start" }>> = {},
): Extract<NewEvent, { type: "start" }> {
	return {
		type: "start",
		runId,
		name: "resize",
		fingerprint: "f".repeat(64),
		source: "experiments/resize.yaml",
		argv: ["run", "experiments/resize.yaml"],
		pid: process.pid,
		experiment: EXPERIMENT,
		...changes,
	};
}

export function metricsEvent(
	epoch: number,
	values: Readonly<Record<string, number>>,
): Extract<NewEvent, { type: "metrics" }> {
	const metrics = Object.entries(values).map(([key, value]) => ({
		key,
		value,
		step: epoch * 4,
		timestamp: Date.UTC(2026, 10, 24, 9, 0, epoch),
	}));
	return { type: "metrics", epoch, metrics };
}

/** A finished run of three epochs. */
export function finishedEvents(runId: string): NewEvent[] {
	return [
		startEvent(runId),
		{ type: "environment", environment: ENVIRONMENT },
		{
			type: "data",
			classNames: ["bird", "flower", "fruit"],
			counts: { train: [25, 17, 18], valid: [3, 2, 3] },
			corrupt: [{ path: "train/bird/half.jpg", reason: "zero bytes" }],
			root: "/photos",
		},
		{
			type: "phase",
			name: "features",
			seconds: 1.25,
			detail: { cached: 12, computed: 56 },
		},
		...[1, 2, 3].map((epoch) =>
			metricsEvent(epoch, {
				"train/loss": 1.5 / epoch,
				"train/accuracy": 0.5 + epoch / 10,
				"valid/loss": 1.2 / epoch,
				"valid/accuracy": [0.5, 0.625, 0.75][epoch - 1] as number,
			}),
		),
		{ type: "phase", name: "train", seconds: 0.5, detail: { epochs: 3 } },
		{
			type: "artifact",
			path: "report.html",
			sha256: "a".repeat(64),
			bytes: 1234,
		},
		{
			type: "warning",
			code: "corrupt-photos",
			message: "1 photo could not be read and was left out",
		},
		{ type: "end", status: "FINISHED" },
	];
}

/** Predictions of finishedEvents' valid photos: six of eight right. */
export const PREDICTIONS: readonly Prediction[] = [
	[0, 0, 0.9],
	[0, 0, 0.8],
	[0, 2, 0.7],
	[1, 1, 0.6],
	[1, 1, 0.95],
	[2, 2, 0.5],
	[2, 0, 0.9],
	[2, 2, 0.99],
].map(([label = 0, predicted = 0, sure = 0], index) => {
	const probabilities = [0, 1, 2].map((c) =>
		c === predicted ? sure : (1 - sure) / 2,
	);
	return {
		path: `valid/${["bird", "flower", "fruit"][label]}/${index}.jpg`,
		sha256: String(index).repeat(64),
		label,
		predicted,
		probabilities,
		loss: -Math.log(probabilities[label] as number),
	};
});

/** Writes a journal as a run at a fixed time would: one second from event to event. */
export function writeJournal(
	runs: string,
	runId: string,
	events: readonly NewEvent[],
	begin = "2026-11-24T09:00:00.000Z",
): string {
	const folder = join(runs, runId);
	mkdirSync(folder, { recursive: true });
	const lines = events.map((event, index) => {
		const time = new Date(Date.parse(begin) + index * 1000).toISOString();
		return `${encodeJson({ time, ...event })}\n`;
	});
	appendFileSync(join(folder, "journal.jsonl"), lines.join(""));
	return folder;
}
