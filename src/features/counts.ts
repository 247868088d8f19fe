import { join } from "node:path";
import type { Dataset } from "../data/types.ts";
import type { Pipeline } from "../plan/types.ts";
import { featuresFolder, shardNames } from "./cache.ts";
import { peekShard } from "./shard.ts";

/**
 * Rows of each split that the cache holds, by the shards' headers: train's by the train pipeline's keys, of each view one,
 * the others' by the eval pipeline's. Nothing is verified.
 */
export function cachedCounts(
	cacheFolder: string,
	plan: {
		readonly train: Pick<Pipeline, "featureKey" | "views">;
		readonly eval: Pick<Pipeline, "featureKey">;
	},
	dataset: Dataset,
): Readonly<Record<string, number>> {
	const ofKey = (key: string | undefined) => photosCached(cacheFolder, key);
	const views = plan.train.views ?? [plan.train];
	const train = views.map(({ featureKey }) => ofKey(featureKey));
	const rest =
		plan.eval.featureKey === plan.train.featureKey
			? train
			: [ofKey(plan.eval.featureKey)];
	const counts: Record<string, number> = {};
	for (const { split, sha256 } of dataset.samples)
		for (const photos of split === "train" ? train : rest)
			if (photos.has(sha256)) counts[split] = (counts[split] ?? 0) + 1;
	return counts;
}

/** Photos whose rows the cache holds under a key, by the headers of its shards. */
export function photosCached(
	cacheFolder: string,
	key: string | undefined,
): ReadonlySet<string> {
	const photos = new Set<string>();
	if (key === undefined) return photos;
	const folder = join(featuresFolder(cacheFolder), key);
	for (const name of shardNames(folder))
		for (const photo of peekShard(join(folder, name))?.photos ?? [])
			photos.add(photo);
	return photos;
}
