import { leaveOut } from "../data/dataset.ts";
import type { CorruptPhoto, Dataset, Sample, Split } from "../data/types.ts";
import { type Diagnostic, RunError } from "../diagnostic.ts";
import type { Experiment } from "../experiment/types.ts";
import type { Weights } from "../model/types.ts";
import type { Pipeline, Plan } from "../plan/types.ts";
import { type Agreement, compareFirst, compareWith } from "./agreement.ts";
import { comparedOf } from "./compared.ts";
import type { Extractor } from "./extract.ts";
import { corruptError } from "./extract-errors.ts";
import { extractorOf, optionsOf, viewOptions } from "./extractor-of.ts";
import { type FeatureSet, rowsFor } from "./feature-set.ts";
import { findCorrupt, knownCorrupt } from "./find-corrupt.ts";
import { type LiveRows, openLiveRows } from "./live-rows.ts";
import type { Progress } from "./rate.ts";
import { takeTurns, viewOf } from "./turns.ts";
import { wholeEpochs } from "./whole-epochs.ts";

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
	/** The same batch by batch, where each epoch draws its own: nobody then need hold an epoch. */
	readonly live?: LiveRows;
	readonly valid: LabelledRows;
	/** Rows that came from the cache, and rows that were computed before training. */
	readonly cached: number;
	readonly computed: number;
	/** With float32 features, where these are none. */
	readonly agreement?: Agreement;
	readonly close: () => Promise<void>;
}

/**
 * Extracts what the cache lacks.
 *
 *   train transforms   rows of the train photos
 *   the same always    before training, kept in the cache
 *   `train.views`      a view before the epoch that is the first to take it, kept in the cache
 *   drawn each epoch   in training, a few batches ahead of it (live-rows.ts), kept nowhere
 *
 * Of photos that are drawn each epoch a corrupt one is met when its batch comes. Only where it is to be left out must it
 * be known before, for it changes which photos come together: then all photos are looked through first, once in the
 * life of the cache.
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
		const isDrawn = plan.train.featureKey === undefined;
		const isLive = isDrawn && plan.train.views === undefined;
		const start = viewOf(request.firstEpoch ?? 1, plan.train.views?.length);
		const first = shared
			? valid
			: isLive
				? undefined
				: await training.extract(trainSamples, viewOptions(request, start));
		const own = first?.corrupt ?? (await corruptOf(request, training));
		const corrupt = shared ? own : [...own, ...valid.corrupt];
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
		const counted = first === undefined || shared ? [valid] : [valid, first];
		// Idle threads hold memory: only rows that change need theirs again.
		await evaluation.close();
		if (!isDrawn) await training.close();
		const rows =
			first && labelled(first, samplesOf(left.value, "train"), dataset);
		const live = isLive
			? await liveRows(request, training, left.value)
			: undefined;
		return {
			dataset: left.value,
			train: live
				? wholeEpochs(live)
				: isDrawn
					? viewRows(request, training, left.value, first as FeatureSet)
					: () => Promise.resolve(rows as LabelledRows),
			...(live && { live }),
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

/** Train photos that must be left out, where their rows do not say it before training. @throws RunError "corrupt-photo" under `on_corrupt: fail`, of those known. */
async function corruptOf(
	request: RowsRequest,
	training: Extractor,
): Promise<readonly CorruptPhoto[]> {
	const { dataset, plan } = request;
	const samples = samplesOf(dataset, "train");
	const options = optionsOf(request, plan.train);
	const suspects = { root: dataset.root, samples, options };
	if (options.onCorrupt !== "fail")
		return findCorrupt(suspects, () => training.open(samples.length, options));
	const known = knownCorrupt(suspects);
	if (known.length > 0) throw corruptError(known, dataset.root);
	return known;
}

/** Views that are kept: epochs take turns with them. */
function viewRows(
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
		views: request.plan.train.views?.length ?? 1,
		compute: async (view) =>
			labelled(
				await extractor.extract(samples, viewOptions(request, view)),
				samples,
				dataset,
			),
	});
}

/** Rows that are kept nowhere. */
async function liveRows(
	request: RowsRequest,
	extractor: Extractor,
	dataset: Dataset,
): Promise<LiveRows> {
	const { signal, plan } = request;
	const { root, classNames } = dataset;
	const samples = samplesOf(dataset, "train");
	const targets = targetsOf(samples, classNames.length);
	const suspects = { root, samples, options: optionsOf(request, plan.train) };
	const prefix = await extractor.open(samples.length, suspects.options);
	return openLiveRows({
		...{ root, samples, prefix },
		shape: plan.train.featureShape,
		inputShape: plan.train.inputShape,
		labels: Int32Array.from(samples, ({ label }) => label),
		...(targets && { targets }),
		corrupt: () => findCorrupt(suspects, () => Promise.resolve(prefix)),
		...(signal && { signal }),
	});
}
