import { join } from "node:path";
import { isRight } from "../labels.ts";
import type { Prediction } from "../types.ts";
import { byLoss, onPage, wrongPhotos } from "./photos.ts";
import type { Images } from "./pictures.ts";

/** Pictures for a report, made by whoever may open photos. */

/** A small picture of the photo at an absolute path, as a data URI. */
export type Thumbnail = (path: string) => Promise<string>;

/** Pictures a page holds at most: about 2 MB of JPEG at 160 pixels. */
const MOST_PICTURES = 400;
/** Pictures of right photos per class, the least sure ones. */
const RIGHT_PER_CLASS = 12;
const AT_ONCE = 4;

/** The photos worth a picture: those on the page, then wrong ones, then the least sure right ones of each class. */
export function photosToShow(
	predictions: readonly Prediction[],
	most = MOST_PICTURES,
): Prediction[] {
	const perClass = new Map<number, number>();
	const right = byLoss(predictions.filter(isRight)).filter(({ label }) => {
		const before = perClass.get(label) ?? 0;
		perClass.set(label, before + 1);
		return before < RIGHT_PER_CLASS;
	});
	const wanted = [
		...onPage(predictions),
		...wrongPhotos(predictions),
		...right,
	];
	return [...new Set(wanted)].slice(0, most);
}

/** Makes the pictures, four at a time; a photo that cannot be read is left out and shown by name. */
export async function collectThumbnails(
	root: string,
	predictions: readonly Prediction[],
	thumbnail: Thumbnail,
): Promise<Images> {
	const waiting = photosToShow(predictions);
	const images = new Map<string, string>();
	const work = async () => {
		for (let photo = waiting.shift(); photo; photo = waiting.shift()) {
			try {
				images.set(photo.path, await thumbnail(join(root, photo.path)));
			} catch {
				// The photo may have been moved since the run: its name and verdict are still told.
			}
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
	return images;
}
