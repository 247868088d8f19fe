import { RunError } from "../diagnostic.ts";
import type { Transform } from "../experiment/types.ts";
import { initialWeights } from "../model/init.ts";
import type { Graph, Weights } from "../model/types.ts";
import type { Trained } from "../trained.ts";

/** A whole trained network, on its way out of the house. Plain data. */
export interface WholeNetwork {
	readonly runId: string;
	/** From the transformed photo to logits or log-probabilities [n, k]. */
	readonly graph: Graph;
	/** Of every initializer without values of its own. */
	readonly weights: Weights;
	readonly classNames: readonly string[];
	/** What happens to a photo in evaluation, the last of them Normalize unless the network takes 0 … 1 as it is. */
	readonly transforms: readonly Transform[];
	/** [channels, height, width] that enters the network. */
	readonly inputShape: readonly number[];
	/** Whether the graph ends with LogSoftmax. */
	readonly isLogProbability: boolean;
	/** Whether the outputs become probabilities as the run's own did: not for heads that measure a distance or a margin. */
	readonly hasProbabilities: boolean;
	/** Each class on its own (sigmoid) rather than one of all (softmax). */
	readonly isMultiLabel: boolean;
}

/** The backbone's weights, what the seed made, and over both what was trained. */
export async function networkOf({
	record,
	prepared,
	dataset,
	trained,
}: Trained): Promise<WholeNetwork> {
	const { plan, backbone, loaded } = prepared;
	const { seed, train, data } = loaded.experiment;
	if (
		plan.classical !== undefined &&
		!plan.added.every((name) => trained.has(name))
	)
		throw new RunError(
			"export-not-a-layer",
			`the head ${Object.keys(plan.classical)[0]} of run ${record.runId} is no layer of a network: it compares photos with those it was fitted on`,
			{
				fix: "export a run with a linear, mlp, logistic, svm or ridge head, or a nearest_mean with metric: euclidean",
			},
		);
	const weights = new Map(await backbone.loadWeights());
	for (const [name, tensor] of initialWeights(plan.graph, plan.added, seed))
		weights.set(name, tensor);
	for (const [name, tensor] of trained) weights.set(name, tensor);
	return {
		runId: record.runId,
		graph: plan.graph,
		weights,
		classNames: dataset.classNames,
		transforms: plan.eval.transforms,
		inputShape: plan.eval.inputShape,
		isLogProbability: "nll" in train.loss && plan.classical === undefined,
		hasProbabilities:
			plan.classical === undefined ||
			"logistic" in plan.classical ||
			"nearest_mean" in plan.classical,
		isMultiLabel: data.multi_label !== undefined,
	};
}
