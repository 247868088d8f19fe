import assert from "node:assert/strict";
import test from "node:test";
import { RunError } from "../../../src/diagnostic.ts";
import type { LabelledRows } from "../../../src/features/rows.ts";
import { crossValidate } from "../../../src/train/classical/cross-validate.ts";
import { fitHead } from "../../../src/train/classical/fit-head.ts";
import { stratifiedFolds } from "../../../src/train/classical/folds.ts";
import { headOf, realRows } from "./features.ts";

const rows = realRows("train", { step: 4 });
const HEADS = [
	{ logistic: { C: [0.1, 1, 10] } },
	{ svm: { C: [0.01, 1] } },
	{ svm: { C: 0.1, loss: "hinge", standardize: true } },
	{ ridge: { alpha: [1, 10, 100], class_weight: "balanced" } },
	{ knn: { n_neighbors: 3, standardize: true } },
	"nearest_mean",
] as const;

for (const written of HEADS)
	test(`${JSON.stringify(written)}: held-out answers are those of a head fitted without them`, () => {
		const head = headOf(written);
		const result = crossValidate({
			...{ rows, numClasses: 5, folds: 4, repeats: 1, seed: 3, head },
		});
		const [only] = result.repeats;
		assert.ok(only);
		const fold = 2;
		const held = [...only.foldOf.keys()].filter(
			(row) => only.foldOf[row] === fold,
		);
		const others = [...only.foldOf.keys()].filter(
			(row) => only.foldOf[row] !== fold,
		);
		const fitted = fitHead({
			...{ rows: some(rows, others), numClasses: 5, head, seed: 3 },
		});
		const answers = fitted.answer(some(rows, held).features);
		held.forEach((row, i) => {
			assert.equal(only.predicted[row], answers.predicted[i]);
			for (let c = 0; c < 5; c++) {
				const own = only.decisions[row * 5 + c];
				const wanted = answers.decisions[i * 5 + c];
				assert.ok(Math.abs(own - wanted) < 1e-3 * (1 + Math.abs(wanted)));
			}
		});
		assert.equal(only.chosen[fold], fitted.path?.chosen);
		assert.equal(only.accuracy.length, 4);
		assert.ok(result.accuracy > 0.5, `${result.accuracy}`);
		const again = crossValidate({
			...{ rows, numClasses: 5, folds: 4, repeats: 1, seed: 3, head },
		});
		assert.deepEqual(again, result);
	});

test("folds hold each class evenly, differ by one photo at most, and follow the seed", () => {
	const { labels } = rows;
	const foldOf = stratifiedFolds(labels, 10, 0, 1);
	const sizes = Array.from(
		{ length: 10 },
		(_, fold) => foldOf.filter((own) => own === fold).length,
	);
	assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
	for (let label = 0; label < 5; label++) {
		const counts = Array.from({ length: 10 }, () => 0);
		foldOf.forEach((fold, row) => {
			if (labels[row] === label) counts[fold]++;
		});
		assert.ok(Math.max(...counts) - Math.min(...counts) <= 1);
	}
	assert.deepEqual(stratifiedFolds(labels, 10, 0, 1), foldOf);
	assert.notDeepEqual(stratifiedFolds(labels, 10, 0, 2), foldOf);
	assert.notDeepEqual(stratifiedFolds(labels, 10, 1, 1), foldOf);
});

test("photos that belong together are held out together where the caller says so", () => {
	const together = Int32Array.from(rows.labels, (_, row) => row % 3);
	const { repeats } = crossValidate({
		...{ rows, numClasses: 5, folds: 0, repeats: 0, seed: 0 },
		head: headOf("nearest_mean"),
		assignments: [together],
	});
	assert.deepEqual(repeats[0]?.foldOf, together);
});

const ALL = [
	{ logistic: { C: "auto" } },
	{ svm: { C: "auto" } },
	{ svm: { C: [0.1, 1], loss: "hinge" } },
	{ ridge: { alpha: "auto" } },
	{ knn: { n_neighbors: 1 } },
	{ knn: { n_neighbors: 1, weights: "distance", metric: "euclidean" } },
	{ nearest_mean: { metric: "cosine" } },
	{ nearest_mean: { metric: "euclidean", standardize: true } },
] as const;

/** Small numbers of photos and odd ones; what each head says must be numbers. */
const ODD: Readonly<Record<string, LabelledRows>> = {
	"one photo a class": small(3, [0, 1, 2], (row, j) => row * j),
	"constant features": small(8, [0, 1], () => 3),
	"features of zero": small(8, [0, 1], () => 0),
	"duplicate rows": small(12, [0, 1, 2], (row, j) => (row % 3) * j),
	"equal rows of different classes": small(9, [0, 1, 2], (row, j) =>
		row < 3 ? j : row * j,
	),
	"a class without a photo": small(10, [0, 2], (row, j) => Math.sin(row + j)),
	"two photos": small(2, [0, 1], (row, j) => row + j),
	"very large and very small": small(10, [0, 1], (row, j) =>
		j % 2 ? 1e18 * Math.cos(row) : 1e-18 * row,
	),
};

for (const [name, odd] of Object.entries(ODD))
	test(`${name}: every head answers, alone and cross-validated`, () => {
		const n = odd.labels.length;
		for (const written of ALL) {
			const head = headOf(written);
			const said = JSON.stringify(written);
			const input = { rows: odd, numClasses: 3, head, seed: 0 };
			const { probabilities } = fitHead(input).answer(odd.features);
			assert.ok(probabilities.every(Number.isFinite), said);
			const { repeats } = crossValidate({ ...input, folds: 3, repeats: 1 });
			assert.equal(repeats[0]?.predicted.length, n);
			assert.ok(repeats[0].probabilities.every(Number.isFinite), said);
		}
	});

test("features that are not finite, one class only, no photo and too many neighbours are refused by name", () => {
	const code = (wrong: LabelledRows, written: (typeof ALL)[number]) => {
		try {
			fitHead({ rows: wrong, numClasses: 3, head: headOf(written), seed: 0 });
		} catch (error) {
			assert.ok(error instanceof RunError && error.fix !== undefined);
			return error.code;
		}
		return undefined;
	};
	for (const written of ALL) {
		const nan = small(6, [0, 1], (row) => (row === 4 ? Number.NaN : row));
		assert.equal(code(nan, written), "features-not-finite");
		assert.equal(
			code(
				small(6, [1], (row) => row),
				written,
			),
			"one-class",
		);
		assert.equal(
			code(
				small(0, [], () => 0),
				written,
			),
			"no-rows",
		);
	}
	const five = { knn: { n_neighbors: 7 } } as never;
	assert.equal(
		code(
			small(6, [0, 1], (row) => row),
			five,
		),
		"too-many-neighbours",
	);
});

function small(
	n: number,
	classes: readonly number[],
	value: (row: number, j: number) => number,
): LabelledRows {
	const d = 6;
	return {
		features: Float32Array.from({ length: n * d }, (_, at) =>
			value(Math.floor(at / d), at % d),
		),
		shape: [d],
		labels: Int32Array.from(
			{ length: n },
			(_, row) => classes[row % classes.length] as number,
		),
	};
}

function some(
	{ features, shape, labels }: LabelledRows,
	wanted: readonly number[],
): LabelledRows {
	const d = shape[0] as number;
	const out = new Float32Array(wanted.length * d);
	wanted.forEach((row, i) => {
		out.set(features.subarray(row * d, (row + 1) * d), i * d);
	});
	return {
		features: out,
		shape,
		labels: Int32Array.from(wanted, (row) => labels[row]),
	};
}
