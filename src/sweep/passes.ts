import type { Place } from "../features/extract-many.ts";
import { mergePrefixes } from "../features/merge-prefixes.ts";
import { fingerprint, type Json } from "../fingerprint.ts";
import type { Pipeline } from "../plan/types.ts";
import type { PreparedTrial } from "./prepare-sweep.ts";

/**
 * Trials whose rows come from one pass over the photos: the same rows, or rows at several layers of one network.
 *
 *   model.features: [_blocks.4, _blocks.10, _flatten]  ─ three sets of rows, one pass up to the last
 */

/** Groups of trials that read the same rows → groups that one pass serves, each a list of such groups. */
export function passesOf<T extends readonly PreparedTrial[]>(
	groups: readonly T[],
): readonly (readonly T[])[] {
	const alike = new Map<string, T[]>();
	groups.forEach((group, index) => {
		const key = passKey(group[0] as PreparedTrial) ?? `alone ${index}`;
		alike.set(key, [...(alike.get(key) ?? []), group]);
	});
	return [...alike.values()].flatMap((together) =>
		together.length === 1 || isOnePass(together)
			? [together]
			: together.map((group) => [group]),
	);
}

function isOnePass(groups: readonly (readonly PreparedTrial[])[]): boolean {
	const firsts = groups.map((group) => group[0] as PreparedTrial);
	return (["train", "eval"] as const).every(
		(pipeline) =>
			mergePrefixes(firsts.map((first) => placeOf(first, pipeline))) !==
			undefined,
	);
}

/** Where its rows are. */
export function placeOf(
	{ prepared: { plan } }: PreparedTrial,
	pipeline: "train" | "eval",
): Place {
	return { ...plan[pipeline], graph: plan.graph };
}

/** What the rows of trials must share: all but the place in the network. */
function passKey({
	prepared: { plan, data, backbone, loaded },
}: PreparedTrial): string | undefined {
	const { train, eval: evaluation } = plan;
	// Each place on bytes is a network of its own.
	if (train.int8 !== undefined || evaluation.int8 !== undefined)
		return undefined;
	const [a, b] = [withoutPlace(train), withoutPlace(evaluation)];
	if (a === undefined || b === undefined) return undefined;
	return fingerprint({
		train: a,
		eval: b,
		shared: train.featureKey === evaluation.featureKey,
		backbone: backbone.name,
		onCorrupt: loaded.experiment.data.on_corrupt,
		photos: data?.fingerprint ?? null,
	});
}

function withoutPlace({ featureSource }: Pipeline): Json | undefined {
	if (featureSource === undefined) return undefined;
	const { graph: _, cut: __, ...rest } = featureSource as Record<string, Json>;
	return rest;
}
