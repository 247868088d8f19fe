import type { Dataset } from "../data/types.ts";
import { RunError } from "../diagnostic.ts";
import type { Tfjs } from "../engine/backend.ts";
import type { Experiment } from "../experiment/types.ts";
import { toYaml } from "../experiment/write.ts";
import { writeSafetensors } from "../model/weights/safetensors-write.ts";
import type { TrainState } from "../train/state.ts";
import type {
	CheckpointEvent,
	EpochEvent,
	FitEnd,
	StepEvent,
} from "../train/types.ts";
import { type ArtifactOf, syncArtifacts, writeArtifact } from "./artifact.ts";
import { checkpointFile } from "./checkpoints/checkpoint-file.ts";
import { removeStates, writeState } from "./checkpoints/state-file.ts";
import { predictionMetrics } from "./evaluation/of-predictions.ts";
import { createRun, openJournal, runIdOf } from "./journal.ts";
import { writePredictions } from "./predictions.ts";
import { readRun } from "./record.ts";
import type { RecordStart } from "./record-start.ts";
import { buildReport, REPORT_FILE } from "./report/build.ts";
import {
	countsOf,
	photoCounts,
	predictionsOf,
	previewPhotos,
	quarantine,
	viewMetrics,
} from "./results.ts";
import { placeOf } from "./resume.ts";
import { shareRecord } from "./shared-record.ts";
import { watchSystem } from "./system-metrics.ts";
import type { RunTraining } from "./training-json.ts";
import { openTrainingLog } from "./training-log.ts";
import type { Prediction, TrialMark } from "./types.ts";

/** Writes a run down while it goes on: every step into the journal first. */
export interface Recorder {
	readonly runId: string;
	/** Absolute. */
	readonly folder: string;
	readonly warn: (code: string, message: string) => void;
	/** Ends the phase that began with the last one's end; its seconds, which are returned, go into the journal. */
	readonly phase: (name: string, detail?: Detail) => number;
	readonly environment: (
		backend: Pick<Tfjs, "name" | "reason">,
	) => Promise<void>;
	/** The photos that are used and those that are not; under `quarantine` the latter are copied into the folder. */
	readonly photos: (dataset: Dataset) => void;
	/** Journaled at the end of its epoch, with `log: step`. */
	readonly step: (event: StepEvent) => void;
	readonly epoch: (event: EpochEvent) => void;
	/** Writes weights that are worth keeping. */
	readonly checkpoint: (event: CheckpointEvent) => void;
	/** Writes what the run can go on from; removed once it is over. */
	readonly state: (state: TrainState) => void;
	/** Writes a file of the run and journals it; `name` is relative to its folder. */
	readonly artifact: (name: string, bytes: Uint8Array) => void;
	/** Predictions, learned weights, the page; then FINISHED. `views`: what test-time augmentation says of the valid photos. */
	readonly finish: (
		dataset: Dataset,
		end: FitEnd,
		views?: Pick<
			FitEnd,
			"validPredicted" | "validLosses" | "validProbabilities"
		>,
	) => Promise<void>;
	readonly fail: (error: unknown) => void;
	readonly kill: () => void;
	/** Seconds of the phases so far, and their `total`. */
	readonly seconds: () => Readonly<Record<string, number>>;
	/** Last value of each metric: where an earlier epoch is the result, that epoch's. */
	readonly metrics: () => Readonly<Record<string, number>>;
	/** The epochs and, with `log: step`, the steps so far; once it has ended early, why. */
	readonly trained: () => RunTraining;
}

type Detail = Readonly<Record<string, string | number>>;

/** Makes the run's folder and begins its journal, or goes on with that of another process. @throws RunError where the runs folder cannot be written. */
export function openRecorder(start: RecordStart): Recorder {
	const { experiment, fingerprint, source, argv, resume } = start;
	const { runId, folder } =
		resume?.record ??
		createRun(
			start.runsFolder,
			start.runId ?? runIdOf(experiment.name, fingerprint),
		);
	const journal = openJournal(folder);
	// git answers while photos are read.
	const { git, environment } = start.shared ?? shareRecord(source);
	const seconds: Record<string, number> = {};
	let phaseStart = start.startedAt;
	let isOpen = true;
	/** Artifacts that are not on the disk for sure: of many runs, all of a run are synced at once. */
	const waiting: string[] = [];
	const log = openTrainingLog(journal, experiment, resume);
	let backendName = "";
	let classes = "[]";

	const { name } = experiment;
	const { pid } = process;
	journal.append({
		...{ type: "start", runId, name, fingerprint, source, argv, pid },
		begin: timeBefore(performance.now() - start.startedAt),
		experiment,
		...(resume && { resumed: placeOf(resume) }),
		...(start.trial && { trial: start.trial }),
		...(start.strategy && { strategy: start.strategy }),
		...(start.attached && { attached: start.attached }),
	});

	function artifact(
		path: string,
		bytes: Uint8Array | string,
		of: ArtifactOf = {},
	): void {
		const isDurable = start.shared === undefined;
		const file = writeArtifact(folder, journal, path, bytes, of, isDurable);
		if (!isDurable) waiting.push(file);
	}

	function phase(name: string, detail: Detail = {}): number {
		const now = performance.now();
		const spent = inMs((now - phaseStart) / 1000);
		seconds[name] = inMs((seconds[name] ?? 0) + spent);
		phaseStart = now;
		journal.append({ type: "phase", name, seconds: spent, detail });
		return spent;
	}

	function end(
		status: "FINISHED" | "FAILED" | "KILLED",
		error?: { code: string; message: string },
	): void {
		if (!isOpen) return;
		isOpen = false;
		system?.stop();
		try {
			journal.append({ type: "end", status, ...(error && { error }) });
		} catch (cause) {
			// A full disk: what ended the run matters more, and a journal without an end reads as "died".
			if (status === "FINISHED") throw cause;
		}
		journal.close();
	}

	async function report(): Promise<void> {
		// Loaded here, for most of what a recorder does needs no pictures.
		const { thumbnail } = await import("../data/thumbnail.ts");
		const soon = {
			status: "FINISHED",
			endTime: new Date().toISOString(),
		} as const;
		artifact(
			REPORT_FILE,
			await buildReport({ ...readRun(folder), ...soon }, thumbnail),
		);
	}

	/** At the step of the weights that are the result. */
	function evaluated(
		predictions: readonly Prediction[],
		classNames: readonly string[],
	): void {
		log.note((at) => predictionMetrics(predictions, classNames, at));
	}

	const system = start.shared
		? undefined
		: watchSystem(
				folder,
				(metrics) => {
					try {
						journal.append({ type: "system", metrics });
					} catch {
						// A full disk is said by what the run itself writes.
						system?.stop();
					}
				},
				process.env,
				resume?.looks,
			);
	phase("prepare");
	// Of a run that goes on they are there, and it was prepared from them.
	const isThere = (name: string) =>
		resume?.record.artifacts.some(({ path }) => path === name);
	if (!isThere("experiment.yaml"))
		artifact("experiment.yaml", toYaml(experiment));
	if (start.plan !== undefined && !isThere("plan.json")) {
		artifact("plan.txt", start.plan.text);
		artifact("plan.json", `${JSON.stringify(start.plan.json, null, 2)}\n`);
	}
	return {
		runId,
		folder,
		phase,
		artifact,
		warn: (code, message) => {
			journal.append({ type: "warning", code, message });
			start.onWarning(code, message);
		},
		environment: async ({ name, reason }) => {
			const { dataFingerprint, weightsSha256, provider = "cpu" } = start;
			backendName = name;
			const backend = `${name} (${reason})`;
			const facts = { backend, provider, dataFingerprint, weightsSha256 };
			journal.append({
				type: "environment",
				environment: environment({ ...facts, git: await git }),
			});
		},
		photos: (dataset) => {
			const { classNames, corrupt, root } = dataset;
			classes = JSON.stringify(classNames);
			const counts = countsOf(dataset);
			const photos = photoCounts(dataset);
			const preview = previewPhotos(
				dataset,
				imagesAsked(experiment, start.trial),
			);
			journal.append({
				...{ type: "data", classNames, counts, corrupt, root, preview },
				...(photos && { photos }),
			});
			if (corrupt.length > 0 && experiment.data.on_corrupt === "quarantine")
				artifact("quarantine.csv", quarantine(folder, root, corrupt));
		},
		step: log.step,
		epoch: log.epoch,
		checkpoint: (event) => {
			const { path, bytes, of } = checkpointFile(event, classes);
			artifact(path, bytes, of);
		},
		state: (state) =>
			writeState(folder, state, { runId, fingerprint, backend: backendName }),
		finish: async (dataset, trained, views) => {
			log.end(trained);
			const predictions = predictionsOf(dataset, trained);
			const isDurable = start.shared === undefined;
			const file = writePredictions(folder, journal, predictions, isDurable);
			if (!isDurable) waiting.push(file);
			evaluated(predictions, dataset.classNames);
			if (views !== undefined)
				log.note((at) => viewMetrics(predictions, views, at));
			const step = log.stepOf(trained.epoch);
			artifact(
				"head.safetensors",
				writeSafetensors(trained.trained, { classes }),
				step === undefined ? {} : { step },
			);
			if (start.report ?? true) await report();
			await syncArtifacts(waiting);
			phase("record");
			end("FINISHED");
			removeStates(folder);
		},
		fail: (error) => end("FAILED", describe(error)),
		kill: () => end("KILLED"),
		seconds: () => ({
			...seconds,
			total: inMs((performance.now() - start.startedAt) / 1000),
		}),
		metrics: log.metrics,
		trained: () => ({
			history: log.history(),
			steps: log.steps(),
			stop: log.stop(),
		}),
	};
}

/** Photos of a series in MLflow: a trial has them only if its file says so. */
function imagesAsked(
	{ tracking }: Experiment,
	trial: TrialMark | undefined,
): number {
	return tracking?.images ?? (trial === undefined ? 8 : 0);
}

function describe(error: unknown): { code: string; message: string } {
	if (error instanceof RunError)
		return { code: error.code, message: error.message };
	const message = error instanceof Error ? error.message : String(error);
	return { code: "internal", message };
}

/** The time so many milliseconds ago, ISO 8601 in UTC. */
function timeBefore(ms: number): string {
	return new Date(Date.now() - ms).toISOString();
}

/** Rounded to milliseconds. */
function inMs(seconds: number): number {
	return Math.round(seconds * 1000) / 1000;
}
