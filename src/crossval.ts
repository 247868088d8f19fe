import { refuseSeveralLabels } from "./data/one-label.ts";
import type { Sample } from "./data/types.ts";
import { RunError } from "./diagnostic.ts";
import { openDevice } from "./engine/backend.ts";
import type { ClassicalHead } from "./experiment/classical-types.ts";
import type { Progress } from "./features/rate.ts";
import { type LabelledRows, readRows } from "./features/rows.ts";
import type { Pipeline } from "./plan/types.ts";
import type { Prepared } from "./prepare.ts";
import { phasesOnRows } from "./run-phases.ts";
import { type FoldMean, foldMean } from "./runs/evaluation/folds.ts";
import { evaluationOf } from "./runs/evaluation/of-predictions.ts";
import type { Evaluation } from "./runs/evaluation/types.ts";
import type { Prediction } from "./runs/types.ts";
import { printable } from "./text.ts";
import { crossValidate } from "./train/classical/cross-validate.ts";
import { fitClassical } from "./train/classical/fit-classical.ts";
import type { CrossValidated } from "./train/classical/types.ts";
import { fitPhases } from "./train/fit-phases.ts";
import {
	assignmentsOf,
	dealFolds,
	type Fold,
	someRows,
} from "./train/folded.ts";
import type { FitEnd } from "./train/types.ts";

/**
 * k-fold cross-validation of an experiment from its cached features: train and valid photos together are dealt out
 * anew, the test photos stay shut.
 *
 *   photos ─ frozen prefix, once ─ rows ─┬─ fold 1 ─ fit on the others ─ predict ─┐
 *                                        └─ fold 2 …                              ├─ mean, interval, every photo once a repeat
 */
export interface CrossvalOptions {
	readonly folds: number;
	readonly repeats: number;
	readonly cacheFolder: string;
	readonly signal: AbortSignal;
	readonly onProgress: (progress: Progress) => void;
	readonly onFold: (fold: Fold, accuracy: number, all: number) => void;
	readonly onWarning: (code: string, message: string) => void;
}

/** What came of it. */
export interface Crossval {
	readonly photos: number;
	readonly folds: number;
	readonly repeats: number;
	readonly accuracy: FoldMean;
	/** Of each fold, in order. */
	readonly scores: readonly number[];
	/** Of the first repeat: every photo predicted by a head that has not seen it. */
	readonly evaluation: Evaluation | undefined;
	/** Photos by how many repeats had them wrong, most first; those that were always right are left out. */
	readonly wrong: readonly {
		readonly path: string;
		readonly label: string;
		/** Repeats that had it wrong. */
		readonly times: number;
		/** What it was taken for in most of them. */
		readonly taken: string;
	}[];
}

/** @throws RunError "multi-label-verb"; "crossval-random" where training rows are drawn anew each epoch; "too-many-folds". */
export async function crossvalidate(
	prepared: Prepared,
	options: CrossvalOptions,
): Promise<Crossval> {
	const { plan, dataset, loaded } = prepared;
	if (dataset === undefined)
		throw new Error("internal: cross-validation needs photos");
	refuseSeveralLabels(
		loaded.experiment,
		"crossval",
		"folds are dealt class by class",
	);
	if (plan.train.featureKey === undefined)
		throw new RunError(
			"crossval-random",
			`cross-validation needs features that stay the same, but ${plan.train.cutReason}`,
			{
				fix: "give it the transforms of evaluation: put the random ones out of transforms.train",
			},
		);
	const photos = dataset.samples.filter(({ split }) => split !== "test");
	// Before the photos pass the network, and again without those that cannot be read.
	checkFolds(options.folds, photos, dataset.classNames);
	const held = await extractRows(prepared, photos, plan.eval, options);
	const isShared = plan.train.featureKey === plan.eval.featureKey;
	const train = isShared
		? held
		: await extractRows(prepared, held.samples, plan.train, options);
	const { samples } = held;
	checkFolds(options.folds, samples, dataset.classNames);
	const { seed } = loaded.experiment;
	const folds = dealFolds(
		held.rows.labels,
		samples.map(({ sha256 }) => sha256),
		{ folds: options.folds, repeats: options.repeats, seed },
	);
	const predictions: Prediction[][] = Array.from(
		{ length: options.repeats },
		() => [],
	);
	const scores: number[] = [];
	// Heads without epochs share what all folds need, where training sees the same rows as evaluation.
	const atOnce =
		plan.classical && isShared
			? classicalFolds(prepared, plan.classical, held.rows, folds, options)
			: undefined;
	for (const fold of folds) {
		const end =
			atOnce?.(fold) ??
			(await fitFold(prepared, fold, train.rows, held.rows, options));
		const said = predictionsOf(end, fold, samples, dataset.classNames.length);
		const right = said.filter((one) => one.predicted === one.label).length;
		scores.push(right / Math.max(1, said.length));
		// Only the first repeat is scored; of the others who was wrong is kept.
		for (const one of said)
			predictions[fold.repeat - 1]?.push(
				fold.repeat === 1 ? one : { ...one, probabilities: [] },
			);
		options.onFold(fold, scores.at(-1) ?? 0, folds.length);
	}
	return {
		photos: samples.length,
		...{ folds: options.folds, repeats: options.repeats, scores },
		accuracy: foldMean(scores, 1 / (options.folds - 1)),
		evaluation: evaluationOf(predictions[0] ?? [], dataset.classNames),
		wrong: oftenWrong(predictions, dataset.classNames),
	};
}

/** Each fold holds photos of each class; copies of a photo stay in one. @throws RunError "too-many-folds" */
function checkFolds(
	folds: number,
	samples: readonly Sample[],
	classNames: readonly string[],
): void {
	const contents = classNames.map(() => new Set<string>());
	for (const { label, sha256 } of samples) contents[label]?.add(sha256);
	const counts = contents.map(({ size }) => size);
	const smallest = counts.reduce((a, b) => Math.min(a, b));
	if (folds <= smallest) return;
	const name = printable(classNames[counts.indexOf(smallest)] ?? "");
	throw new RunError(
		"too-many-folds",
		`${folds} folds need ${folds} photos of each class, and "${name}" has ${smallest}`,
		{
			fix:
				smallest < 2
					? `add photos of "${name}": cross-validation takes two of each class`
					: `write --folds ${smallest}`,
		},
	);
}

async function extractRows(
	{ plan, dataset, loaded, backbone }: Prepared,
	wanted: readonly Sample[],
	pipeline: Pipeline,
	options: CrossvalOptions,
): Promise<{ rows: LabelledRows; samples: readonly Sample[] }> {
	if (dataset === undefined) throw new Error("internal: no photos");
	const { loadWeights } = backbone;
	const { experiment } = loaded;
	const request = { plan, dataset, experiment, loadWeights, ...options };
	const { samples, rowsOf } = await readRows(request, wanted, pipeline);
	return { rows: rowsOf(samples), samples };
}

/** The same fit as a run's, on the fold's rows; each repeat with a seed of its own. */
async function fitFold(
	prepared: Prepared,
	{ repeat, train, held }: Fold,
	trainRows: LabelledRows,
	heldRows: LabelledRows,
	{ signal }: CrossvalOptions,
): Promise<FitEnd> {
	const { plan, loaded } = prepared;
	const seed = loaded.experiment.seed + repeat - 1;
	if (plan.classical === undefined) await openDevice(loaded.experiment.device);
	const [own, others] = [someRows(trainRows, train), someRows(heldRows, held)];
	const { classical: head, numClasses, added } = plan;
	const events = head
		? fitClassical({
				...{ head, numClasses, seed, added, signal },
				...{ train: own, valid: others },
			})
		: fitPhases(
				phasesOnRows(prepared, { train: own, valid: others }, seed, signal),
			);
	for await (const event of events) if (event.type === "end") return event;
	throw signal.reason;
}

/** Every fold's answers from one call. */
function classicalFolds(
	{ plan, loaded }: Prepared,
	head: ClassicalHead,
	rows: LabelledRows,
	dealt: readonly Fold[],
	{ folds, repeats: times }: Pick<CrossvalOptions, "folds" | "repeats">,
): (fold: Fold) => Answered {
	const { numClasses: k } = plan;
	const { repeats } = crossValidate({
		...{ rows, head, numClasses: k, seed: loaded.experiment.seed },
		...{ folds, repeats: times },
		assignments: assignmentsOf(dealt, rows.labels.length),
	});
	return ({ repeat, held }) => {
		const { probabilities, predicted } = repeats[repeat - 1] as CrossValidated;
		const chosen = new Float32Array(held.length * k);
		held.forEach((row, place) => {
			chosen.set(probabilities.subarray(row * k, (row + 1) * k), place * k);
		});
		return {
			validProbabilities: chosen,
			validPredicted: held.map((row) => predicted[row] as number),
			validLosses: Float64Array.from(held, (row) => {
				const own = probabilities[row * k + (rows.labels[row] as number)];
				return -Math.log(Math.max(1e-12, own as number));
			}),
		};
	};
}

/** What a fold's held-out rows were told. */
type Answered = Pick<
	FitEnd,
	"validProbabilities" | "validLosses" | "validPredicted"
>;

function predictionsOf(
	{ validProbabilities, validLosses, validPredicted }: Answered,
	{ held }: Fold,
	samples: readonly Sample[],
	k: number,
): readonly Prediction[] {
	return [...held].map((row, place) => {
		const { path, sha256, label } = samples[row] as Sample;
		return {
			...{ path, sha256, label },
			predicted: validPredicted[place] as number,
			probabilities: [
				...validProbabilities.subarray(place * k, (place + 1) * k),
			],
			loss: validLosses[place] as number,
		};
	});
}

function oftenWrong(
	repeats: readonly (readonly Prediction[])[],
	classNames: readonly string[],
): Crossval["wrong"] {
	const taken = new Map<string, { label: number; said: number[] }>();
	for (const { path, label, predicted } of repeats.flat()) {
		if (label === predicted) continue;
		const one = taken.get(path) ?? { label, said: [] };
		one.said.push(predicted);
		taken.set(path, one);
	}
	return [...taken]
		.map(([path, { label, said }]) => ({
			path,
			label: classNames[label] ?? String(label),
			times: said.length,
			taken: classNames[mostFrequent(said)] ?? "",
		}))
		.sort((a, b) => b.times - a.times || (a.path < b.path ? -1 : 1));
}

function mostFrequent(values: readonly number[]): number {
	const counts = new Map<number, number>();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}
