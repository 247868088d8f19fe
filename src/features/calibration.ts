import type { Dataset } from "../data/types.ts";
import type { Experiment } from "../experiment/types.ts";
import { sizeOf } from "../model/dtypes.ts";
import type { Int8Plan, Pipeline } from "../plan/types.ts";
import { type Calibration, openExtractor } from "./extract.ts";

/**
 * The calibration of a pipeline on training photos of `dataset`. They take the way of evaluation and their pixels are
 * kept nowhere.
 */
export function calibrationOf(
	dataset: Dataset,
	{ data, seed }: Pick<Experiment, "data" | "seed">,
	{ inputShape }: Pick<Pipeline, "inputShape">,
	plan: Int8Plan,
): Calibration {
	const wanted = new Set(plan.photos);
	const samples = dataset.samples.filter(
		({ sha256, split }) => split === "train" && wanted.has(sha256),
	);
	const input = { name: "pixels", dtype: "float32", shape: undefined } as const;
	async function pixels(
		signal: AbortSignal | undefined,
	): Promise<Float32Array> {
		const extractor = openExtractor({
			root: dataset.root,
			exif: data.exif,
			transforms: plan.transforms,
			inputShape,
			graph: {
				...{ name: "", nodes: [], initializers: [], opset: 17 },
				...{ inputs: [input], outputs: [input] },
			},
			cutTensor: input.name,
			featureShape: inputShape,
			loadWeights: () => Promise.resolve(new Map()),
			seed,
		});
		try {
			const set = await extractor.extract(samples, {
				onCorrupt: "skip",
				...(signal && { signal }),
			});
			const length = sizeOf(inputShape);
			const rows = plan.photos.flatMap((photo) => set.rowOf.get(photo) ?? []);
			const whole = new Float32Array(rows.length * length);
			rows.forEach((row, at) => {
				const from = row * length;
				whole.set(set.data.subarray(from, from + length), at * length);
			});
			return whole;
		} finally {
			await extractor.close();
		}
	}
	return { plan, pixels };
}
