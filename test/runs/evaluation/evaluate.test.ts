import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { evaluatePredictions } from "../../../src/runs/evaluation/evaluate.ts";

/** Every number against scikit-learn (golden/golden.py), and what is odd. */

interface Golden {
	readonly labels: readonly number[];
	readonly probabilities: readonly (readonly number[])[];
	readonly predicted: readonly number[];
	readonly accuracy: number;
	readonly balancedAccuracy: number;
	readonly top5: number | null;
	readonly precision: readonly number[];
	readonly recall: readonly number[];
	readonly f1: readonly number[];
	readonly support: readonly number[];
	readonly macro: readonly number[];
	readonly weighted: readonly number[];
	readonly confusion: readonly (readonly number[])[];
	readonly logLoss: number;
	readonly brier: number;
	readonly rocAuc: number;
	readonly averagePrecision: number;
	readonly classAuc: readonly number[];
	readonly classAp: readonly number[];
	readonly temperature: number;
	readonly logLossAtTemperature: number;
	readonly ece: number;
}

const golden = JSON.parse(
	readFileSync(new URL("golden/golden.json", import.meta.url), "utf8"),
) as readonly Golden[];

const names = (k: number) => Array.from({ length: k }, (_, i) => `class ${i}`);

function near(
	actual: number | undefined,
	expected: number,
	what: string,
	tolerance = 1e-9,
): void {
	assert.ok(
		Math.abs((actual ?? Number.NaN) - expected) <= tolerance,
		`${what}: ${actual}, scikit-learn says ${expected}`,
	);
}

for (const [index, want] of golden.entries()) {
	const k = want.probabilities[0]?.length ?? 0;
	test(`case ${index + 1} of ${k} classes: every number is scikit-learn's`, () => {
		const { labels, probabilities, predicted } = want;
		const found = evaluatePredictions({
			...{ labels, probabilities, predicted },
			classNames: names(k),
		});
		near(found.accuracy, want.accuracy, "accuracy");
		near(found.balancedAccuracy, want.balancedAccuracy, "balanced accuracy");
		if (want.top5 !== null) near(found.topK[5], want.top5, "top 5");
		else assert.deepEqual(found.topK, {});
		assert.deepEqual(found.confusion, want.confusion);
		found.classes.forEach((scores, i) => {
			near(scores.precision, want.precision[i] as number, `precision ${i}`);
			near(scores.recall, want.recall[i] as number, `recall ${i}`);
			near(scores.f1, want.f1[i] as number, `f1 ${i}`);
			near(scores.rocAuc, want.classAuc[i] as number, `auc ${i}`);
			near(scores.averagePrecision, want.classAp[i] as number, `ap ${i}`);
			assert.equal(scores.support, want.support[i]);
		});
		for (const [key, values] of [
			["macro", want.macro],
			["weighted", want.weighted],
		] as const) {
			const { precision, recall, f1 } = found[key];
			[precision, recall, f1].forEach((value, i) => {
				near(value, values[i] as number, `${key} ${i}`);
			});
		}
		near(found.logLoss, want.logLoss, "log loss");
		near(found.brier, want.brier, "brier");
		near(found.rocAuc, want.rocAuc, "roc auc");
		near(found.averagePrecision, want.averagePrecision, "average precision");
		near(found.calibration.ece, want.ece, "ece");
		const { temperature, logLossAtTemperature } = found.calibration;
		near(logLossAtTemperature, want.logLossAtTemperature, "cooled", 1e-8);
		// Where every photo is right, any small temperature is as good.
		if (want.logLossAtTemperature > 1e-3)
			near(temperature / want.temperature, 1, "temperature", 1e-3);
	});
}

test("one photo, a class without photos, and certainty give numbers or nothing, never NaN", () => {
	const one = evaluatePredictions({
		classNames: names(3),
		labels: [0],
		probabilities: [[1, 0, 0]],
		predicted: [0],
	});
	assert.equal(one.accuracy, 1);
	assert.equal(one.rocAuc, undefined);
	assert.equal(one.calibration.ece, 0);
	assert.equal(one.macro.f1, 1);
	const wrong = evaluatePredictions({
		classNames: names(2),
		labels: [0, 0],
		probabilities: [
			[0, 1],
			[0, 1],
		],
		predicted: [1, 1],
	});
	assert.equal(wrong.accuracy, 0);
	assert.equal(wrong.balancedAccuracy, 0);
	assert.equal(wrong.macro.precision, 0);
	assert.ok(Number.isFinite(wrong.logLoss));
	assert.ok(Number.isFinite(wrong.calibration.temperature));
	assert.ok(
		JSON.stringify(one).includes("null") === false,
		"nothing that JSON cannot say",
	);
});
