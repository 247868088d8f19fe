import { curveOf } from "./choose.ts";
import { assignmentsOf } from "./cross-validate.ts";
import { needsOf, spaceOptions } from "./fit-head.ts";
import { splitsOf } from "./folds.ts";
import { candidatesOf, type LinearHead, type TrainSet } from "./linear.ts";
import { gathered } from "./matrix.ts";
import { featuresOf, openSpace, scalingOf } from "./space.ts";
import { atOnce } from "./steps.ts";
import type { CrossValidateInput, PathCurve } from "./types.ts";

/**
 * Every candidate of `C` or `alpha` on every fold of every repeat, as sklearn's LogisticRegressionCV has it: for looking
 * at the curve. The best value of it is no honest estimate, for it was chosen on the photos it is measured on;
 * `crossValidate` gives that one.
 * @throws RunError "features-not-finite"
 */
export function scorePath(
	input: CrossValidateInput & { readonly head: LinearHead },
): Pick<PathCurve, "values" | "accuracy" | "loss"> {
	const { rows, numClasses, head, seed } = input;
	const { x, n, d } = featuresOf(rows);
	const values = candidatesOf(head);
	const needs = needsOf(head);
	const options = { ...spaceOptions(head), rotate: true };
	const splits = assignmentsOf(input).flatMap(splitsOf);
	const setFor = (scaledBy: Int32Array | undefined): TrainSet => {
		const known = scaledBy ? gathered(x, d, scaledBy) : x;
		const scaling = scalingOf(known, known.length / d, d, needs);
		const { z, r } = openSpace(x, n, d, scaling, options);
		const weights = new Float64Array(n).fill(1);
		return { z, r, labels: rows.labels, classes: numClasses, weights };
	};
	if (!needs.standardize) {
		const curve = atOnce(
			curveOf(setFor(undefined), head, values, splits, seed),
		);
		return { values, ...curve };
	}
	const accuracy = values.map(() => 0);
	const loss = values.map(() => 0);
	const total = splits.reduce((sum, { held }) => sum + held.length, 0);
	for (const split of splits) {
		const set = setFor(split.train);
		const curve = atOnce(curveOf(set, head, values, [split], seed));
		const share = split.held.length / total;
		values.forEach((_, index) => {
			accuracy[index] += share * curve.accuracy[index];
			loss[index] += share * curve.loss[index];
		});
	}
	return { values, accuracy, loss };
}
