import { countRight } from "../evaluate.ts";
import {
	answersOf,
	fitNear,
	isLinear,
	needsOf,
	spaceOptions,
} from "./fit-head.ts";
import { fitLinear } from "./fit-linear.ts";
import { splitsOf, stratifiedFolds } from "./folds.ts";
import { decisionsOf } from "./linear.ts";
import { gathered } from "./matrix.ts";
import { featuresOf, openSpace, scaled, scalingOf } from "./space.ts";
import { atOnce } from "./steps.ts";
import type {
	Answers,
	CrossValidated,
	CrossValidateInput,
	CrossValidation,
	PathCurve,
} from "./types.ts";

/** What one fold's photos are told by the others. */
interface Held {
	readonly answers: Answers;
	readonly path: PathCurve | undefined;
}

/**
 * Each photo's answers by heads that were fitted without it, `repeats` times. `C` or `alpha` is chosen anew inside each
 * fold's training photos, and features are standardised by them alone, so that nothing is known of the held-out ones.
 *
 *   photos ─ coordinates, once ─┬─ fold 1 ─ choose C inside ─ fit ─ answer held-out rows ─┐
 *                               └─ fold 2 …                                               ├─ every row once a repeat
 *
 * The same input gives the same bytes. @throws RunError "features-not-finite", "one-class", "too-many-neighbours".
 */
export function crossValidate(input: CrossValidateInput): CrossValidation {
	const { rows, numClasses } = input;
	const { labels } = rows;
	const n = labels.length;
	const assignments = assignmentsOf(input);
	const answer = openAnswers(input);
	const paths: PathCurve[] = [];
	const results = assignments.map((foldOf): CrossValidated => {
		const decisions = new Float64Array(n * numClasses);
		const probabilities = new Float64Array(n * numClasses);
		const predicted = new Int32Array(n);
		const accuracy: number[] = [];
		const chosen: (number | undefined)[] = [];
		for (const { train, held } of splitsOf(foldOf)) {
			const { answers, path } = answer(train, held);
			held.forEach((row, i) => {
				const from = i * numClasses;
				const to = from + numClasses;
				decisions.set(answers.decisions.subarray(from, to), row * numClasses);
				probabilities.set(
					answers.probabilities.subarray(from, to),
					row * numClasses,
				);
				predicted[row] = answers.predicted[i];
			});
			const right = countRight(
				answers.predicted,
				held.map((row) => labels[row]),
			);
			accuracy.push(held.length === 0 ? Number.NaN : right / held.length);
			chosen.push(path?.chosen);
			if (path !== undefined) paths.push(path);
		}
		return { foldOf, decisions, probabilities, predicted, accuracy, chosen };
	});
	const scores = results
		.flatMap(({ accuracy }) => accuracy)
		.filter((score) => !Number.isNaN(score));
	return { repeats: results, accuracy: mean(scores), path: meanPath(paths) };
}

/** Fold of each row, one array a repeat. */
export function assignmentsOf({
	rows: { labels },
	folds,
	repeats,
	seed,
	assignments,
}: CrossValidateInput): readonly Int32Array[] {
	const most = Math.min(folds, labels.length);
	return (
		assignments ??
		Array.from({ length: repeats }, (_, repeat) =>
			stratifiedFolds(labels, most, seed, repeat + 1),
		)
	);
}

/** Fits on some rows and answers others; what can be shared by all folds is computed here. */
function openAnswers({
	rows,
	numClasses,
	head,
	seed,
}: CrossValidateInput): (train: Int32Array, held: Int32Array) => Held {
	const { labels } = rows;
	const { x, n, d } = featuresOf(rows);
	const needs = needsOf(head);
	const labelsOf = (some: Int32Array) => some.map((row) => labels[row]);
	const scalingFor = (train: Int32Array) =>
		scalingOf(gathered(x, d, train), train.length, d, needs);
	if (!isLinear(head))
		return (train, held) => {
			const moved = needs.standardize ? scaled(x, d, scalingFor(train)) : x;
			const known = gathered(moved, d, train);
			const fitted = fitNear(known, d, labelsOf(train), numClasses, head);
			const asked = gathered(moved, d, held);
			return { answers: fitted.answer(asked, held.length), path: undefined };
		};
	const options = { ...spaceOptions(head), rotate: true };
	const shared = needs.standardize
		? undefined
		: openSpace(x, n, d, scalingOf(x, n, d, needs), options);
	return (train, held) => {
		const space = shared ?? openSpace(x, n, d, scalingFor(train), options);
		const { z, r } = space;
		const { fit, path } = atOnce(
			fitLinear(
				gathered(z, r, train),
				r,
				labelsOf(train),
				numClasses,
				head,
				seed,
			),
		);
		const asked = gathered(z, r, held);
		const decisions = decisionsOf(fit, asked, held.length, r);
		return { answers: answersOf(decisions, held.length), path };
	};
}

function meanPath(paths: readonly PathCurve[]): CrossValidation["path"] {
	const [first] = paths;
	if (first === undefined) return undefined;
	const over = (key: "accuracy" | "loss") =>
		first.values.map((_, index) => mean(paths.map((path) => path[key][index])));
	return {
		name: first.name,
		values: first.values,
		accuracy: over("accuracy"),
		loss: over("loss"),
		how: first.how,
	};
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
