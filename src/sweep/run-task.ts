import { RunError } from "../diagnostic.ts";
import { runRows } from "../features/rows.ts";
import { type RunListener, runExperiment } from "../run.ts";
import { readRun } from "../runs/record.ts";
import { resultOf } from "./attempts.ts";
import type { OutcomeKeeper, TaskEvent } from "./execute.ts";
import { trialsFolder } from "./folder.ts";
import type { PreparedTrial } from "./prepare-sweep.ts";
import type { FailureCause, Task } from "./types.ts";

/** What all kinds of work need. */
export interface TaskContext {
	readonly sweepFolder: string;
	readonly sweepId: string;
	readonly cacheFolder: string;
	readonly argv: readonly string[];
	readonly signal: AbortSignal;
	readonly onEvent?: (event: TaskEvent) => void;
	readonly keeper: OutcomeKeeper;
}

/** Runs the trials of a task, each to a result or a failure; a fault of Graft throws. */
export async function runTask(
	task: Task,
	trials: readonly PreparedTrial[],
	context: TaskContext,
): Promise<void> {
	if (task.kind === "extraction") return extract(trials, context);
	for (const trial of trials) {
		if (context.signal.aborted) return;
		await runSingle(task, trial, context);
	}
}

/** Fills the cache with the rows that the trials share; a failure is a failure of each of them. */
async function extract(
	trials: readonly PreparedTrial[],
	{ cacheFolder, signal, onEvent, keeper }: TaskContext,
): Promise<void> {
	const first = trials[0]?.prepared;
	if (first?.dataset === undefined)
		throw new Error("internal: an extraction needs its photos");
	try {
		const rows = await runRows({
			plan: first.plan,
			dataset: first.dataset,
			experiment: first.loaded.experiment,
			loadWeights: first.backbone.loadWeights,
			cacheFolder,
			signal,
			onProgress: ({ done, total, photosPerSecond }) =>
				onEvent?.({ type: "features", done, total, photosPerSecond }),
			onWarning: (code, message) =>
				onEvent?.({ type: "warning", code, message }),
		});
		await rows.close();
	} catch (error) {
		if (signal.aborted) return;
		if (!(error instanceof RunError)) throw error;
		for (const { trial } of trials)
			keeper.fail(trial, undefined, error, causeOf(error));
	}
}

async function runSingle(
	task: Task,
	{ trial, prepared }: PreparedTrial,
	context: TaskContext,
): Promise<void> {
	const { sweepFolder, sweepId, cacheFolder, argv, signal, keeper } = context;
	const { id, values, runId } = trial;
	const outcome = await runExperiment(prepared, {
		runsFolder: trialsFolder(sweepFolder),
		cacheFolder,
		argv,
		startedAt: performance.now(),
		signal,
		listener: listenerOf(id, context.onEvent),
		trial: { sweepId, id, values },
		runId,
		report: false,
	}).catch((error: unknown) => {
		if (signal.aborted) return undefined;
		throw error;
	});
	if (outcome === undefined || signal.aborted) return;
	if (outcome.error === undefined)
		keeper.finish(resultOf(readRun(outcome.folder), trial, task.id));
	else keeper.fail(trial, outcome.runId, outcome.error, causeOf(outcome.error));
}

function listenerOf(
	trial: string,
	onEvent: TaskContext["onEvent"],
): RunListener {
	return {
		onStart: (runId) => onEvent?.({ type: "start", trial, runId }),
		onFeatures: ({ done, total, photosPerSecond }) =>
			onEvent?.({ type: "features", done, total, photosPerSecond }),
		onRows: () => undefined,
		onEpoch: (event, epochs) =>
			onEvent?.({
				type: "epoch",
				trial,
				epoch: event.epoch,
				epochs,
				metrics: {
					"valid/loss": event.validLoss,
					"valid/accuracy": event.validAccuracy,
				},
			}),
		onWarning: (code, message) => onEvent?.({ type: "warning", code, message }),
	};
}

/** Codes of failures that are the machine's, not the trial's. */
const INFRASTRUCTURE = new Set([
	"worker-died",
	"cache-not-writable",
	"journal-write",
	"artifact-write",
	"runs-folder",
	"sweep-folder",
]);

const DIVERGED = new Set(["diverged", "features-not-finite"]);

/** By the code, and by the words of an allocator. */
export function causeOf({ code, message }: RunError): FailureCause {
	if (DIVERGED.has(code)) return "nan";
	if (/out of memory|bad_alloc|allocation failed|ENOMEM|OOM/i.test(message))
		return "memory";
	return INFRASTRUCTURE.has(code) ? "infrastructure" : "input";
}
