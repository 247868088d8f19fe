import type { Experiment } from "../../experiment/types.ts";
import type { Weights } from "../../model/types.ts";
import { parameterGroups } from "../../plan/groups.ts";
import { suffixOf } from "../../plan/suffix.ts";
import type { Plan } from "../../plan/types.ts";
import { startWeights } from "../start-weights.ts";
import type { StackedMember } from "./types.ts";

/** The head of a trial at the start of its training. */
export async function memberOfPlan(
	id: string,
	plan: Plan,
	{ seed, train }: Experiment,
	loadWeights: () => Promise<Weights>,
): Promise<StackedMember> {
	const groups = parameterGroups(plan, train);
	return {
		id,
		trainSuffix: suffixOf(plan, plan.train),
		evalSuffix: suffixOf(plan, plan.eval),
		weights: await startWeights(plan, seed, loadWeights),
		trainable: plan.trainable,
		...(groups && { groups }),
		options: train,
		seed,
	};
}
