import { isThere } from "../train/loss.ts";
import type { Prediction, RunRecord } from "./types.ts";

/** What a photo is and what was said of it, whether it has one class or several. */

/** Whether photos may have several classes. */
export function isMultiLabel(
	predictions: readonly Pick<Prediction, "labels">[],
): boolean {
	return predictions.some(({ labels }) => labels !== undefined);
}

/** Its classes, ascending. */
export function classesOf({ label, labels }: Prediction): readonly number[] {
	return labels ?? [label];
}

/** The classes that it was said to have: of one class a photo the likeliest, of several those above one half. */
export function saidOf({
	labels,
	predicted,
	probabilities,
}: Prediction): readonly number[] {
	if (labels === undefined) return [predicted];
	return probabilities.flatMap((probability, index) =>
		isThere(probability) ? [index] : [],
	);
}

/** Whether the class said is the label; of several labels, whether each is right. */
export function isRight(prediction: Prediction): boolean {
	return rightShare(prediction) === 1;
}

/** Share of its classes that are right: 0 or 1 for a photo of one class. */
export function rightShare(prediction: Prediction): number {
	const { label, labels, predicted, probabilities } = prediction;
	if (labels === undefined) return label === predicted ? 1 : 0;
	const right = probabilities.filter(
		(probability, index) => isThere(probability) === labels.includes(index),
	);
	return right.length / probabilities.length;
}

/** "cat, dog"; "no class". */
export function classText(
	indices: readonly number[],
	classNames: readonly string[],
): string {
	if (indices.length === 0) return "no class";
	return indices
		.map((index) => classNames[index] ?? `class ${index}`)
		.join(", ");
}

/** Photos of a split; 0 where nothing is known of it. */
export function photosIn(
	data: Pick<DataEvent, "counts" | "photos"> | undefined,
	split: string,
): number {
	const counts = data?.counts[split] ?? [];
	return data?.photos?.[split] ?? counts.reduce((sum, n) => sum + n, 0);
}

type DataEvent = NonNullable<RunRecord["data"]>;
