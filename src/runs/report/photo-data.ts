import { classesOf, isMultiLabel, saidOf } from "../labels.ts";
import type { Prediction } from "../types.ts";
import type { ReportExtras } from "./extras.ts";
import { jsonScript, type Markup } from "./html.ts";
import { byLoss, onPage } from "./photos.ts";
import { type Images, insetOf } from "./pictures.ts";

/** What the page's script fills the dialog with: photos, least right first, their pictures and heat maps. */

/** Photos of one pair of classes that the page knows. */
const PER_PAIR = 200;
/** Photos that the page knows: about 1 MB. */
const MOST_PHOTOS = 15_000;

/**
 * Of one class a photo: [path, true class, class said, its per cent, the true class's per cent].
 * Of several: [path, classes, classes said, per cent of each of the former, of each of the latter].
 */
export function photoData(
	predictions: readonly Prediction[],
	classNames: readonly string[],
	images: Images,
	{ heat, views }: ReportExtras,
): Markup {
	const isMulti = isMultiLabel(predictions);
	const shown = new Set(onPage(predictions).map(({ path }) => path));
	const listed = listedPhotos(predictions);
	// The page's own pictures are found there: nothing is embedded twice.
	const pictures = listed.flatMap(({ path }) => {
		const image = images.get(path);
		return image === undefined || shown.has(path)
			? []
			: [[path, image, insetOf(image)]];
	});
	const maps = listed.flatMap(({ path }) => {
		const map = heat?.get(path);
		if (map === undefined || !images.has(path)) return [];
		const view = views?.get(path);
		return [
			view === undefined
				? [path, map]
				: [path, map, view.left, view.top, view.width, view.height],
		];
	});
	const photos = listed.map((photo) =>
		isMulti ? severalRow(photo) : oneRow(photo),
	);
	return jsonScript("photo-data", {
		...{ isMulti, classNames, photos, pictures },
		heat: maps,
	});
}

function listedPhotos(predictions: readonly Prediction[]): Prediction[] {
	const perPair = new Map<string, number>();
	const listed = byLoss(predictions).filter(
		({ label, predicted, labels, probabilities }) => {
			if (labels !== undefined) return probabilities.length > 0;
			const key = `${label},${predicted}`;
			const before = perPair.get(key) ?? 0;
			perPair.set(key, before + 1);
			return before < PER_PAIR;
		},
	);
	return listed.slice(0, MOST_PHOTOS);
}

function oneRow({ path, label, predicted, probabilities }: Prediction) {
	return [
		...[path, label, predicted],
		share(probabilities[predicted]),
		share(probabilities[label]),
	];
}

function severalRow(prediction: Prediction) {
	const shares = (classes: readonly number[]) =>
		classes.map((index) => share(prediction.probabilities[index]));
	const [truth, said] = [classesOf(prediction), saidOf(prediction)];
	return [prediction.path, truth, said, shares(truth), shares(said)];
}

/** Whole per cent, or null where there is no number. */
function share(probability: number | undefined): number | null {
	if (probability === undefined || !Number.isFinite(probability)) return null;
	return Math.round(probability * 100);
}
