import { join } from "node:path";
import type { Dataset } from "../data/types.ts";
import type { Pipeline } from "../plan/types.ts";
import { featuresFolder, shardNames } from "./cache.ts";
import { peekShard } from "./shard.ts";

/**
 * Photos of each split whose rows the cache holds, by the shards' headers: train's by the train pipeline's
 * key, the others' by the eval pipeline's. Nothing is verified.
 */
export function cachedCounts(
	cacheFolder: string,
	plan: {
		readonly train: Pick<Pipeline, "featureKey">;
		readonly eval: Pick<Pipeline, "featureKey">;
	},
	dataset: Dataset,
): Readonly<Record<string, number>> {
	const train = photosCached(cacheFolder, plan.train.featureKey);
	const rest =
		plan.eval.featureKey === plan.train.featureKey
			? train
			: photosCached(cacheFolder, plan.eval.featureKey);
	const counts: Record<string, number> = {};
	for (const { split, sha256 } of dataset.samples)
		if ((split === "train" ? train : rest).has(sha256))
			counts[split] = (counts[split] ?? 0) + 1;
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
