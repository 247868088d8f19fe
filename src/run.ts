import { noteAgreement, type SameClasses } from "./agree.ts";
import { askViews } from "./ask.ts";
import type { Dataset } from "./data/types.ts";
import { RunError } from "./diagnostic.ts";
import { openDevice } from "./engine/backend.ts";
import type { ClassicalHead } from "./experiment/classical-types.ts";
import type { Device } from "./experiment/types.ts";
import { type Agreement, rowsDetail } from "./features/agreement.ts";
import type { Progress } from "./features/rate.ts";
import { rememberRates } from "./features/rates.ts";
import { type RunRows, runRows, samplesOf } from "./features/rows.ts";
import { flopsBefore } from "./plan/cost.ts";
import { attachedByDepth } from "./plan/features-at.ts";
import type { Plan } from "./plan/types.ts";
import type { Prepared } from "./prepare.ts";
import { type PhasesRequest, runPhases } from "./run-phases.ts";
import { openRecorder, type Recorder } from "./runs/recorder.ts";
import type { StrategyNote } from "./runs/report/extras.ts";
import type { Resumption } from "./runs/resume.ts";
import type { RunTraining } from "./runs/training-json.ts";
import type { TrialMark } from "./runs/types.ts";
import { checkpointsOf } from "./train/checkpoint-choice.ts";
import { openKeeper } from "./train/checkpoints.ts";
import { choiceDetail } from "./train/classical/choice-text.ts";
import { fitClassical } from "./train/classical/fit-classical.ts";
import type { PathCurve } from "./train/classical/types.ts";
import { fitPhases } from "./train/fit-phases.ts";
import { openRhythm } from "./train/rhythm.ts";
import type { EpochEvent, EpochPhotos, FitEnd } from "./train/types.ts";
import { wholeNetwork } from "./train/whole-network.ts";

/**
 * The story: one plan through every room to one record.
 *
 *   journal begins ─ features ─ fit, epoch by epoch ─ predictions, head, page ─ journal ends
 *
 * Whatever happens, the journal says it: FINISHED, FAILED with the reason, KILLED when `signal` aborts.
 */
export interface RunOptions {
	readonly runsFolder: string;
	readonly cacheFolder: string;
	readonly argv: readonly string[];
	/** When the command began, of `performance.now()`. */
	readonly startedAt: number;
	/** Aborting ends the journal as KILLED at once; the process is expected to end then. */
	readonly signal: AbortSignal;
	readonly listener: RunListener;
	/** Of a trial of a sweep; see RecordStart. */
	readonly trial?: TrialMark;
	readonly runId?: string;
	/** A run that ended before its time and is to go on, in its own folder. */
	readonly resume?: Resumption;
	readonly report?: boolean;
	/** Asked after each epoch; "stop" makes it the run's last, FINISHED. */
	readonly onEpoch?: (event: EpochEvent) => "go on" | "stop";
	readonly plan?: { readonly text: string; readonly json: unknown };
	/** What `strategy: auto` came to; the journal keeps it. */
	readonly strategy?: StrategyNote;
}

/** Who is told while a run goes on. */
export interface RunListener {
	readonly onStart: (runId: string, folder: string) => void;
	readonly onFeatures: (progress: Progress) => void;
	/** All rows are there. */
	readonly onRows: (rows: {
		cached: number;
		computed: number;
		dataset: Dataset;
		/** With float32 features, where these are none. */
		agreement?: Agreement;
		/** Train photos that are drawn anew each epoch, while training. */
		live?: { readonly labels: { readonly length: number } };
	}) => void;
	/** The trained head was asked by float32 features too, where these are none. */
	readonly onAgreement?: (same: SameClasses) => void;
	readonly onEpoch: (event: EpochEvent, epochs: number) => void;
	/** How far the epoch is, after each of its steps. */
	readonly onPhotos?: (photos: EpochPhotos) => void;
	/** A head without epochs has chosen its `C` or `alpha`. */
	readonly onChoice?: (path: PathCurve) => void;
	readonly onWarning: (code: string, message: string) => void;
}

/** In place of tfjs. */
const NO_TFJS = {
	name: "none",
	reason: "a head without epochs needs no gradients",
};

/** What became of a run. */
export interface RunOutcome extends RunTraining {
	readonly runId: string;
	readonly folder: string;
	readonly status: "FINISHED" | "FAILED";
	readonly error: RunError | undefined;
	/** Last value of each key. */
	readonly metrics: Readonly<Record<string, number>>;
	/** `hit` when no row had to be computed, before training or in it. */
	readonly cache: "hit" | "miss";
	/** By phase; `total` from the start of the command. */
	readonly seconds: Readonly<Record<string, number>>;
}

/** Runs an experiment whose photos and weights are there. A failure of the world is an outcome, a fault of Graft throws. */
export async function runExperiment(
	prepared: Prepared,
	options: RunOptions,
): Promise<RunOutcome> {
	const { loaded, plan, data, backbone } = prepared;
	const { device } = loaded.experiment;
	if (options.resume) await refuseOtherBackend(options.resume, device);
	const recorder = openRecorder({
		...options,
		experiment: loaded.experiment,
		fingerprint: plan.fingerprint ?? "",
		source: loaded.file,
		dataFingerprint: data?.fingerprint ?? "",
		weightsSha256: backbone.weightsSha256 ?? "",
		...(plan.provider && { provider: plan.provider }),
		...attachedByDepth(plan),
		onWarning: options.listener.onWarning,
	});
	const { runId, folder } = recorder;
	options.signal.addEventListener("abort", recorder.kill);
	options.listener.onStart(runId, folder);
	let cache: RunOutcome["cache"] = "miss";
	let failure: RunError | undefined;
	try {
		cache = await trainOnFeatures(prepared, options, recorder);
	} catch (error) {
		recorder.fail(error);
		if (!(error instanceof RunError)) throw error;
		failure = error;
	} finally {
		options.signal.removeEventListener("abort", recorder.kill);
	}
	const status = failure === undefined ? "FINISHED" : "FAILED";
	return {
		runId,
		folder,
		status,
		error: failure,
		metrics: recorder.metrics(),
		cache,
		seconds: recorder.seconds(),
		...recorder.trained(),
	};
}

/** Another backend adds up in another order: what follows would not be what the run would have come to. */
async function refuseOtherBackend(
	{ state, backend, record }: Resumption,
	device: Device | undefined,
): Promise<void> {
	if (state === undefined) return;
	const { name } = await openDevice(device);
	if (name === backend) return;
	throw new RunError(
		"backend-changed",
		`run ${record.runId} was trained by ${backend}, and here ${name} would go on: it would not come to the same`,
		{ fix: `set up ${backend} here too, or run the experiment anew` },
	);
}

async function trainOnFeatures(
	prepared: Prepared,
	options: RunOptions,
	recorder: Recorder,
): Promise<RunOutcome["cache"]> {
	const { plan, backbone, dataset, loaded } = prepared;
	const { experiment } = loaded;
	const { cacheFolder, signal, listener } = options;
	if (dataset === undefined)
		throw new Error("internal: a run needs its photos");
	// tfjs is loaded while the photos pass the network; a head without epochs does without.
	const backend = plan.classical
		? Promise.resolve(NO_TFJS)
		: openDevice(experiment.device);
	backend.catch(() => undefined);

	const { onFeatures: onProgress } = listener;
	const told = { cacheFolder, onProgress, onWarning: recorder.warn, signal };
	let used: Dataset | undefined;
	let computed = 0;
	let end: FitEnd | undefined;
	let choice: PathCurve | undefined;

	async function onRows(rows: RunRows, phase: Plan): Promise<void> {
		if (used === undefined) {
			await recorder.environment(await backend);
			recorder.photos(rows.dataset);
		}
		used = rows.dataset;
		computed += rows.computed + (rows.live?.labels.length ?? 0);
		const spent = recorder.phase("features", rowsDetail(rows));
		// On bytes it is another rate.
		if (phase.eval.int8 === undefined)
			rememberRates(cacheFolder, rows.computed, spent, flopsBefore(phase.eval));
		listener.onRows(rows);
	}

	const kept = checkpointsOf(
		plan,
		experiment.train,
		options.trial !== undefined,
	);
	const state = options.resume?.state;
	const events = plan.classical
		? classicalEvents(prepared, plan.classical, { ...told, onRows })
		: fitPhases(
				runPhases({
					...{ prepared, onRows, ...told },
					onPhase: () => {
						if (used !== undefined) recorder.phase("train");
					},
					...(options.onEpoch && { onEpoch: options.onEpoch }),
					...(listener.onPhotos && { onPhotos: listener.onPhotos }),
					...(kept && { keeper: openKeeper(kept) }),
					rhythm: openRhythm(kept?.every_steps),
					...(state && { resume: state }),
				}),
				state && { ...state.earlier, before: state.before },
			);
	for await (const event of events) {
		if (event.type === "end") end = event;
		if (event.type === "step") recorder.step(event);
		if (event.type === "checkpoint") recorder.checkpoint(event);
		if (event.type === "state") recorder.state(event.state);
		if (event.type === "warning") recorder.warn(event.code, event.message);
		if (event.type === "choice") {
			choice = event.path;
			listener.onChoice?.(choice);
		}
		if (event.type !== "epoch") continue;
		recorder.epoch(event);
		listener.onEpoch(event, plan.classical ? 1 : experiment.train.epochs);
	}
	if (end === undefined || used === undefined) throw signal.reason;
	recorder.phase("train", choice && choiceDetail(choice));
	if (experiment.tracking?.model === "onnx")
		recorder.artifact(
			"model.onnx",
			await wholeNetwork(
				plan,
				experiment.seed,
				end.trained,
				backbone.loadWeights,
			),
		);
	const network = { prepared, dataset: used, trained: end.trained };
	const same = await noteAgreement({ ...network, recorder }, end, told);
	if (same !== undefined) listener.onAgreement?.(same);
	const views = await askViews(network, samplesOf(used, "valid"), told);
	if (views !== undefined) recorder.phase("views");
	await recorder.finish(used, end, views);
	return computed > 0 ? "miss" : "hit";
}

/** A head without epochs, fitted at once on the rows. */
async function* classicalEvents(
	{ plan, dataset, loaded, backbone }: Prepared,
	head: ClassicalHead,
	{
		onRows,
		...told
	}: Pick<
		PhasesRequest,
		"cacheFolder" | "onProgress" | "onWarning" | "onRows"
	> & { readonly signal: AbortSignal },
) {
	const { experiment } = loaded;
	const { numClasses, added } = plan;
	const { seed } = experiment;
	const rows = await runRows({
		...{ plan, dataset: dataset as Dataset, experiment, ...told },
		loadWeights: backbone.loadWeights,
	});
	try {
		await onRows(rows, plan);
		const [train, { valid }] = [await rows.train(1), rows];
		yield* fitClassical({
			...{ head, numClasses, train, valid, seed, added, signal: told.signal },
		});
	} finally {
		await rows.close();
	}
}
