import type { KeyedRows, Pipeline } from "../plan/types.ts";
import { calibrationOf } from "./calibration.ts";
import {
	type ExtractOptions,
	type Extractor,
	openExtractor,
} from "./extract.ts";
import type { RowsRequest } from "./rows.ts";

/** How the rows of a run are extracted. */

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
export type KeptRows = KeyedRows & Pick<Pipeline, "featureDtype">;

/** How that extractor keeps its rows. */
export function optionsOf(
	request: RowsRequest,
	{ featureKey, featureSource, featureDtype }: KeptRows,
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

/** How the training rows of a view are computed and kept. */
export function viewOptions(
	request: RowsRequest,
	view: number,
): ExtractOptions {
	const { train } = request.plan;
	const rows = { ...train, ...train.views?.[view - 1] };
	return { ...optionsOf(request, rows), view };
}
