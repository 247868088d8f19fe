import { noteAgreement } from "./agree.ts";
import type { Dataset } from "./data/types.ts";
import { RunError } from "./diagnostic.ts";
import { rowsDetail } from "./features/agreement.ts";
import { rememberRates } from "./features/rates.ts";
import { runRows } from "./features/rows.ts";
import { flopsBefore } from "./plan/cost.ts";
import { attachedByDepth } from "./plan/features-at.ts";
import type { Prepared } from "./prepare.ts";
import type { RunOptions, RunOutcome } from "./run.ts";
import { openRecorder, type Recorder } from "./runs/recorder.ts";
import { type SharedRecord, shareRecord } from "./runs/shared-record.ts";
import type { TrialMark } from "./runs/types.ts";
import { fitStacked } from "./train/stacked/fit-stacked.ts";
import { memberOfPlan } from "./train/stacked/member-of-plan.ts";
import type { StackedEvent, StackedMember } from "./train/stacked/types.ts";
import type { EpochEvent, FitEnd, Rows } from "./train/types.ts";
import { wholeNetwork } from "./train/whole-network.ts";

/**
 * Many trials whose heads are trained side by side, each with a record of its own.
 *
 *   rows once ─ a journal a trial ─ fitStacked ─ predictions, head, end of each trial as it ends
 *              └────────────── ROUND trials at a time ─────────────────────────────────────────┘
 */
export interface StackedTrial {
	readonly prepared: Prepared;
	readonly trial?: TrialMark;
	/** As RunOptions'. */
	readonly runId?: string;
	/** As FitInput's: asked after each epoch, before it is journaled; "stop" ends the trial there, FINISHED. */
	readonly onEpoch?: (event: EpochEvent) => "go on" | "stop";
}

/** As RunOptions, of all trials together; reports are left to `graft report`. */
export type StackedOptions = Omit<
	RunOptions,
	"listener" | "trial" | "runId" | "report"
> & { readonly listener: StackedListener };

/** Who is told; `trial` is the place in the list of trials. */
export interface StackedListener {
	readonly onFeatures: RunOptions["listener"]["onFeatures"];
	readonly onRows: RunOptions["listener"]["onRows"];
	readonly onStart: (trial: number, runId: string, folder: string) => void;
	readonly onEpoch: (trial: number, event: EpochEvent) => void;
	/** A trial has ended and its record is whole; the others may still go on. */
	readonly onEnd: (trial: number, outcome: RunOutcome) => void | Promise<void>;
	readonly onWarning: (trial: number, code: string, message: string) => void;
}

/** Journals that are open at once: fewer than a process may open files. */
const ROUND = 250;

/** Records that are brought to their end at once: the disk takes them together. */
const AT_ONCE = 8;

/** What computes here, in the words of a record. */
const BACKEND = {
	name: "wasm",
	reason: "heads are trained side by side by Graft's own kernel",
};

/**
 * Runs trials with equal `stackKeyOf` (src/train/stacked/stack-key.ts). A trial that fails fails alone; a failure of
 * what they share (photos, disk) is every trial's outcome; an abort ends all open journals as KILLED at once and
 * throws the signal's reason, as runExperiment does.
 * @returns one outcome a trial, in order.
 */
export async function runStacked(
	trials: readonly StackedTrial[],
	options: StackedOptions,
): Promise<readonly RunOutcome[]> {
	const [first] = trials;
	if (first === undefined) return [];
	const warnings: Warning[] = [];
	const shared = shareRecord(first.prepared.loaded.file);
	const rows = await sharedRows(first.prepared, options, warnings);
	const outcomes: RunOutcome[] = [];
	for (let from = 0; from < trials.length; from += ROUND) {
		const round = trials
			.slice(from, from + ROUND)
			.map((trial, index) => openTrial(trial, from + index, options, shared));
		const kill = () => {
			for (const { recorder } of round) recorder.kill();
		};
		options.signal.addEventListener("abort", kill);
		try {
			for (const { recorder } of round)
				for (const { code, message } of warnings) recorder.warn(code, message);
			outcomes.push(...(await runRound(round, rows, options)));
		} finally {
			options.signal.removeEventListener("abort", kill);
		}
		options.signal.throwIfAborted();
	}
	return outcomes;
}

interface Warning {
	readonly code: string;
	readonly message: string;
}

interface SharedRows {
	readonly dataset: Dataset;
	readonly train: Rows;
	readonly valid: Rows;
	/** As a record says them. */
	readonly counts: ReturnType<typeof rowsDetail>;
}

/** The rows, or why there are none. */
async function sharedRows(
	{ plan, backbone, dataset, loaded }: Prepared,
	{ cacheFolder, signal, listener }: StackedOptions,
	warnings: Warning[],
): Promise<SharedRows | RunError> {
	if (dataset === undefined)
		throw new Error("internal: a run needs its photos");
	const start = performance.now();
	try {
		const rows = await runRows({
			plan,
			dataset,
			experiment: loaded.experiment,
			loadWeights: backbone.loadWeights,
			cacheFolder,
			onProgress: listener.onFeatures,
			onWarning: (code, message) => warnings.push({ code, message }),
			signal,
		});
		const seconds = (performance.now() - start) / 1000;
		const { computed } = rows;
		if (plan.eval.int8 === undefined)
			rememberRates(cacheFolder, computed, seconds, flopsBefore(plan.eval));
		listener.onRows(rows);
		const train = await rows.train(1);
		await rows.close();
		const counts = rowsDetail(rows);
		return { dataset: rows.dataset, train, valid: rows.valid, counts };
	} catch (error) {
		if (error instanceof RunError && !signal.aborted) return error;
		throw error;
	}
}

/** A trial whose journal is open. */
interface OpenTrial extends StackedTrial {
	readonly index: number;
	readonly recorder: Recorder;
}

function openTrial(
	trial: StackedTrial,
	index: number,
	options: StackedOptions,
	shared: SharedRecord,
): OpenTrial {
	const { loaded, plan, data, backbone } = trial.prepared;
	const { listener, ...common } = options;
	const recorder = openRecorder({
		...common,
		shared,
		...(trial.trial && { trial: trial.trial }),
		...(trial.runId !== undefined && { runId: trial.runId }),
		...{ startedAt: performance.now(), report: false },
		experiment: loaded.experiment,
		...{ fingerprint: plan.fingerprint ?? "", source: loaded.file },
		dataFingerprint: data?.fingerprint ?? "",
		weightsSha256: backbone.weightsSha256 ?? "",
		...(plan.provider && { provider: plan.provider }),
		...attachedByDepth(plan),
		onWarning: (code, message) => listener.onWarning(index, code, message),
	});
	listener.onStart(index, recorder.runId, recorder.folder);
	return { ...trial, index, recorder };
}

async function runRound(
	trials: readonly OpenTrial[],
	rows: SharedRows | RunError,
	{ listener, signal, cacheFolder }: StackedOptions,
): Promise<readonly RunOutcome[]> {
	const outcomes = new Map<OpenTrial, RunOutcome>();
	const finishing = new Set<Promise<void>>();
	const settle = async (trial: OpenTrial, error?: RunError) => {
		if (error !== undefined) trial.recorder.fail(error);
		const outcome = outcomeOf(trial, rows, error);
		outcomes.set(trial, outcome);
		await listener.onEnd(trial.index, outcome);
	};
	const finish = async (trial: OpenTrial, dataset: Dataset, end: FitEnd) => {
		try {
			trial.recorder.phase("train");
			const network = { ...trial, dataset, trained: end.trained };
			await noteAgreement(network, end, { cacheFolder, signal });
			await keepNetwork(trial, end);
			await trial.recorder.finish(dataset, end);
		} catch (error) {
			if (signal.aborted) return;
			if (!(error instanceof RunError)) throw error;
			return settle(trial, error);
		}
		await settle(trial);
	};

	if (rows instanceof RunError) {
		for (const trial of trials) await settle(trial, rows);
		return trials.flatMap((trial) => outcomes.get(trial) ?? []);
	}
	try {
		for await (const [trial, event] of train(trials, rows, signal)) {
			if (event.type === "step") trial.recorder.step(event);
			else if (event.type === "epoch") {
				trial.recorder.epoch(event);
				listener.onEpoch(trial.index, event);
			} else if (event.type === "failed") await settle(trial, event.error);
			else if (event.type === "end") {
				const work = finish(trial, rows.dataset, event);
				finishing.add(work);
				// Its failure is met when all are waited for.
				work.then(() => finishing.delete(work)).catch(() => undefined);
				if (finishing.size >= AT_ONCE) await Promise.race(finishing);
			}
		}
		await Promise.all(finishing);
	} catch (error) {
		// A journal that cannot be written, or a fault of Graft: nobody else goes on.
		await Promise.allSettled(finishing);
		const left = trials.filter((trial) => !outcomes.has(trial));
		for (const { recorder } of left) recorder.fail(error);
		if (!(error instanceof RunError)) throw error;
		for (const trial of left) await settle(trial, error);
	}
	return trials.flatMap((trial) => outcomes.get(trial) ?? []);
}

/** The whole network as a file, where the experiment asks for it. */
async function keepNetwork(
	{ prepared, recorder }: OpenTrial,
	{ trained }: FitEnd,
): Promise<void> {
	const { plan, backbone, loaded } = prepared;
	const { seed, tracking } = loaded.experiment;
	if (tracking?.model !== "onnx") return;
	recorder.artifact(
		"model.onnx",
		await wholeNetwork(plan, seed, trained, backbone.loadWeights),
	);
}

async function* train(
	trials: readonly OpenTrial[],
	{ dataset, train, valid, counts }: SharedRows,
	signal: AbortSignal,
): AsyncGenerator<readonly [OpenTrial, StackedEvent]> {
	const members: StackedMember[] = [];
	for (const [index, trial] of trials.entries()) {
		const { recorder } = trial;
		await recorder.environment(BACKEND);
		recorder.photos(dataset);
		recorder.phase("features", counts);
		const { plan, backbone, loaded } = trial.prepared;
		const { loadWeights } = backbone;
		const id = String(index);
		const { onEpoch } = trial;
		members.push({
			...(await memberOfPlan(id, plan, loaded.experiment, loadWeights)),
			...(onEpoch && { onEpoch }),
		});
	}
	const events = fitStacked({
		members,
		trainRows: train,
		validRows: valid,
		classNames: dataset.classNames,
		signal,
	});
	for await (const event of events)
		yield [trials[Number(event.member)] as OpenTrial, event];
}

function outcomeOf(
	{ recorder }: OpenTrial,
	rows: SharedRows | RunError,
	error: RunError | undefined,
): RunOutcome {
	const hit = !(rows instanceof RunError) && rows.counts.computed === 0;
	return {
		runId: recorder.runId,
		folder: recorder.folder,
		status: error === undefined ? "FINISHED" : "FAILED",
		error,
		metrics: recorder.metrics(),
		cache: hit ? "hit" : "miss",
		seconds: recorder.seconds(),
		...recorder.trained(),
	};
}
