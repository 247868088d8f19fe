import assert from "node:assert/strict";
import test from "node:test";
import { fitHead } from "../../../src/train/classical/fit-head.ts";
import { goldenHeads, headOf, realRows } from "./features.ts";

/** Decisions and weights within this of scikit-learn's, which are fitted with tol=1e-9. */
const TOLERANCE = 1e-3;

for (const golden of goldenHeads)
	test(`${golden.name} is scikit-learn's`, () => {
		const { step, classes } = golden;
		const train = realRows("train", { step, classes });
		const valid = realRows("valid", { step, classes });
		const fitted = fitHead({
			rows: train,
			numClasses: classes,
			head: headOf(golden.head),
			seed: 0,
		});
		const answers = fitted.answer(valid.features);
		assert.deepEqual([...answers.predicted], golden.predicted);

		// Of two classes scikit-learn has one decision: the second class's.
		const factor = golden.name.startsWith("logistic") ? 2 : 1;
		golden.decisions?.forEach((expected, row) => {
			const own =
				typeof expected === "number"
					? [factor * answers.decisions[row * classes + 1]]
					: [...answers.decisions.subarray(row * classes, (row + 1) * classes)];
			const wanted = typeof expected === "number" ? [expected] : expected;
			// Softmax leaves a number free that is added to all classes.
			const shift = golden.name.startsWith("logistic") && own.length > 1;
			near(own, shift ? moved(wanted, own) : wanted, `decisions of ${row}`);
		});
		golden.probabilities?.forEach((expected, row) => {
			const from = row * classes;
			near(
				[...answers.probabilities.subarray(from, from + classes)],
				expected,
				`probabilities of ${row}`,
			);
		});
		golden.weight?.forEach((expected, c) => {
			const { weight } = fitted.linear as { weight: Float64Array };
			const d = train.shape[0] as number;
			const isOne = golden.weight?.length === 1;
			const at = isOne ? d : c * d;
			const own = [...weight.subarray(at, at + expected.length)];
			near(
				isOne ? own.map((value) => factor * value) : own,
				expected,
				`w ${c}`,
			);
		});
		if (golden.alpha !== undefined) {
			assert.equal(fitted.path?.chosen, golden.alpha);
			near(fitted.path?.loss ?? [], golden.loss ?? [], "leave-one-out loss");
		}
	});

function moved(
	expected: readonly number[],
	own: readonly number[],
): readonly number[] {
	const by = own.reduce((sum, value, c) => sum + value - expected[c], 0);
	return expected.map((value) => value + by / own.length);
}

function near(
	own: readonly number[],
	expected: readonly number[],
	what: string,
): void {
	assert.equal(own.length, expected.length, what);
	own.forEach((value, index) => {
		const off = Math.abs(value - expected[index]);
		const scale = Math.max(1, Math.abs(expected[index]));
		assert.ok(
			off <= TOLERANCE * scale,
			`${what}[${index}]: ${value} against ${expected[index]}`,
		);
	});
}
