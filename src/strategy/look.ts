import type { Dataset, Sample } from "../data/types.ts";
import { openExtractor } from "../features/extract.ts";
import { extractMany, type Place } from "../features/extract-many.ts";
import { rowsFor } from "../features/feature-set.ts";
import type { Progress } from "../features/rate.ts";
import type { LabelledRows } from "../features/rows.ts";
import type { Prepared } from "../prepare.ts";

/** Who is told while photos pass the network. */
export interface LookOptions {
	readonly cacheFolder: string;
	readonly onProgress?: (progress: Progress) => void;
	readonly onWarning?: (code: string, message: string) => void;
	readonly signal?: AbortSignal;
}

/** Rows of the same photos at every place. */
export interface Looked {
	/** Those that could be read. */
	readonly samples: readonly Sample[];
	/** float32 [samples, …shape], by place. */
	readonly rows: readonly LabelledRows[];
	/** Photos that had to pass the network. */
	readonly computed: number;
}

/**
 * Some photos at several places of the network: one pass fills the caches of all, where the network allows it, and one each
 * where it does not. Photos that cannot be read are left out: whether they are errors is the run's to say.
 * @throws RunError as Extractor.extract.
 */
export async function look(
	{ loaded, backbone, plan, dataset }: Prepared,
	samples: readonly Sample[],
	places: readonly Place[],
	options: LookOptions,
): Promise<Looked> {
	const { experiment } = loaded;
	const pixels = {
		root: (dataset as Dataset).root,
		exif: experiment.data.exif,
		transforms: plan.eval.transforms,
		inputShape: plan.eval.inputShape,
		loadWeights: backbone.loadWeights,
		seed: experiment.seed,
		...(plan.provider && { provider: plan.provider }),
		device: experiment.device ?? ("auto" as const),
	};
	const how = { ...options, onCorrupt: "skip" as const };
	const pass = await extractMany(samples, places, { ...pixels, ...how });
	const rows: LabelledRows[] = [];
	let left = samples;
	let computed = pass?.computed ?? 0;
	for (const place of places) {
		const { graph, cutTensor, featureShape, featureKey, featureSource } = place;
		const extractor = openExtractor({
			...{ ...pixels, graph, cutTensor, featureShape },
		});
		const set = await extractor
			.extract(samples, {
				...how,
				...(featureKey !== undefined && { featureKey }),
				...(featureSource !== undefined && { madeOf: featureSource }),
			})
			.finally(() => extractor.close());
		left = samples.filter(({ sha256 }) => set.rowOf.has(sha256));
		if (pass === undefined) computed = Math.max(computed, set.computed);
		rows.push({
			features: rowsFor(set, left),
			shape: featureShape,
			labels: Int32Array.from(left, ({ label }) => label),
		});
	}
	return { samples: left, rows, computed };
}
