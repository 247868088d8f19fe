import { rmSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { settleAttempts } from "./attempts.ts";
import {
	isAskedToEnd,
	readManifest,
	readTrials,
	trialsFolder,
} from "./folder.ts";
import { takeLease } from "./lease.ts";
import { prepareStored } from "./prepare-sweep.ts";
import {
	claimResult,
	hasResult,
	readFailure,
	readResults,
	writeFailure,
} from "./results.ts";
import { runTask } from "./run-task.ts";
import { openPruner } from "./rungs.ts";
import { objectiveOf } from "./status.ts";
import type {
	FailureCause,
	StoredTrial,
	Task,
	TrialFailure,
	TrialResult,
} from "./types.ts";

/**
 * One task, in this process, whichever launcher started it:
 *
 *   lease ─ trials without a result ─ earlier attempts settled ─ prepared ─ run ─ results, failures ─ lease back
 */

/** What a task's process says while it works; plain data, sent to the runner as it is. */
export type TaskEvent =
	/** A trial's run has begun. */
	| { readonly type: "start"; readonly trial: string; readonly runId: string }
	| {
			readonly type: "features";
			readonly done: number;
			readonly total: number;
			readonly photosPerSecond: number;
	  }
	| {
			readonly type: "epoch";
			readonly trial: string;
			readonly epoch: number;
			readonly epochs: number;
			readonly metrics: Readonly<Record<string, number>>;
	  }
	| { readonly type: "result"; readonly result: TrialResult }
	| { readonly type: "failure"; readonly failure: TrialFailure }
	| {
			readonly type: "warning";
			readonly code: string;
			readonly message: string;
	  };

/** How a task is executed. */
export interface ExecuteOptions {
	readonly argv: readonly string[];
	/** Aborting ends the runs that go on as KILLED. */
	readonly signal: AbortSignal;
	readonly onEvent?: (event: TaskEvent) => void;
	/** The task as the runner knows it; undefined: that of sweep.json. */
	readonly task?: Task;
	/** See lease.ts. */
	readonly staleSeconds?: number;
	/** Undefined: that of sweep.json. */
	readonly cacheFolder?: string;
}

/**
 * What came of it. BUSY: another live process has the task; KILLED: `signal`, `graft sweep cancel` or a lost lease
 * ended it; FAILED: of its trials, `failures` have no result.
 */
export interface TaskOutcome {
	readonly status: "FINISHED" | "FAILED" | "BUSY" | "KILLED";
	/** Results that are there now because of this call. */
	readonly results: readonly TrialResult[];
	readonly failures: readonly TrialFailure[];
}

/**
 * Executes one task of a sweep; what is finished already is left alone. Failures of trials are outcomes.
 * @throws RunError "unknown-task", "sweep-damaged", "sweep-folder"; what a fault of Graft throws.
 */
export async function executeTask(
	sweepFolder: string,
	taskId: string,
	options: ExecuteOptions,
): Promise<TaskOutcome> {
	const manifest = readManifest(sweepFolder);
	const task = options.task ?? manifest.tasks.find(({ id }) => id === taskId);
	if (task === undefined) throw unknownTask(sweepFolder, taskId);
	const { staleSeconds } = options;
	const lease = takeLease(
		sweepFolder,
		taskId,
		staleSeconds === undefined ? {} : { staleSeconds },
	);
	if (lease === undefined) return { status: "BUSY", results: [], failures: [] };
	const keeper = keepOutcome(sweepFolder, task, options.onEvent);
	const signal = AbortSignal.any([options.signal, lease.lost]);
	try {
		const open = openTrials(sweepFolder, task, keeper);
		if (open.length > 0 && !isAskedToEnd(sweepFolder))
			await runOpen(sweepFolder, task, open, {
				...options,
				cacheFolder: options.cacheFolder ?? manifest.cacheFolder,
				sweepId: manifest.sweepId,
				source: manifest.source,
				pruner: openPruner(
					sweepFolder,
					manifest.experiment.sweep?.pruner,
					objectiveOf(manifest),
				),
				signal,
				keeper,
			});
	} finally {
		lease.release();
	}
	const { results, failures } = keeper;
	const isKilled = signal.aborted || isAskedToEnd(sweepFolder);
	const status = isKilled
		? "KILLED"
		: failures.length > 0
			? "FAILED"
			: "FINISHED";
	return { status, results, failures };
}

/** Trials of the task that have no result, their earlier attempts settled. */
function openTrials(
	sweepFolder: string,
	task: Task,
	keeper: OutcomeKeeper,
): readonly StoredTrial[] {
	const asked = new Set(task.trials);
	const trials = readTrials(sweepFolder).filter(({ id }) => asked.has(id));
	return trials.filter((trial) => {
		if (hasResult(sweepFolder, trial.id)) return false;
		if (task.kind === "extraction") return true;
		const result = settleAttempts(
			...[sweepFolder, trial, task.id],
			task.kind === "single",
		);
		if (result === undefined) return true;
		keeper.finish(result);
		return false;
	});
}

async function runOpen(
	sweepFolder: string,
	task: Task,
	open: readonly StoredTrial[],
	options: ExecuteOptions & {
		readonly cacheFolder: string;
		readonly sweepId: string;
		readonly source: string;
		readonly pruner: ReturnType<typeof openPruner>;
		readonly keeper: OutcomeKeeper;
	},
): Promise<void> {
	const { keeper, cacheFolder } = options;
	const prepared = await prepareStored(open, {
		cacheFolder,
		hash: true,
		missing: "error",
		file: options.source,
	});
	if (!prepared.ok) {
		const [first] = prepared.diagnostics;
		const { code = "internal", message = "", fix } = first ?? {};
		const error = new RunError(code, message, fix === undefined ? {} : { fix });
		for (const trial of open) keeper.fail(trial, undefined, error, "input");
		return;
	}
	await runTask(task, prepared.value, {
		sweepFolder,
		sweepId: options.sweepId,
		cacheFolder,
		argv: options.argv,
		signal: options.signal,
		...(options.onEvent && { onEvent: options.onEvent }),
		keeper,
		pruner: options.pruner,
	});
}

/** Takes what comes of each trial, writes it down and tells it. */
export interface OutcomeKeeper {
	readonly results: TrialResult[];
	readonly failures: TrialFailure[];
	readonly finish: (result: TrialResult) => void;
	readonly fail: (
		trial: StoredTrial,
		runId: string | undefined,
		error: RunError,
		cause: FailureCause,
	) => void;
}

function keepOutcome(
	sweepFolder: string,
	task: Task,
	onEvent: ExecuteOptions["onEvent"],
): OutcomeKeeper {
	const results: TrialResult[] = [];
	const failures: TrialFailure[] = [];
	return {
		results,
		failures,
		finish: (result) => {
			if (!claimResult(sweepFolder, result)) {
				// Another process was first, with the same numbers: one run a trial is kept.
				const kept = readResults(sweepFolder).get(result.trial)?.runId;
				const folder = join(trialsFolder(sweepFolder), result.runId);
				if (kept !== undefined && kept !== result.runId)
					rmSync(folder, { recursive: true, force: true });
				return;
			}
			results.push(result);
			onEvent?.({ type: "result", result });
		},
		fail: (trial, runId, error, cause) => {
			const failure = {
				...describeFailure(sweepFolder, trial.id, error, cause, task.id),
				runId,
			};
			if (hasResult(sweepFolder, trial.id)) return;
			writeFailure(sweepFolder, failure);
			failures.push(failure);
			onEvent?.({ type: "failure", failure });
		},
	};
}

/** A failure with one attempt more than the last. */
export function describeFailure(
	sweepFolder: string,
	trial: string,
	{ code, message, fix }: Pick<RunError, "code" | "message" | "fix">,
	cause: FailureCause,
	task: string,
): TrialFailure {
	const attempts = (readFailure(sweepFolder, trial)?.attempts ?? 0) + 1;
	return {
		trial,
		runId: undefined,
		cause,
		code,
		message,
		...(fix === undefined ? {} : { fix }),
		attempts,
		task,
		failed: new Date().toISOString(),
	};
}

function unknownTask(sweepFolder: string, taskId: string): RunError {
	return new RunError(
		"unknown-task",
		`the sweep in ${sweepFolder} has no task ${taskId}: its file was edited since`,
		{ fix: "graft run FILE starts what is missing" },
	);
}
