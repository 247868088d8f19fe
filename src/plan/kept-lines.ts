import { count } from "../text.ts";
import type { Pipeline, Plan } from "./types.ts";

/** How rows are computed and kept, in words: what `graft plan` adds where it is not once, in float32. */

/** When the photos pass the prefix: `3 views a photo, drawn once, cached as float16 (onnxruntime, int8)`. */
export function prefixWhen(
	pipeline: Pick<Pipeline, "views" | "int8" | "featureDtype">,
): string {
	const { views, featureDtype } = pipeline;
	const often =
		views === undefined
			? "once per photo"
			: `${count(views.length, "view")} a photo, drawn once`;
	const kept = featureDtype === undefined ? "cached" : "cached as float16";
	return `${often}, ${kept} (${engine(pipeline)})`;
}

/** What runs frozen layers, and in what. */
export function engine({ int8 }: Pick<Pipeline, "int8">): string {
	return int8 === undefined ? "onnxruntime" : "onnxruntime, int8";
}

/** One line about int8, one about views; none where there are none. */
export function keptLines({ train, eval: evaluation }: Plan): string[] {
	const int8 = train.int8 ?? evaluation.int8;
	const { views } = train;
	return [
		...(int8 === undefined
			? []
			: [
					`precision   int8, calibrated on ${count(int8.photos.length, "training photo")} (${int8.range}); refused below a mean cosine of ${int8.minCosine} or ${int8.minAgreement} of equal classes`,
				]),
		...(views === undefined
			? []
			: [
					`views       ${views.length} of each training photo, which epochs take in turn`,
				]),
	];
}
