import { RunError } from "../diagnostic.ts";
import { type RowsRequest, runRows } from "../features/rows.ts";
import { type RunListener, type RunOutcome, runExperiment } from "../run.ts";
import { runStacked } from "../run-stacked.ts";
import { readRun } from "../runs/record.ts";
import type { Resumption } from "../runs/resume.ts";
import { interruptedAttempt, resultOf } from "./attempts.ts";
import type { OutcomeKeeper, TaskEvent } from "./execute.ts";
import { extractPass } from "./extract-pass.ts";
import { trialsFolder } from "./folder.ts";
import type { PreparedTrial } from "./prepare-sweep.ts";
import type { openPruner } from "./rungs.ts";
import { featuresOf } from "./tasks.ts";
import type { FailureCause, StoredTrial, Task } from "./types.ts";

/** What all kinds of work need. */
export interface TaskContext {
	readonly sweepFolder: string;
	readonly sweepId: string;
	readonly cacheFolder: string;
	readonly argv: readonly string[];
	readonly signal: AbortSignal;
	readonly onEvent?: (event: TaskEvent) => void;
	readonly keeper: OutcomeKeeper;
	/** Whom a trial asks after each of its epochs; undefined: nothing is pruned. */
	readonly pruner: ReturnType<typeof openPruner>;
}

/** Runs the trials of a task, each to a result or a failure; a fault of Graft throws. */
export async function runTask(
	task: Task,
	trials: readonly PreparedTrial[],
	context: TaskContext,
): Promise<void> {
	if (task.kind === "extraction") return extract(trials, context);
	if (task.kind === "stacked") return runStack(task, trials, context);
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
	const told: Pick<RowsRequest, "signal" | "onProgress" | "onWarning"> = {
		signal,
		onProgress: ({ done, total, photosPerSecond }) =>
			onEvent?.({ type: "features", done, total, photosPerSecond }),
		onWarning: (code, message) => onEvent?.({ type: "warning", code, message }),
	};
	const groups = [...groupsOf(trials).values()];
	try {
		const isDone =
			groups.length > 1 &&
			(await extractPass(groups, { cacheFolder, ...told }));
		for (const [each] of isDone ? [] : groups) {
			const { plan, dataset, loaded, backbone } = (each as PreparedTrial)
				.prepared;
			const rows = await runRows({
				plan,
				dataset: dataset ?? first.dataset,
				experiment: loaded.experiment,
				loadWeights: backbone.loadWeights,
				cacheFolder,
				...told,
			});
			await rows.close();
		}
	} catch (error) {
		if (signal.aborted) return;
		if (!(error instanceof RunError)) throw error;
		for (const { trial } of trials)
			keeper.fail(trial, undefined, error, causeOf(error));
	}
}

/** By the rows that they read. */
function groupsOf(
	trials: readonly PreparedTrial[],
): ReadonlyMap<string, readonly PreparedTrial[]> {
	const groups = new Map<string, PreparedTrial[]>();
	for (const each of trials) {
		const key = featuresOf(each) ?? "";
		groups.set(key, [...(groups.get(key) ?? []), each]);
	}
	return groups;
}

async function runSingle(
	task: Task,
	one: PreparedTrial,
	context: TaskContext,
): Promise<void> {
	const { sweepFolder, signal } = context;
	const { fingerprint = "" } = one.prepared.plan;
	const resume = await interruptedAttempt(sweepFolder, one.trial, fingerprint);
	const outcome = await runTrial(one, context, resume)
		.catch((error: unknown) => {
			// On a node with another backend it begins anew.
			if (error instanceof RunError && error.code === "backend-changed")
				return runTrial(one, context);
			throw error;
		})
		.catch((error: unknown) => {
			if (signal.aborted) return undefined;
			throw error;
		});
	if (outcome !== undefined && !signal.aborted)
		settle(task, one.trial, outcome, context);
}

function runTrial(
	{ trial, prepared }: PreparedTrial,
	context: TaskContext,
	resume?: Resumption,
): Promise<RunOutcome> {
	const { sweepFolder, sweepId, cacheFolder, argv, signal } = context;
	const { id, values, runId } = trial;
	return runExperiment(prepared, {
		...{ runsFolder: trialsFolder(sweepFolder), cacheFolder, argv, signal },
		startedAt: performance.now(),
		listener: listenerOf(id, context.onEvent),
		trial: { sweepId, id, values },
		runId,
		...asking(trial, context),
		...(resume && { resume }),
		report: false,
	});
}

/** Heads side by side; each result is claimed as its trial ends. */
async function runStack(
	task: Task,
	trials: readonly PreparedTrial[],
	context: TaskContext,
): Promise<void> {
	const { sweepFolder, sweepId, cacheFolder, argv, signal } = context;
	const stacked = trials.map(({ trial, prepared }) => ({
		prepared,
		runId: trial.runId,
		trial: { sweepId, id: trial.id, values: trial.values },
		...asking(trial, context),
	}));
	const listeners = trials.map(({ trial }) =>
		listenerOf(trial.id, context.onEvent),
	);
	const [shared] = listeners;
	if (shared === undefined) return;
	await runStacked(stacked, {
		runsFolder: trialsFolder(sweepFolder),
		cacheFolder,
		argv,
		startedAt: performance.now(),
		signal,
		listener: {
			onFeatures: shared.onFeatures,
			onRows: shared.onRows,
			onStart: (index, runId, folder) =>
				listeners[index]?.onStart(runId, folder),
			onEpoch: (index, event) =>
				listeners[index]?.onEpoch(
					event,
					trials[index]?.prepared.loaded.experiment.train.epochs ?? 0,
				),
			onEnd: (index, outcome) => {
				const trial = trials[index]?.trial;
				if (trial && !signal.aborted) settle(task, trial, outcome, context);
			},
			onWarning: (index, code, message) =>
				listeners[index]?.onWarning(code, message),
		},
	}).catch((error: unknown) => {
		if (!signal.aborted) throw error;
	});
}

function asking({ id, experiment }: StoredTrial, { pruner }: TaskContext) {
	return pruner && { onEpoch: pruner(id, experiment.train.epochs) };
}

/** A run that has ended becomes a result or a failure. */
function settle(
	task: Task,
	trial: StoredTrial,
	{ error, folder, runId }: RunOutcome,
	{ keeper }: TaskContext,
): void {
	if (error === undefined)
		keeper.finish(resultOf(readRun(folder), trial, task.id));
	else keeper.fail(trial, runId, error, causeOf(error));
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
