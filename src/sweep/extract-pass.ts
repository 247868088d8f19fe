import { extractMany } from "../features/extract-many.ts";
import { samplesOf } from "../features/rows.ts";
import { placeOf } from "./passes.ts";
import type { PreparedTrial } from "./prepare-sweep.ts";

/** Fills the caches of groups that one pass serves; false where each has to be extracted alone. */
export async function extractPass(
	groups: readonly (readonly PreparedTrial[])[],
	{
		cacheFolder,
		...told
	}: Pick<
		Parameters<typeof extractMany>[2],
		"cacheFolder" | "onProgress" | "onWarning" | "signal"
	>,
): Promise<boolean> {
	const firsts = groups.map((group) => group[0] as PreparedTrial);
	const [{ prepared }] = firsts as [PreparedTrial];
	const { dataset, loaded, backbone, plan } = prepared;
	if (dataset === undefined)
		throw new Error("internal: an extraction needs its photos");
	const [train, valid] = (["train", "valid"] as const).map((split) =>
		samplesOf(dataset, split),
	) as [ReturnType<typeof samplesOf>, ReturnType<typeof samplesOf>];
	const isShared = plan.train.featureKey === plan.eval.featureKey;
	const passes = isShared
		? [{ pipeline: "eval" as const, samples: [...train, ...valid] }]
		: [
				{ pipeline: "eval" as const, samples: valid },
				{ pipeline: "train" as const, samples: train },
			];
	for (const { pipeline, samples } of passes) {
		const { transforms, inputShape } = plan[pipeline];
		const done = await extractMany(
			samples,
			firsts.map((first) => placeOf(first, pipeline)),
			{
				root: dataset.root,
				exif: loaded.experiment.data.exif,
				transforms,
				inputShape,
				loadWeights: backbone.loadWeights,
				seed: loaded.experiment.seed,
				...(plan.provider && { provider: plan.provider }),
				device: loaded.experiment.device ?? "auto",
				onCorrupt: loaded.experiment.data.on_corrupt,
				cacheFolder,
				...told,
			},
		);
		if (done === undefined) return false;
	}
	return true;
}
