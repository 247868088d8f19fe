import type { ClassicalHead } from "../../experiment/classical-types.ts";
import type { LabelledRows } from "../../features/rows.ts";
import type { Tensor } from "../../model/types.ts";
import { countRight } from "../evaluate.ts";
import { openPause } from "../pause.ts";
import type { EpochEvent, FitEnd } from "../types.ts";
import { fitHeadSteps } from "./fit-head.ts";
import { logLosses } from "./probabilities.ts";
import { withPauses } from "./steps.ts";
import type { Answers, FittedHead, PathCurve } from "./types.ts";

/** What a run fits. */
export interface FitClassicalInput {
	readonly head: ClassicalHead;
	readonly numClasses: number;
	readonly train: LabelledRows;
	readonly valid: LabelledRows;
	readonly seed: number;
	/** Names of the graph's last layer: `head.weight`, `head.bias`. */
	readonly added: readonly string[];
	/** Aborting ends the generator without a FitEnd. */
	readonly signal?: AbortSignal;
}

/** `C` or `alpha` was chosen. */
export interface ChoiceEvent {
	readonly type: "choice";
	readonly path: PathCurve;
}

/**
 * A run of one epoch and one step: the head is fitted, then asked about both splits. Losses are log losses of its
 * probabilities, natural log; of svm and ridge these are softmax of the decisions, which nobody has calibrated.
 * @throws RunError as fitHead.
 */
export async function* fitClassical(
	input: FitClassicalInput,
): AsyncGenerator<ChoiceEvent | EpochEvent | FitEnd> {
	const { head, numClasses, train, valid, seed, signal } = input;
	const start = performance.now();
	const steps = fitHeadSteps({ rows: train, numClasses, head, seed });
	const fitted = await withPauses(steps, openPause(), signal);
	if (fitted === undefined) return;
	if (fitted.path !== undefined) yield { type: "choice", path: fitted.path };
	const [own, held] = [train, valid].map((rows) => {
		const answers = fitted.answer(rows.features);
		return { answers, ...scoreOf(answers, rows.labels) };
	}) as [Scored, Scored];
	yield {
		type: "epoch",
		epoch: 1,
		step: 1,
		trainLoss: own.loss,
		trainAccuracy: own.accuracy,
		validLoss: held.loss,
		validAccuracy: held.accuracy,
		learningRate: 0,
		durationMs: performance.now() - start,
	};
	yield {
		type: "end",
		epoch: 1,
		lastEpoch: 1,
		ended: "epochs",
		trained: tensorsOf(fitted, input),
		validProbabilities: Float32Array.from(held.answers.probabilities),
		validLosses: held.losses,
		validPredicted: held.answers.predicted,
		liveTensors: [0, 0],
	};
}

interface Scored extends ReturnType<typeof scoreOf> {
	readonly answers: Answers;
}

function scoreOf(answers: Answers, labels: Int32Array) {
	const losses = logLosses(answers.probabilities, labels);
	return {
		losses,
		loss: losses.reduce((sum, loss) => sum + loss, 0) / labels.length,
		accuracy: countRight(answers.predicted, labels) / labels.length,
	};
}

/** The graph's last layer where the head is linear; else the class means, of features as they were compared. */
function tensorsOf(
	{ linear, means }: FittedHead,
	{ added, numClasses }: FitClassicalInput,
): ReadonlyMap<string, Tensor> {
	const [weight = "head.weight", bias = "head.bias"] = added;
	const tensor = (values: Float64Array, shape: readonly number[]): Tensor => ({
		dtype: "float32",
		shape,
		data: Float32Array.from(values),
	});
	const wide = (values: Float64Array) =>
		tensor(values, [numClasses, values.length / numClasses]);
	if (linear !== undefined)
		return new Map([
			[weight, wide(linear.weight)],
			[bias, tensor(linear.bias, [numClasses])],
		]);
	return new Map(
		means === undefined
			? []
			: [[weight.replace(/weight$/, "class_means"), wide(means)]],
	);
}
