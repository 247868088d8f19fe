import { leaveOut } from "../data/dataset.ts";
import type { CorruptPhoto, Dataset, Sample, Split } from "../data/types.ts";
import { type Diagnostic, RunError } from "../diagnostic.ts";
import type { Experiment } from "../experiment/types.ts";
import type { Weights } from "../model/types.ts";
import type { KeyedRows, Pipeline, Plan } from "../plan/types.ts";
import {
	type Agreement,
	type Compared,
	compareFirst,
	compareWith,
} from "./agreement.ts";
import { calibrationOf } from "./calibration.ts";
import {
	type ExtractOptions,
	type Extractor,
	openExtractor,
} from "./extract.ts";
import { type FeatureSet, rowsFor } from "./feature-set.ts";
import type { Progress } from "./rate.ts";
import { takeTurns, viewOf } from "./turns.ts";

/** The rows that a run trains on and is measured on. */

/** Rows of features with their labels, in dataset order. */
export interface LabelledRows {
	/** float32 [n, …shape], row-major. */
	readonly features: Float32Array;
	/** Without the batch dimension. */
	readonly shape: readonly number[];
	/** int32 [n], class indices; -1 with `data.multi_label`. */
	readonly labels: Int32Array;
	/** With `data.multi_label`: float32 [n, classes], 1 where a photo has the class, else 0. */
	readonly targets?: Float32Array;
}

/** Whose rows, and what to do on the way. */
export interface RowsRequest {
	readonly plan: Plan;
	readonly dataset: Dataset;
	readonly experiment: Experiment;
	readonly loadWeights: () => Promise<Weights>;
	readonly cacheFolder: string;
	readonly onProgress?: (progress: Progress) => void;
	readonly onWarning?: (code: string, message: string) => void;
	readonly signal?: AbortSignal;
	/** The first epoch that will be asked for; undefined: 1. */
	readonly firstEpoch?: number;
}

/** All that training reads of the photos. */
export interface RunRows {
	/** Without the photos that turned out corrupt. */
	readonly dataset: Dataset;
	/** Of this epoch, 1-based: the same rows each time unless transforms are random. */
	readonly train: (epoch: number) => Promise<LabelledRows>;
	readonly valid: LabelledRows;
	/** Rows that came from the cache, and rows that were computed before training. */
	readonly cached: number;
	readonly computed: number;
	/** With float32 features, where these are none. */
	readonly agreement?: Agreement;
	readonly close: () => Promise<void>;
}

/**
 * Extracts what the cache lacks. Where train transforms are random, the rows of the next epoch are computed
 * while this one is trained on.
 * @throws RunError as Extractor.extract; "empty-class" where corrupt photos leave a class of a split without any.
 */
export async function runRows(request: RowsRequest): Promise<RunRows> {
	const { plan, dataset } = request;
	const trainSamples = samplesOf(dataset, "train");
	const validSamples = samplesOf(dataset, "valid");
	const shared =
		plan.train.featureKey !== undefined &&
		plan.train.featureKey === plan.eval.featureKey;
	const evaluation = extractorOf(request, plan.eval);
	const training = shared ? evaluation : extractorOf(request, plan.train);
	try {
		const compared = comparedOf(request, evaluation, validSamples);
		const early = await compareFirst(compared);
		const valid = await evaluation.extract(
			shared ? [...trainSamples, ...validSamples] : validSamples,
			optionsOf(request, plan.eval),
		);
		const first = shared
			? valid
			: await training.extract(
					trainSamples,
					viewOptions(
						request,
						viewOf(request.firstEpoch ?? 1, plan.train.views?.length),
					),
				);
		const corrupt = shared
			? valid.corrupt
			: [...first.corrupt, ...valid.corrupt];
		const left = leaveOut(dataset, corrupt);
		if (!left.ok) {
			const { code, message, fix } = left.diagnostics[0] as Diagnostic;
			throw new RunError(code, message, fix === undefined ? {} : { fix });
		}
		const agreement = early
			? early.agreement
			: await compareWith(compared, valid);
		// What the first look computed the pass found in the cache.
		const looked = early?.computed ?? 0;
		const counted = shared ? [valid] : [valid, first];
		const isLive = plan.train.featureKey === undefined;
		// Idle threads hold memory: only live rows need theirs again.
		await evaluation.close();
		if (!isLive) await training.close();
		return {
			dataset: left.value,
			train: isLive
				? liveRows(request, training, left.value, first)
				: constantRows(
						labelled(first, samplesOf(left.value, "train"), dataset),
					),
			valid: labelled(valid, samplesOf(left.value, "valid"), dataset),
			cached: counted.reduce((sum, set) => sum + set.cached, -looked),
			computed: counted.reduce((sum, set) => sum + set.computed, looked),
			...(agreement && { agreement }),
			close: training.close,
		};
	} catch (error) {
		await Promise.all([training.close(), evaluation.close()]);
		throw error;
	}
}

/** Opens the extractor of one pipeline. */
export function extractorOf(
	{ plan, dataset, experiment, loadWeights }: RowsRequest,
	pipeline: Pipeline,
): Extractor {
	return openExtractor({
		root: dataset.root,
		exif: experiment.data.exif,
		transforms: pipeline.transforms,
		inputShape: pipeline.inputShape,
		graph: plan.graph,
		cutTensor: pipeline.cutTensor,
		featureShape: pipeline.featureShape,
		loadWeights,
		seed: experiment.seed,
		...(plan.provider && { provider: plan.provider }),
		device: experiment.device ?? "auto",
		...(pipeline.int8 && {
			int8: calibrationOf(dataset, experiment, pipeline, pipeline.int8),
		}),
	});
}

/** Where rows are kept, and in what. */
type Rows = KeyedRows & Pick<Pipeline, "featureDtype">;

/** How that extractor keeps its rows. */
export function optionsOf(
	request: RowsRequest,
	{ featureKey, featureSource, featureDtype }: Rows,
): ExtractOptions {
	const { onProgress, onWarning, signal } = request;
	return {
		onCorrupt: request.experiment.data.on_corrupt,
		cacheFolder: request.cacheFolder,
		...(featureKey === undefined ? {} : { featureKey }),
		...(featureSource === undefined ? {} : { madeOf: featureSource }),
		...(featureKey && featureDtype && { dtype: featureDtype }),
		...(onProgress && { onProgress }),
		...(onWarning && { onWarning }),
		...(signal && { signal }),
	};
}

/** Some photos and the rows that one pipeline makes of them. */
export interface PhotoRows {
	/** Without the photos that turned out corrupt. */
	readonly samples: readonly Sample[];
	readonly corrupt: readonly CorruptPhoto[];
	/** Rows of any of `samples`, in the order asked. */
	readonly rowsOf: (some: readonly Sample[]) => LabelledRows;
}

/** Rows outside a run: what the cache lacks is computed, what is corrupt left out. @throws RunError as Extractor.extract. */
export async function readRows(
	request: RowsRequest,
	wanted: readonly Sample[],
	pipeline: Pipeline,
): Promise<PhotoRows> {
	const extractor = extractorOf(request, pipeline);
	const set = await extractor
		.extract(wanted, optionsOf(request, pipeline))
		.finally(() => extractor.close());
	const unreadable = new Set(set.corrupt.map(({ path }) => path));
	return {
		samples: wanted.filter(({ path }) => !unreadable.has(path)),
		corrupt: set.corrupt,
		rowsOf: (some) => labelled(set, some, request.dataset),
	};
}

/** The samples of one split, in dataset order. */
export function samplesOf(dataset: Dataset, split: Split): readonly Sample[] {
	return dataset.samples.filter((sample) => sample.split === split);
}

function labelled(
	set: FeatureSet,
	samples: readonly Sample[],
	{ classNames }: Dataset,
): LabelledRows {
	const targets = targetsOf(samples, classNames.length);
	return {
		features: rowsFor(set, samples),
		shape: set.shape,
		labels: Int32Array.from(samples, ({ label }) => label),
		...(targets && { targets }),
	};
}

/** float32 [n, classes], 1 where a photo has the class; undefined where each has one. */
export function targetsOf(
	samples: readonly Sample[],
	numClasses: number,
): Float32Array | undefined {
	if (samples.every(({ labels }) => labels === undefined)) return undefined;
	const targets = new Float32Array(samples.length * numClasses);
	samples.forEach(({ labels = [] }, row) => {
		for (const label of labels) targets[row * numClasses + label] = 1;
	});
	return targets;
}

function constantRows(rows: LabelledRows): RunRows["train"] {
	return () => Promise.resolve(rows);
}

function liveRows(
	request: RowsRequest,
	extractor: Extractor,
	dataset: Dataset,
	first: FeatureSet,
): RunRows["train"] {
	const samples = samplesOf(dataset, "train");
	return takeTurns({
		start: request.firstEpoch ?? 1,
		first: labelled(first, samples, dataset),
		epochs: request.experiment.train.epochs,
		views: request.plan.train.views?.length,
		compute: async (view) =>
			labelled(
				await extractor.extract(samples, viewOptions(request, view)),
				samples,
				dataset,
			),
	});
}

/** How the training rows of a view are computed and kept. */
function viewOptions(request: RowsRequest, view: number): ExtractOptions {
	const { train } = request.plan;
	const rows = { ...train, ...train.views?.[view - 1] };
	return { ...optionsOf(request, rows), view };
}

/** The rows of some valid photos as they are used, and in float32. Corrupt photos are told by the pass over all of them. */
function comparedOf(
	request: RowsRequest,
	evaluation: Extractor,
	valid: readonly Sample[],
): Compared {
	const { int8: _, reference, ...plain } = request.plan.eval;
	const { onProgress: __, ...quiet } = request;
	const optionsFor = (rows: Rows): ExtractOptions => ({
		...optionsOf(quiet, rows),
		onCorrupt: "skip",
	});
	return {
		cacheFolder: request.cacheFolder,
		pipeline: request.plan.eval,
		valid,
		ours: (samples) =>
			evaluation.extract(samples, optionsFor(request.plan.eval)),
		exact: async (samples) => {
			const exact = extractorOf(request, plain);
			return exact
				.extract(samples, optionsFor(reference ?? plain))
				.finally(() => exact.close());
		},
	};
}
