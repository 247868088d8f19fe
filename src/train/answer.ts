import { openTfjs } from "../engine/backend.ts";
import { compileGraph } from "../engine/tfjs/compile.ts";
import { openParameters } from "../engine/tfjs/parameters.ts";
import type { Graph, Weights } from "../model/types.ts";
import { type Evaluation, evaluate, outputsOf } from "./evaluate.ts";
import type { LossName } from "./loss.ts";
import { openPause } from "./pause.ts";
import type { Rows } from "./types.ts";

/** A trained suffix and what it is asked. */
export interface AnswerInput {
	/** Eval suffix: its one input is the features, its one output [n, numClasses]. */
	readonly suffix: Graph;
	/**
	 * Of the training that made the weights: its train suffix and what it changed. What it changed is held and computed
	 * as it was then, BatchNorm unfolded, so that the numbers are the same to the last bit.
	 */
	readonly learnt: {
		readonly trainSuffix: Graph;
		readonly trainable: readonly string[];
		readonly buffers: readonly string[];
	};
	/** Values of the initializers of both, the trained ones among them. */
	readonly weights: Weights;
	/** nll: the outputs are log-probabilities; all others are given logits. */
	readonly loss: LossName;
	readonly rows: Rows;
}

/** What a trained network says of rows whose labels are known: the same numbers as at the end of training. */
export async function answerRows({
	suffix,
	learnt,
	weights,
	loss,
	rows,
}: AnswerInput): Promise<Evaluation> {
	const { tf } = await openTfjs();
	const { trainSuffix, trainable, buffers } = learnt;
	const suffixes = [trainSuffix, suffix];
	const parameters = openParameters(
		...[tf, suffixes, weights, trainable, buffers],
	);
	try {
		// Compiled first, as then: who comes first says how a weight is held.
		compileGraph(tf, trainSuffix, parameters);
		const graph = compileGraph(tf, suffix, parameters);
		const outputs = await outputsOf(tf, graph, rows, openPause());
		const { labels, targets } = rows;
		const plain = {
			...{ name: loss, labelSmoothing: 0, classWeights: undefined },
			...(targets && { multiLabel: true }),
		};
		return evaluate(plain, outputs, labels, targets);
	} finally {
		parameters.dispose();
	}
}
