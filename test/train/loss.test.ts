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

interface LossKinds extends Omit<Losses, "cases" | "balanced"> {
	/** 0 and 1 of the photos trained on. */
	readonly trainSeveral: readonly number[];
	/** Of the batch, by kind. */
	readonly targets: Readonly<Record<string, readonly number[]>>;
	readonly cases: readonly {
		readonly kind: "single" | "several" | "mixed" | "mixed-several";
		readonly loss: LossChoice;
		readonly mean: number;
		readonly gradient: readonly number[];
	}[];
}

const kinds = golden<LossKinds>("loss-kinds");

for (const kind of ["single", "several", "mixed", "mixed-several"] as const)
	for (const name of ["bce", "focal", "hinge", "cross_entropy", "nll"]) {
		const cases = kinds.cases.filter(
			(one) => one.kind === kind && name in one.loss,
		);
		if (cases.length === 0) continue;
		test(`${name} of ${kind} targets and its gradient equal torch's and torchvision's, ${cases.length} cases`, () => {
			for (const { loss: choice, mean, gradient } of cases) {
				const train = Float32Array.from(kinds.trainSeveral);
				const loss = openLoss(
					choice,
					Int32Array.from(kinds.trainLabels),
					4,
					kinds.classNames,
					kind.endsWith("several") ? train : undefined,
				);
				const outputs = Float32Array.from(
					name === "nll" ? kinds.logProbabilities : kinds.logits,
				);
				const labels = Int32Array.from(kinds.labels);
				const given = kinds.targets[kind];
				const targets = given && Float32Array.from(given);
				const measured = measure(loss, outputs, labels, targets);
				// Mixed targets are float32 here.
				const near = kind.startsWith("mixed") ? 1e-7 : 1e-12;
				const what = JSON.stringify({ kind, choice });
				const difference = Math.abs(meanLoss(measured) - mean) / mean;
				assert.ok(difference < near, `${what}: off by ${difference}`);
				const actual = lossGradient(loss, measured, labels, targets);
				const off = relativeError(actual, gradient, 0.01);
				assert.ok(off < 1e-5, `${what}: gradient off by ${off}`);
			}
		});
	}

test("a multi-label photo counts by the share of its classes that are right, and by its mean cross entropy", () => {
	const loss: Loss = { ...plain("bce"), multiLabel: true };
	const outputs = Float32Array.of(3, -1, 0, 2, 2, -2, -3, -1);
	const targets = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0);
	const measured = measure(loss, outputs, Int32Array.of(-1, -1), targets);
	assert.equal(measured.right, 0.75 + 1, "zero is not above one half");
	const softplus = (x: number) => Math.log1p(Math.exp(x));
	const first = (softplus(-3) + softplus(-1) + softplus(0) + softplus(2)) / 4;
	assert.ok(Math.abs(measured.losses[0] - first) < 1e-12);
	assert.deepEqual([...measured.predicted], [0, 0]);
	assert.throws(
		() => measure(loss, outputs, Int32Array.of(-1, -1)),
		/internal: multi-label rows without targets/,
	);
});

test("a perfectly sure focal loss is 0 and pulls nowhere, whatever gamma", () => {
	for (const gamma of [0, 0.5, 2]) {
		const loss: Loss = { ...plain("focal"), gamma };
		const outputs = Float32Array.of(900, -900, 0);
		const measured = measure(loss, outputs, Int32Array.of(0));
		assert.equal(meanLoss(measured), 0);
		const pull = lossGradient(loss, measured, Int32Array.of(0));
		assert.ok(pull.every((value) => value === 0));
	}
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
