import { cpSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CorruptPhoto, Dataset } from "../data/types.ts";
import { makeFolder } from "../make-folder.ts";
import type { EpochEvent, FitEnd } from "../train/types.ts";
import { rightShare } from "./labels.ts";
import type { Metric, Prediction } from "./types.ts";

/** From what training yields to what a record holds. */

/** An epoch as MLflow's metrics; their step is the optimizer's. */
export function epochMetrics(
	event: EpochEvent,
	timestamp: number,
): readonly Metric[] {
	const values = {
		"train/loss": event.trainLoss,
		"train/accuracy": event.trainAccuracy,
		"valid/loss": event.validLoss,
		"valid/accuracy": event.validAccuracy,
	};
	return Object.entries(values).map(([key, value]) => ({
		key,
		value,
		step: event.step,
		timestamp,
	}));
}

/** One prediction a valid photo, in dataset order. */
export function predictionsOf(
	dataset: Dataset,
	{ validProbabilities, validLosses, validPredicted }: FitEnd,
): readonly Prediction[] {
	const classes = dataset.classNames.length;
	return dataset.samples
		.filter(({ split }) => split === "valid")
		.map(({ path, sha256, label, labels }, row) => {
			const from = row * classes;
			return {
				path,
				sha256,
				label,
				...(labels && { labels }),
				predicted: validPredicted[row],
				probabilities: [...validProbabilities.subarray(from, from + classes)],
				loss: validLosses[row],
			};
		});
}

/** Training photos from all over the list, so that every class is likely to be among them. */
export function previewPhotos(
	{ samples }: Dataset,
	most: number,
): readonly string[] {
	const photos = samples.filter(({ split }) => split === "train");
	const count = Math.min(most, photos.length);
	return Array.from(
		{ length: count },
		(_, index) =>
			photos[Math.floor(((index + 0.5) * photos.length) / count)]
				?.path as string,
	);
}

/** Split → photos per class. */
export function countsOf({
	samples,
	classNames,
}: Dataset): Record<string, number[]> {
	const counts: Record<string, number[]> = {};
	for (const { split, label, labels = [label] } of samples) {
		counts[split] ??= classNames.map(() => 0);
		const ofSplit = counts[split] as number[];
		for (const one of labels) ofSplit[one] = (ofSplit[one] as number) + 1;
	}
	return counts;
}

/** Split → photos, where a photo may have several classes; undefined where each has one. */
export function photoCounts({
	samples,
}: Dataset): Record<string, number> | undefined {
	if (samples.every(({ labels }) => labels === undefined)) return undefined;
	const counts: Record<string, number> = {};
	for (const { split } of samples) counts[split] = (counts[split] ?? 0) + 1;
	return counts;
}

/**
 * Copies the photos that could not be decoded to `<folder>/quarantine/`; the originals stay where they are.
 * @returns quarantine.csv: their paths and reasons.
 */
export function quarantine(
	folder: string,
	root: string,
	corrupt: readonly CorruptPhoto[],
): string {
	for (const { path } of corrupt) {
		const target = join(folder, "quarantine", path);
		makeFolder(dirname(target));
		cpSync(join(root, path), target);
	}
	const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
	const lines = corrupt.map(
		({ path, reason }) => `${quote(path)},${quote(reason)}`,
	);
	return ["path,reason", ...lines, ""].join("\n");
}

/** What the mean over several views of each valid photo is worth, beside the photo's own. */
export function viewMetrics(
	predictions: readonly Prediction[],
	{
		validPredicted,
		validLosses,
		validProbabilities,
	}: Pick<FitEnd, "validPredicted" | "validLosses" | "validProbabilities">,
	at: { readonly step: number; readonly timestamp: number },
): readonly Metric[] {
	const k = validProbabilities.length / Math.max(1, predictions.length);
	const right = predictions.map((prediction, row) =>
		rightShare({
			...prediction,
			predicted: validPredicted[row] as number,
			probabilities: [...validProbabilities.subarray(row * k, row * k + k)],
		}),
	);
	const loss = validLosses.reduce((sum, value) => sum + value, 0);
	const n = Math.max(1, predictions.length);
	return [
		{
			key: "valid/accuracy_tta",
			value: right.reduce((a, b) => a + b, 0) / n,
			...at,
		},
		{ key: "valid/loss_tta", value: loss / n, ...at },
	];
}
