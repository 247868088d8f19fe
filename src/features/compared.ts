import type { Sample } from "../data/types.ts";
import type { Compared } from "./agreement.ts";
import type { ExtractOptions, Extractor } from "./extract.ts";
import { extractorOf, type KeptRows, optionsOf } from "./extractor-of.ts";
import type { RowsRequest } from "./rows.ts";

/** The rows of some valid photos as they are used, and in float32. Corrupt photos are told by the pass over all of them. */
export function comparedOf(
	request: RowsRequest,
	evaluation: Extractor,
	valid: readonly Sample[],
): Compared {
	const { int8: _, reference, ...plain } = request.plan.eval;
	const { onProgress: __, ...quiet } = request;
	const optionsFor = (rows: KeptRows): ExtractOptions => ({
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
