import type { Dataset, Sample } from "./data/types.ts";
import { rowsFor } from "./features/feature-set.ts";
import type { Progress } from "./features/rate.ts";
import {
	extractorOf,
	type LabelledRows,
	optionsOf,
	samplesOf,
} from "./features/rows.ts";
import type { Tensor } from "./model/types.ts";
import { suffixOf } from "./plan/suffix.ts";
import type { Pipeline } from "./plan/types.ts";
import { viewsOf } from "./plan/views.ts";
import type { Prepared } from "./prepare.ts";
import { answerRows } from "./train/answer.ts";
import { fitClassical } from "./train/classical/fit-classical.ts";
import { startWeights } from "./train/start-weights.ts";
import type { FitEnd } from "./train/types.ts";

/** What a trained network says of photos of its data set. */
export interface TrainedNetwork {
	readonly prepared: Prepared;
	/** Without the photos that turned out corrupt. */
	readonly dataset: Dataset;
	/** Initializers that have learnt; of heads without epochs nothing: they are fitted again, which gives the same head. */
	readonly trained: ReadonlyMap<string, Tensor>;
}

/** How photos are passed through it. */
export interface AskOptions {
	readonly cacheFolder: string;
	readonly onProgress?: (progress: Progress) => void;
	readonly onWarning?: (code: string, message: string) => void;
	readonly signal?: AbortSignal;
}

/** Per photo, in their order: float32 [n, k] probabilities, losses by natural log, class indices. */
export type Said = Pick<
	FitEnd,
	"validProbabilities" | "validLosses" | "validPredicted"
>;

/** @param pipeline the way of the photos: `plan.eval`, or one of its views. @throws RunError as Extractor.extract. */
export async function ask(
	network: TrainedNetwork,
	samples: readonly Sample[],
	pipeline: Pipeline,
	options: AskOptions,
): Promise<Said> {
	const { prepared, dataset, trained } = network;
	const { plan, backbone, loaded } = prepared;
	const { experiment } = loaded;
	const rows = await rowsOf(network, samples, pipeline, options);
	if (plan.classical !== undefined) {
		const photos = samplesOf(dataset, "train");
		const train = await rowsOf(network, photos, plan.train, options);
		const { numClasses, added, classical: head } = plan;
		const { seed } = experiment;
		for await (const event of fitClassical({
			...{ head, numClasses, train, valid: rows, seed, added },
		}))
			if (event.type === "end") return event;
		throw new Error("internal: the head was not fitted");
	}
	const start = await startWeights(plan, experiment.seed, backbone.loadWeights);
	const said = await answerRows({
		suffix: suffixOf(plan, plan.eval),
		weights: new Map([...start, ...trained]),
		loss: "nll" in experiment.train.loss ? "nll" : "cross_entropy",
		rows,
	});
	return {
		validProbabilities: said.probabilities,
		validLosses: said.losses,
		validPredicted: said.predicted,
	};
}

/** The mean of the probabilities of all views that `evaluation.tta` asks for; undefined where it asks for none. */
export async function askViews(
	network: TrainedNetwork,
	samples: readonly Sample[],
	options: AskOptions,
): Promise<Said | undefined> {
	const { plan, loaded } = network.prepared;
	const { tta } = loaded.experiment.evaluation ?? {};
	if (tta === undefined) return undefined;
	const views = viewsOf(plan.eval, tta);
	const k = plan.numClasses;
	const sum = new Float64Array(samples.length * k);
	for (const view of views) {
		const { validProbabilities } = await ask(network, samples, view, options);
		validProbabilities.forEach((p, at) => {
			sum[at] = (sum[at] as number) + p / views.length;
		});
	}
	const rows = samples.map((_, row) => sum.subarray(row * k, (row + 1) * k));
	return {
		validProbabilities: Float32Array.from(sum),
		validPredicted: Int32Array.from(rows, (row) =>
			row.indexOf(Math.max(...row)),
		),
		validLosses: Float64Array.from(rows, (row, index) => {
			const { label } = samples[index] as Sample;
			return -Math.log(Math.max(1e-12, row[label] as number));
		}),
	};
}

async function rowsOf(
	{ prepared, dataset }: TrainedNetwork,
	samples: readonly Sample[],
	pipeline: Pipeline,
	options: AskOptions,
): Promise<LabelledRows> {
	const { plan, backbone, loaded } = prepared;
	const { experiment } = loaded;
	const { loadWeights } = backbone;
	const request = { plan, dataset, experiment, loadWeights, ...options };
	const extractor = extractorOf(request, pipeline);
	const set = await extractor
		.extract(samples, optionsOf(request, pipeline))
		.finally(() => extractor.close());
	return {
		features: rowsFor(set, samples),
		shape: set.shape,
		labels: Int32Array.from(samples, ({ label }) => label),
	};
}
