import { type AskOptions, ask, type TrainedNetwork } from "./ask.ts";
import { RunError } from "./diagnostic.ts";
import { checkedSamples } from "./features/agreement.ts";
import { samplesOf } from "./features/rows.ts";
import type { Recorder } from "./runs/recorder.ts";
import type { FitEnd } from "./train/types.ts";

/** Whether a trained head names the same classes on features in float32. */
export interface SameClasses {
	/** Valid photos compared. */
	readonly photos: number;
	/** Share of them with the same class, 0 … 1. */
	readonly agreement: number;
}

/** Takes down what `sameClasses` finds. @throws as it. */
export async function noteAgreement(
	network: TrainedNetwork & { readonly recorder: Pick<Recorder, "phase"> },
	end: Pick<FitEnd, "validPredicted">,
	options: AskOptions,
): Promise<SameClasses | undefined> {
	const same = await sameClasses(network, end, options);
	if (same !== undefined) network.recorder.phase("agreement", { ...same });
	return same;
}

/**
 * Asks the trained network about a few valid photos by features in float32, which are cached since they were compared
 * before training.
 * @returns undefined where the features are float32 themselves.
 * @throws RunError "int8-disagrees" below the floor.
 */
export async function sameClasses(
	network: TrainedNetwork,
	{ validPredicted }: Pick<FitEnd, "validPredicted">,
	options: AskOptions,
): Promise<SameClasses | undefined> {
	const { prepared, dataset } = network;
	const { int8, reference, featureDtype: _, ...rest } = prepared.plan.eval;
	if (reference === undefined) return undefined;
	const valid = samplesOf(dataset, "valid");
	const exact = { ...rest, ...reference };
	const said = await ask(network, checkedSamples(valid), exact, options);
	const rowOf = new Map(valid.map(({ path }, row) => [path, row]));
	const same = said.samples.filter(
		({ path }, row) =>
			said.validPredicted[row] === validPredicted[rowOf.get(path) ?? -1],
	);
	const photos = said.samples.length;
	const agreement = photos === 0 ? 1 : same.length / photos;
	if (int8 !== undefined && agreement < int8.minAgreement)
		throw new RunError(
			"int8-disagrees",
			`in int8 the head names another class than in float32 for ${photos - same.length} of ${photos} valid photos: an agreement of ${agreement.toFixed(3)}, the floor is ${int8.minAgreement}`,
			{
				fix: "write model.precision: float32, or calibrate another way: precision: { int8: { range: mse, photos: 256 } }",
			},
		);
	return { photos, agreement };
}
