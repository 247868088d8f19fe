import { wilsonInterval } from "../wilson.ts";
import { calibrate, logLoss } from "./calibration.ts";
import { averagePrecision, rocAuc } from "./ranking.ts";
import type {
	ClassScores,
	Evaluation,
	PrecisionRecall,
	Scored,
} from "./types.ts";

/** Every number of a split. Pure; definitions are scikit-learn's where it has one. @param scored at least one photo. */
export function evaluatePredictions(scored: Scored): Evaluation {
	const { classNames, labels, probabilities, predicted } = scored;
	const n = labels.length;
	const confusion = confusionOf(scored);
	const classes = classNames.map((name, index) =>
		classScores(name, index, confusion, scored),
	);
	const right = confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
	const present = classes.filter(({ support }) => support > 0);
	// As sklearn: classes that neither appear nor are predicted do not count.
	const seen = classes.filter(
		({ support }, index) =>
			support > 0 || confusion.some((row) => (row[index] ?? 0) > 0),
	);
	return {
		photos: n,
		accuracy: right / n,
		accuracyInterval: wilsonInterval(right, n),
		balancedAccuracy: mean(present.map(({ recall }) => recall)),
		topK: topK(scored),
		macro: average(seen, () => 1),
		weighted: average(seen, ({ support }) => support),
		classes,
		confusion,
		logLoss: logLoss(scored),
		brier: mean(
			probabilities.map((row, i) =>
				row.reduce(
					(sum, p, k) => sum + (p - (labels[i] === k ? 1 : 0)) ** 2,
					0,
				),
			),
		),
		rocAuc: overClasses(classes.map((scores) => scores.rocAuc)),
		averagePrecision: overClasses(
			classes.map((scores) => scores.averagePrecision),
		),
		calibration: calibrate({ classNames, labels, probabilities, predicted }),
	};
}

function confusionOf({ classNames, labels, predicted }: Scored): number[][] {
	const matrix = classNames.map(() => classNames.map(() => 0));
	labels.forEach((label, i) => {
		const row = matrix[label] as number[];
		const column = predicted[i] as number;
		row[column] = (row[column] ?? 0) + 1;
	});
	return matrix;
}

function classScores(
	name: string,
	index: number,
	confusion: readonly (readonly number[])[],
	{ labels, probabilities }: Scored,
): ClassScores {
	const right = confusion[index]?.[index] ?? 0;
	const support = (confusion[index] ?? []).reduce((a, b) => a + b, 0);
	const predicted = confusion.reduce((sum, row) => sum + (row[index] ?? 0), 0);
	const scores = probabilities.map((row) => row[index] ?? 0);
	const positive = labels.map((label) => label === index);
	return {
		name,
		support,
		precision: predicted === 0 ? 0 : right / predicted,
		recall: support === 0 ? 0 : right / support,
		f1: support + predicted === 0 ? 0 : (2 * right) / (support + predicted),
		recallInterval: wilsonInterval(right, support),
		rocAuc: rocAuc(scores, positive),
		averagePrecision: averagePrecision(scores, positive),
	};
}

function average(
	classes: readonly ClassScores[],
	weight: (scores: ClassScores) => number,
): PrecisionRecall {
	const total = classes.reduce((sum, scores) => sum + weight(scores), 0);
	const of = (key: keyof PrecisionRecall) =>
		classes.reduce((sum, scores) => sum + weight(scores) * scores[key], 0) /
		total;
	return { precision: of("precision"), recall: of("recall"), f1: of("f1") };
}

/** Share of photos whose label is among the k largest; ties go to the lower class index, as argmax does. */
function topK({
	classNames,
	labels,
	probabilities,
}: Scored): Record<string, number> {
	const k = 5;
	if (classNames.length <= k) return {};
	const hits = labels.filter((label, i) => {
		const row = probabilities[i] ?? [];
		const own = row[label] ?? 0;
		const before = row.filter(
			(p, other) => p > own || (p === own && other < label),
		);
		return before.length < k;
	});
	return { [k]: hits.length / labels.length };
}

/** Of two classes the second's, of more the mean; undefined where one is undefined. */
function overClasses(
	values: readonly (number | undefined)[],
): number | undefined {
	if (values.length === 2) return values[1];
	const known = values.filter((value) => value !== undefined);
	return known.length < values.length || known.length === 0
		? undefined
		: mean(known);
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
