import { balanceOf } from "./checks/balance.ts";
import { DUPLICATE_NEIGHBOURS, findDuplicates } from "./checks/duplicates.ts";
import { findLabelErrors } from "./checks/label-errors.ts";
import { learningCurve } from "./checks/learning-curve.ts";
import { findOutliers, OUTLIER_NEIGHBOURS } from "./checks/outliers.ts";
import { type Picture, readPicture } from "./checks/pictures.ts";
import { directions, nearestRows } from "./checks/similar.ts";
import type { DataFindings } from "./checks/types.ts";
import { refuseSeveralLabels } from "./data/one-label.ts";
import type { Dataset, Sample } from "./data/types.ts";
import type { ClassicalHead } from "./experiment/classical-types.ts";
import type { Progress } from "./features/rate.ts";
import { type LabelledRows, readRows, samplesOf } from "./features/rows.ts";
import type { Prepared } from "./prepare.ts";
import { random } from "./random.ts";
import { crossValidate } from "./train/classical/cross-validate.ts";
import { fitHead } from "./train/classical/fit-head.ts";

/**
 * What is odd about the photos of an experiment, from the features that its runs use.
 *
 *   photos ─ eval prefix (cache) ─ rows ─┬─ neighbours ─ duplicates, outliers
 *                                        ├─ out-of-fold probabilities ─ likely label errors
 *                                        └─ shares of the training photos ─ learning curve
 */
export interface CheckDataOptions {
	readonly cacheFolder: string;
	readonly onProgress: (progress: Progress) => void;
	readonly onWarning: (code: string, message: string) => void;
	/** What begins now: "duplicates", "labels, dealing 1 of 3", "learning curve". */
	readonly onStep: (step: string) => void;
}

/** Strong enough to find what does not fit, regular enough not to learn it. */
const PROBE: ClassicalHead = {
	logistic: { C: 1, class_weight: "balanced", standardize: true },
};
const FOLDS = 5;
/** Dealings of the photos whose probabilities are averaged: one alone depends on who fell into which fold. */
const REPEATS = 3;

/** Photos that cannot be read are findings here, never errors. @throws RunError of the world, as Extractor.extract. */
export async function checkData(
	{ loaded, plan, dataset, backbone }: Prepared,
	options: CheckDataOptions,
): Promise<DataFindings> {
	if (dataset === undefined)
		throw new Error("internal: a check of data needs photos");
	refuseSeveralLabels(
		loaded.experiment,
		"data check",
		"wrong labels, balance and the learning curve are of one class a photo",
	);
	const experiment = {
		...loaded.experiment,
		data: { ...loaded.experiment.data, on_corrupt: "skip" as const },
	};
	const request = {
		...{ plan, dataset, experiment, ...options },
		loadWeights: backbone.loadWeights,
	};
	const { samples, corrupt, rowsOf } = await readRows(
		request,
		dataset.samples,
		plan.eval,
	);
	const contents = firstOfEach(samples);

	options.onStep("duplicates");
	const all = rowsOf(contents);
	const d = all.shape.reduce((product, size) => product * size, 1);
	const neighbours = nearestRows(
		directions(all.features, contents.length, d),
		contents.length,
		d,
		Math.max(DUPLICATE_NEIGHBOURS, OUTLIER_NEIGHBOURS),
	);
	const duplicates = await findDuplicates({
		...{ samples, contents, neighbours },
		picture: pictureReader(dataset, experiment.data.exif),
	});

	const { classNames } = dataset;
	// The test photos stay shut: no number is computed from their labels.
	const open = samples.filter(({ split }) => split !== "test");
	const labelErrors = findLabelErrors(
		open,
		outOfFold(
			open,
			rowsOf(open),
			classNames.length,
			groupsOf(open, duplicates),
			(repeat) => options.onStep(`labels, dealing ${repeat + 1} of ${REPEATS}`),
		),
		classNames.length,
	);

	options.onStep("learning curve");
	const train = samplesOf({ ...dataset, samples }, "train");
	const valid = samplesOf({ ...dataset, samples }, "valid");
	return {
		photos: dataset.samples.length,
		...{ duplicates, labelErrors },
		outliers: findOutliers(contents, neighbours),
		corrupt: [...dataset.corrupt, ...corrupt],
		learningCurve: curveOf(rowsOf(train), rowsOf(valid), classNames.length),
		balance: balanceOf(
			classNames,
			classNames.map(
				(_, label) => train.filter((sample) => sample.label === label).length,
			),
		),
	};
}

function firstOfEach(samples: readonly Sample[]): readonly Sample[] {
	const seen = new Set<string>();
	return samples.filter(({ sha256 }) => {
		const isNew = !seen.has(sha256);
		seen.add(sha256);
		return isNew;
	});
}

/** Each photo is decoded once, however many neighbours ask for it. */
function pictureReader({ root }: Dataset, exif: "apply" | "ignore") {
	const known = new Map<string, Promise<Picture | undefined>>();
	return ({ path, sha256 }: Sample) => {
		const found =
			known.get(sha256) ?? readPicture(root, path, exif).catch(() => undefined);
		known.set(sha256, found);
		return found;
	};
}

/** A number a sample; photos of one picture share theirs. */
function groupsOf(
	samples: readonly Sample[],
	duplicates: DataFindings["duplicates"],
): Int32Array {
	const groupOf = new Map<Sample, number>();
	duplicates.forEach((group, index) => {
		for (const sample of group.samples) groupOf.set(sample, index);
	});
	return Int32Array.from(
		samples,
		(sample, row) => groupOf.get(sample) ?? duplicates.length + row,
	);
}

/** Probabilities of each photo by a head that has seen neither it nor another photo of the same picture. */
function outOfFold(
	samples: readonly Sample[],
	rows: LabelledRows,
	numClasses: number,
	groups: Int32Array,
	onRepeat: (repeat: number) => void,
): Float64Array {
	const mean = new Float64Array(samples.length * numClasses);
	// One by one: of hundreds of classes each takes minutes.
	for (let repeat = 0; repeat < REPEATS; repeat++) {
		onRepeat(repeat);
		const { repeats } = crossValidate({
			...{ rows, numClasses, head: PROBE, seed: 0, folds: FOLDS },
			repeats: 1,
			assignments: [dealGroups(samples, groups, repeat)],
		});
		repeats[0]?.probabilities.forEach((p, at) => {
			mean[at] = (mean[at] as number) + p / REPEATS;
		});
	}
	return mean;
}

/** Whole groups to folds, class by class in a drawn order, so that each fold holds every class in its share. */
function dealGroups(
	samples: readonly Sample[],
	groups: Int32Array,
	repeat: number,
): Int32Array {
	const foldOf = new Map<number, number>();
	const order = random(0, "data check", repeat).permutation(samples.length);
	const sorted = [...order].sort(
		(a, b) => (samples[a]?.label ?? 0) - (samples[b]?.label ?? 0),
	);
	let next = 0;
	for (const row of sorted) {
		const group = groups[row] as number;
		if (!foldOf.has(group)) foldOf.set(group, next++ % FOLDS);
	}
	return groups.map((group) => foldOf.get(group) ?? 0);
}

function curveOf(
	train: LabelledRows,
	valid: LabelledRows,
	numClasses: number,
): DataFindings["learningCurve"] {
	if (valid.labels.length === 0) return undefined;
	const width = train.features.length / Math.max(1, train.labels.length);
	return learningCurve(train.labels, 0, (rows) => {
		const features = new Float32Array(rows.length * width);
		rows.forEach((row, place) => {
			features.set(
				train.features.subarray(row * width, (row + 1) * width),
				place * width,
			);
		});
		const labels = rows.map((row) => train.labels[row] as number);
		const head = fitHead({
			rows: { features, labels, shape: train.shape },
			...{ numClasses, head: PROBE, seed: 0 },
		});
		const { predicted } = head.answer(valid.features);
		const right = predicted.filter((label, i) => label === valid.labels[i]);
		return right.length / valid.labels.length;
	});
}
