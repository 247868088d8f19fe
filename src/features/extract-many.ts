import type { CorruptPhoto, Sample } from "../data/types.ts";
import type { Json } from "../fingerprint.ts";
import type { Pipeline } from "../plan/types.ts";
import { type FeatureCache, openFeatureCache } from "./cache.ts";
import { photosCached } from "./counts.ts";
import {
	type ExtractOptions,
	type ExtractorOptions,
	openExtractor,
} from "./extract.ts";
import { mergePrefixes } from "./merge-prefixes.ts";
import type { Progress } from "./rate.ts";
import { progressMeter } from "./rate.ts";

/**
 * Rows at several places of one network, in one pass over the photos.
 *
 *   photos that some cache lacks ─ decode, transform, network ─┬─ rows at cut 1 → cache of key 1
 *                                                              └─ rows at cut 2 → cache of key 2 …
 */

/** One place: a graph up to its cut, and the key its rows are kept under. */
export type Place = Pick<
	Pipeline,
	"cutTensor" | "featureShape" | "featureKey" | "featureSource" | "featureDtype"
> & { readonly graph: ExtractorOptions["graph"] };

/** What the pass shares, and what is told on the way. */
export interface ExtractManyOptions
	extends Omit<
		ExtractorOptions,
		"graph" | "cutTensor" | "featureShape" | "workers"
	> {
	readonly cacheFolder: string;
	readonly onCorrupt: ExtractOptions["onCorrupt"];
	readonly onProgress?: (progress: Progress) => void;
	readonly onWarning?: (code: string, message: string) => void;
	readonly signal?: AbortSignal;
}

/** What a pass came to. */
export interface ExtractedMany {
	readonly corrupt: readonly CorruptPhoto[];
	/** Photos that passed the network, and those whose rows were there at every place. */
	readonly computed: number;
	readonly cached: number;
}

/** Photos between two shards: bounds memory, and what a crash can lose. */
const CHUNK = 256;

/**
 * Fills the caches of all places; rows are those that each place alone would give.
 * @param places of one network with one set of transforms and weights, each with its feature key.
 * @returns undefined where that cannot be promised, or the places are not of one network: extract each alone.
 * @throws as Extractor.extract.
 */
export async function extractMany(
	samples: readonly Sample[],
	places: readonly Place[],
	options: ExtractManyOptions,
): Promise<ExtractedMany | undefined> {
	const merged = mergePrefixes(places);
	if (merged === undefined) return undefined;
	const { starts } = merged;
	const { cacheFolder, onCorrupt, signal, onWarning } = options;
	const caches = places.map((place) => cacheOf(place, options));
	const held = places.map(({ featureKey }) =>
		photosCached(cacheFolder, featureKey),
	);
	const isThere = (photo: string) => held.every((photos) => photos.has(photo));
	const missing = samples.filter(({ sha256 }) => !isThere(sha256));
	const distinct = new Set(missing.map(({ sha256 }) => sha256)).size;
	const corrupt: CorruptPhoto[] = [];
	let computed = 0;
	if (missing.length > 0) for (const cache of caches) cache.prepare();
	const meter = progressMeter(distinct, options.onProgress);
	const extractor = openExtractor({
		...options,
		graph: merged.graph,
		cutTensor: merged.cutTensor,
		featureShape: merged.featureShape,
	});
	try {
		for (let start = 0; start < missing.length; start += CHUNK) {
			let before = 0;
			const set = await extractor.extract(missing.slice(start, start + CHUNK), {
				// All other photos are kept before a corrupt one ends the pass.
				onCorrupt: onCorrupt === "fail" ? "skip" : onCorrupt,
				cacheFolder,
				onProgress: ({ done }) => {
					meter.add(done - before);
					before = done;
				},
				...(onWarning && { onWarning }),
				...(signal && { signal }),
			});
			caches.forEach((cache, index) => {
				const rows = new Map<string, Float32Array>();
				for (const [photo, row] of set.rowOf) {
					const at = row * (starts.at(-1) as number);
					const [from, to] = [starts[index], starts[index + 1]];
					if (!held[index].has(photo))
						rows.set(photo, set.data.subarray(at + from, at + to));
				}
				cache.append(rows);
			});
			corrupt.push(...set.corrupt);
			computed += set.computed;
		}
	} finally {
		await extractor.close();
	}
	const photos = new Set(samples.map(({ sha256 }) => sha256)).size;
	return { corrupt, computed, cached: photos - distinct };
}

function cacheOf(
	{ featureKey, featureShape, featureSource, featureDtype }: Place,
	{ cacheFolder, onWarning }: ExtractManyOptions,
): FeatureCache {
	if (featureKey === undefined)
		throw new Error("internal: rows of many places are for the cache");
	const madeOf: Json | undefined = featureSource;
	return openFeatureCache(cacheFolder, featureKey, featureShape, {
		...(madeOf !== undefined && { madeOf }),
		...(featureDtype && { dtype: featureDtype }),
		onDamage: (message) => onWarning?.("cache-damaged", message),
	});
}
