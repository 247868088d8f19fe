import { isThere } from "../../train/loss.ts";
import { averagePrecision, rocAuc } from "./ranking.ts";
import type { PrecisionRecall } from "./types.ts";

/** How good predictions of several labels a photo are. Plain data, JSON-serialisable. */
export interface MultiLabelEvaluation {
	readonly photos: number;
	/** Probabilities above it say that a class is there. */
	readonly threshold: 0.5;
	/** Share of all labels that are right, those that are not there too: 1 - hammingLoss; what valid/accuracy is (Keras's binary_accuracy). */
	readonly accuracy: number;
	/** sklearn's hamming_loss. */
	readonly hammingLoss: number;
	/** Share of the photos whose labels are all right: sklearn's accuracy_score. */
	readonly subsetAccuracy: number;
	/** Over all labels together, the mean over the classes, the mean over the photos; 0 where nothing is to be found or was said (sklearn's zero_division=0). */
	readonly micro: PrecisionRecall;
	readonly macro: PrecisionRecall;
	readonly samples: PrecisionRecall;
	/** In class order. */
	readonly classes: readonly LabelScores[];
	/** mAP: the mean over the classes that a photo has; undefined where none has one. */
	readonly averagePrecision: number | undefined;
	/** Over the classes that some photos have and some have not. */
	readonly rocAuc: number | undefined;
	/** Mean cross entropy of all labels, natural log. */
	readonly logLoss: number;
}

/** Of one class: precision, recall and F1 at the threshold. */
export interface LabelScores extends PrecisionRecall {
	readonly name: string;
	/** Photos that have it. */
	readonly support: number;
	/** Photos that are said to have it. */
	readonly predicted: number;
	/** sklearn's average_precision_score; undefined where no photo has it. */
	readonly averagePrecision: number | undefined;
	readonly rocAuc: number | undefined;
}

/** What is scored: n photos, k classes. */
export interface ScoredLabels {
	readonly classNames: readonly string[];
	/** The classes of each photo. */
	readonly labels: readonly (readonly number[])[];
	/** n rows of k probabilities, 0 … 1, each by itself. */
	readonly probabilities: readonly (readonly number[])[];
}

/** Every number of it; n at least 1. */
export function evaluateLabels({
	classNames,
	labels,
	probabilities,
}: ScoredLabels): MultiLabelEvaluation {
	const k = classNames.length;
	const n = labels.length;
	const truths = labels.map((own) => {
		const has = new Set(own);
		return classNames.map((_, index) => has.has(index));
	});
	const said = probabilities.map((row) => row.map(isThere));
	const perPhoto = truths.map((row, i) => counted(row, said[i] ?? []));
	const perClass = classNames.map((_, c) => column(truths, said, c));
	const classes = classNames.map((name, c): LabelScores => {
		const counts = perClass[c] as Counts;
		const scores = probabilities.map((row) => row[c] ?? 0);
		const positive = truths.map((row) => row[c] as boolean);
		return {
			name,
			support: counts.there,
			predicted: counts.said,
			...scoresOf(counts),
			averagePrecision: averagePrecision(scores, positive),
			rocAuc: rocAuc(scores, positive),
		};
	});
	const wrong = perPhoto.map((one) => one.there + one.said - 2 * one.both);
	const hammingLoss = sum(wrong) / (n * k);
	return {
		photos: n,
		threshold: 0.5,
		accuracy: 1 - hammingLoss,
		hammingLoss,
		subsetAccuracy: wrong.filter((count) => count === 0).length / n,
		micro: scoresOf({
			both: sum(perClass.map(({ both }) => both)),
			there: sum(perClass.map(({ there }) => there)),
			said: sum(perClass.map((one) => one.said)),
		}),
		macro: meanScores(perClass.map(scoresOf)),
		samples: meanScores(perPhoto.map(scoresOf)),
		classes,
		averagePrecision: known(classes.map((one) => one.averagePrecision)),
		rocAuc: known(classes.map((one) => one.rocAuc)),
		logLoss: meanCrossEntropy(truths, probabilities),
	};
}

/** Labels that are there, that were said, and both. */
interface Counts {
	readonly both: number;
	readonly there: number;
	readonly said: number;
}

function counted(there: readonly boolean[], said: readonly boolean[]): Counts {
	return {
		both: there.filter((is, index) => is && said[index]).length,
		there: there.filter(Boolean).length,
		said: said.filter(Boolean).length,
	};
}

function column(
	there: readonly (readonly boolean[])[],
	said: readonly (readonly boolean[])[],
	index: number,
): Counts {
	const of = (rows: readonly (readonly boolean[])[]) =>
		rows.map((row) => row[index] ?? false);
	return counted(of(there), of(said));
}

function scoresOf({ both, there, said }: Counts): PrecisionRecall {
	return {
		precision: said === 0 ? 0 : both / said,
		recall: there === 0 ? 0 : both / there,
		f1: there + said === 0 ? 0 : (2 * both) / (there + said),
	};
}

function meanScores(all: readonly PrecisionRecall[]): PrecisionRecall {
	const of = (key: keyof PrecisionRecall) =>
		sum(all.map((one) => one[key])) / all.length;
	return { precision: of("precision"), recall: of("recall"), f1: of("f1") };
}

function meanCrossEntropy(
	truths: readonly (readonly boolean[])[],
	probabilities: readonly (readonly number[])[],
): number {
	const losses = truths.flatMap((row, i) =>
		row.map((is, c) => {
			const p = probabilities[i]?.[c] ?? 0;
			return -Math.log(Math.max(LEAST, is ? p : 1 - p));
		}),
	);
	return sum(losses) / losses.length;
}

/** Probabilities are kept away from 0 by as much when their logarithm is taken. */
const LEAST = 1e-12;

function known(values: readonly (number | undefined)[]): number | undefined {
	const there = values.filter((value) => value !== undefined);
	return there.length === 0 ? undefined : sum(there) / there.length;
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
