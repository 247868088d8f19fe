import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { evaluateLabels } from "../../../src/runs/evaluation/multi-label.ts";

interface Golden {
	readonly labels: readonly (readonly number[])[];
	readonly probabilities: readonly (readonly number[])[];
	readonly hamming: number;
	readonly subset: number;
	readonly mean: Readonly<
		Record<"micro" | "macro" | "samples", readonly number[] | null>
	>;
	readonly each: readonly (readonly number[])[] | null;
	readonly ap: readonly number[];
	readonly map: number;
	readonly auc: number;
	readonly logLoss: number;
}

const golden = JSON.parse(
	readFileSync(new URL("golden/multi-label.json", import.meta.url), "utf8"),
) as readonly Golden[];

function near(actual: number | undefined, expected: number, what: string) {
	assert.ok(
		Math.abs((actual ?? Number.NaN) - expected) < 1e-9,
		`${what}: ${actual}, scikit-learn says ${expected}`,
	);
}

const names = (k: number) => Array.from({ length: k }, (_, i) => `class ${i}`);

for (const want of golden) {
	const k = want.probabilities[0]?.length ?? 0;
	test(`several labels of ${k} classes: every number is scikit-learn's`, () => {
		const { labels, probabilities } = want;
		const classNames = names(k);
		const found = evaluateLabels({ classNames, labels, probabilities });
		near(found.hammingLoss, want.hamming, "hamming loss");
		near(found.accuracy, 1 - want.hamming, "accuracy");
		near(found.subsetAccuracy, want.subset, "subset accuracy");
		for (const kind of ["micro", "macro", "samples"] as const)
			want.mean[kind]?.forEach((value, at) => {
				const { precision, recall, f1 } = found[kind];
				near([precision, recall, f1][at], value, `${kind} ${at}`);
			});
		found.classes.forEach((scores, c) => {
			near(scores.averagePrecision, want.ap[c] as number, `AP ${c}`);
			if (want.each === null) return;
			const { precision, recall, f1, support } = scores;
			for (const [at, value] of [precision, recall, f1, support].entries())
				near(value, want.each[at]?.[c] as number, `class ${c}, ${at}`);
		});
		near(found.averagePrecision, want.map, "mAP");
		near(found.rocAuc, want.auc, "ROC-AUC");
		near(found.logLoss, want.logLoss, "log loss");
	});
}

test("a class that no photo has is left out of the mean average precision", () => {
	const found = evaluateLabels({
		classNames: ["a", "b"],
		labels: [[0], []],
		probabilities: [
			[0.9, 0.2],
			[0.1, 0.8],
		],
	});
	assert.equal(found.classes[1]?.averagePrecision, undefined);
	assert.equal(found.averagePrecision, 1);
	assert.equal(found.subsetAccuracy, 0.5);
	assert.equal(found.accuracy, 0.75);
});
