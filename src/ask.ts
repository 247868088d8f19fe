import type { CorruptPhoto, Dataset, Sample } from "./data/types.ts";
import { openDevice } from "./engine/backend.ts";
import type { Progress } from "./features/rate.ts";
import { type PhotoRows, readRows, samplesOf } from "./features/rows.ts";
import type { FetchTalk, Tensor } from "./model/types.ts";
import { phasePlans } from "./plan/phases.ts";
import { suffixOf } from "./plan/suffix.ts";
import type { Pipeline } from "./plan/types.ts";
import { viewsOf } from "./plan/views.ts";
import type { Prepared } from "./prepare.ts";
import { answerRows } from "./train/answer.ts";
import { fitClassical } from "./train/classical/fit-classical.ts";
import type { LossName } from "./train/loss.ts";
import { startWeights } from "./train/start-weights.ts";
import type { FitEnd } from "./train/types.ts";

/** What a trained network says of photos of its data set. */
export interface TrainedNetwork {
	readonly prepared: Prepared;
	readonly dataset: Dataset;
	/** Initializers that have learnt; of heads without epochs nothing: they are fitted again, which gives the same head. */
	readonly trained: ReadonlyMap<string, Tensor>;
}

/** How photos are passed through it. */
export interface AskOptions {
	readonly cacheFolder: string;
	/** Who is told while weights are fetched. */
	readonly fetching?: FetchTalk;
	/** False: weights that are not there are an error. */
	readonly fetch?: boolean;
	readonly onProgress?: (progress: Progress) => void;
	readonly onWarning?: (code: string, message: string) => void;
	readonly signal?: AbortSignal;
}

/** Per photo of `samples`, in their order: float32 [n, k] probabilities, losses by natural log, class indices. */
export interface Said
	extends Pick<
		FitEnd,
		"validProbabilities" | "validLosses" | "validPredicted"
	> {
	/** Those asked, without the photos that turned out corrupt. */
	readonly samples: readonly Sample[];
	readonly corrupt: readonly CorruptPhoto[];
}

/** @param pipeline the way of the photos: `plan.eval`, or one of its views. @throws RunError as Extractor.extract. */
export async function ask(
	network: TrainedNetwork,
	wanted: readonly Sample[],
	pipeline: Pipeline,
	options: AskOptions,
): Promise<Said> {
	const { prepared, dataset, trained } = network;
	const { plan, backbone, loaded } = prepared;
	const { experiment } = loaded;
	if (plan.classical === undefined) await openDevice(experiment.device);
	const held = await rowsOf(network, wanted, pipeline, options);
	const { samples, corrupt } = held;
	const rows = held.rowsOf(samples);
	if (plan.classical !== undefined) {
		const photos = samplesOf(dataset, "train");
		const learnt = await rowsOf(network, photos, plan.train, options);
		const train = learnt.rowsOf(learnt.samples);
		const { numClasses, added, classical: head } = plan;
		const { seed } = experiment;
		for await (const event of fitClassical({
			...{ head, numClasses, train, valid: rows, seed, added },
		}))
			if (event.type === "end") return { ...event, samples, corrupt };
		throw new Error("internal: the head was not fitted");
	}
	const start = await startWeights(plan, experiment.seed, backbone.loadWeights);
	// Those who learnt last: what phases before them left is as fixed as what never learnt.
	const last = phasePlans(plan).at(-1) ?? plan;
	const said = await answerRows({
		suffix: suffixOf(plan, plan.eval),
		learnt: {
			trainSuffix: suffixOf(plan, last.train),
			...{ trainable: last.trainable, buffers: last.buffers },
		},
		weights: new Map([...start, ...trained]),
		loss: Object.keys(experiment.train.loss)[0] as LossName,
		rows,
	});
	return {
		...{ samples, corrupt },
		validProbabilities: said.probabilities,
		validLosses: said.losses,
		validPredicted: said.predicted,
	};
}

/** The mean of the probabilities of all views that `evaluation.tta` asks for; undefined where it asks for none. */
export async function askViews(
	network: TrainedNetwork,
	wanted: readonly Sample[],
	options: AskOptions,
): Promise<Said | undefined> {
	const { plan, loaded } = network.prepared;
	const { tta } = loaded.experiment.evaluation ?? {};
	if (tta === undefined) return undefined;
	const views = viewsOf(plan.eval, tta);
	const k = plan.numClasses;
	let sum = new Float64Array(0);
	let samples: readonly Sample[] = wanted;
	let corrupt: readonly CorruptPhoto[] = [];
	for (const view of views) {
		const said = await ask(network, samples, view, options);
		if (said.corrupt.length > 0) ({ samples, corrupt } = said);
		if (sum.length === 0) sum = new Float64Array(samples.length * k);
		said.validProbabilities.forEach((p, at) => {
			sum[at] = (sum[at] as number) + p / views.length;
		});
	}
	const rows = samples.map((_, row) => sum.subarray(row * k, (row + 1) * k));
	return {
		...{ samples, corrupt },
		validProbabilities: Float32Array.from(sum),
		validPredicted: Int32Array.from(rows, (row) =>
			row.indexOf(Math.max(...row)),
		),
		validLosses: Float64Array.from(rows, (row, index) => {
			const { label, labels } = samples[index] as Sample;
			const own = row.map((p, column) => {
				const isThere = labels?.includes(column) ?? column === label;
				return -Math.log(Math.max(1e-12, isThere ? p : 1 - p));
			});
			if (labels === undefined) return own[label] as number;
			return own.reduce((sum, loss) => sum + loss, 0) / k;
		}),
	};
}

function rowsOf(
	{ prepared, dataset }: TrainedNetwork,
	wanted: readonly Sample[],
	pipeline: Pipeline,
	options: AskOptions,
): Promise<PhotoRows> {
	const { plan, backbone, loaded } = prepared;
	const { loadWeights } = backbone;
	const { experiment } = loaded;
	const request = { plan, dataset, experiment, loadWeights, ...options };
	return readRows(request, wanted, pipeline);
}
