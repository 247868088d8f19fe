import assert from "node:assert/strict";
import test from "node:test";
import type { LossChoice } from "../../src/experiment/types.ts";
import { classWeightsOf } from "../../src/train/class-weights.ts";
import { evaluate } from "../../src/train/evaluate.ts";
import {
	type Loss,
	lossGradient,
	meanLoss,
	measure,
	openLoss,
} from "../../src/train/loss.ts";
import { golden, relativeError } from "./support.ts";

const plain = (name: Loss["name"]): Loss => ({
	name,
	labelSmoothing: 0,
	classWeights: undefined,
});
const crossEntropy = plain("cross_entropy");
const negativeLogLikelihood = plain("nll");

// torch: F.cross_entropy(x, y, reduction="none"), F.softmax(x, 1), autograd of the mean.
const logits = Float32Array.of(1, -2, 0.5, 3, 3, -1, 80, -40, 79);
const labels = Int32Array.of(0, 1, 2);
const losses = [0.5045968890190125, 0.7022632956504822, 1.31326162815094];
const gradient = [
	-0.1320837, 0.0100196, 0.1220641, 0.1651542, -0.1681791, 0.0030249, 0.2436862,
	0, -0.2436862,
];

test("cross entropy, its probabilities and its gradient equal PyTorch's, large logits too", () => {
	const measured = measure(crossEntropy, logits, labels);
	assert.ok(relativeError(measured.losses, losses) < 1e-6);
	assert.deepEqual([...measured.predicted], [0, 0, 0]);
	const actual = lossGradient(crossEntropy, measured, labels);
	assert.ok(relativeError(actual, gradient, 0.1) < 1e-5);
	for (let row = 0; row < 3; row++) {
		const sum = measured.probabilities
			.subarray(3 * row, 3 * row + 3)
			.reduce((a, b) => a + b, 0);
		assert.ok(Math.abs(sum - 1) < 1e-6);
	}
});

test("nll of log-probabilities is the cross entropy of the logits", () => {
	const { losses: expected, probabilities } = measure(
		crossEntropy,
		logits,
		labels,
	);
	const nll = measure(
		negativeLogLikelihood,
		probabilities.map(Math.log),
		labels,
	);
	assert.ok(relativeError(nll.losses, expected) < 1e-5);
	assert.ok(relativeError(nll.probabilities, probabilities) < 1e-5);
	assert.deepEqual(
		[...lossGradient(negativeLogLikelihood, nll, labels)],
		[-1, 0, 0, 0, -1, 0, 0, 0, -1].map((value) => Math.fround(value / 3)),
	);
});

test("evaluation is the mean loss and the share of rows right", () => {
	const { loss, accuracy } = evaluate(crossEntropy, logits, labels);
	const mean = losses.reduce((a, b) => a + b, 0) / 3;
	assert.ok(Math.abs(loss - mean) < 1e-6);
	assert.equal(accuracy, 1 / 3);
});

test("a label beyond the classes is our mistake, not a wrong number", () => {
	assert.throws(
		() => measure(negativeLogLikelihood, logits, Int32Array.of(0, 1, 3)),
		/internal: label 3 of 3 classes/,
	);
});

interface Losses {
	readonly classNames: readonly string[];
	readonly trainLabels: readonly number[];
	readonly logits: readonly number[];
	readonly logProbabilities: readonly number[];
	readonly labels: readonly number[];
	/** scikit-learn's weights of trainLabels. */
	readonly balanced: readonly number[];
	readonly cases: readonly {
		readonly loss: LossChoice;
		readonly mean: number;
		readonly gradient: readonly number[];
	}[];
}

const torch = golden<Losses>("losses");

for (const { loss: choice, mean, gradient } of torch.cases)
	test(`${JSON.stringify(choice)} and its gradient equal torch.nn's`, () => {
		const loss = openLoss(
			choice,
			Int32Array.from(torch.trainLabels),
			4,
			torch.classNames,
		);
		const outputs = Float32Array.from(
			"nll" in choice ? torch.logProbabilities : torch.logits,
		);
		const labels = Int32Array.from(torch.labels);
		const measured = measure(loss, outputs, labels);
		assert.ok(Math.abs(meanLoss(measured) - mean) < 1e-12 * mean);
		const actual = lossGradient(loss, measured, labels);
		// The gradient is float32 and made of float32 probabilities.
		assert.ok(relativeError(actual, gradient, 0.01) < 1e-6);
		const evaluated = evaluate(loss, outputs, labels);
		assert.equal(evaluated.loss, meanLoss(measured), "the same criterion");
	});

test("balanced weights are scikit-learn's; a class without a photo counts as if it had one", () => {
	const labels = Int32Array.from(torch.trainLabels);
	const weights = classWeightsOf("balanced", labels, 4, []);
	assert.deepEqual([...(weights ?? [])], torch.balanced);
	const missing = classWeightsOf("balanced", Int32Array.of(0, 0, 2, 2), 3, []);
	assert.deepEqual([...(missing ?? [])], [4 / 6, 4 / 3, 4 / 6]);
});

test("a photo's own loss is the negative log-probability of its label, whatever smoothing and weights", () => {
	const outputs = Float32Array.from(torch.logits);
	const labels = Int32Array.from(torch.labels);
	const expected = measure(crossEntropy, outputs, labels).losses;
	const loss: Loss = {
		name: "cross_entropy",
		labelSmoothing: 0.3,
		classWeights: Float64Array.of(1, 2, 3, 4),
	};
	const measured = measure(loss, outputs, labels);
	assert.deepEqual(measured.losses, expected);
	assert.notDeepEqual(measured.terms, expected);
});
