import { percent } from "../format-values.ts";
import { classesOf, classText, isRight, saidOf } from "../labels.ts";
import type { Prediction } from "../types.ts";
import { html, jsonScript, type Markup, name } from "./html.ts";

/** Photos on the page: the most wrong ones, and those behind each cell of the confusion matrix. */

/** data URIs by the predictions' paths; a photo without one is shown by name. */
export type Images = ReadonlyMap<string, string>;

const MOST_WRONG = 24;
/** Photos that one cell lists. */
const PER_CELL = 200;

/** Wrong photos, the most wrong first: highest loss, that is lowest probability of the true class. */
export function wrongPhotos(predictions: readonly Prediction[]): Prediction[] {
	return byLoss(predictions.filter((prediction) => !isRight(prediction)));
}

/** Highest loss first, then by path; a NaN loss counts as the highest. */
export function byLoss(predictions: readonly Prediction[]): Prediction[] {
	const key = ({ loss }: Prediction) =>
		Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
	return [...predictions].sort((a, b) => {
		if (key(a) !== key(b)) return key(b) > key(a) ? 1 : -1;
		return a.path < b.path ? -1 : 1;
	});
}

/** The page's section of wrong photos; undefined where nothing was judged. */
export function mostWrong(
	predictions: readonly Prediction[],
	classNames: readonly string[],
	images: Images,
): Markup | undefined {
	if (predictions.length === 0) return undefined;
	const wrong = wrongPhotos(predictions);
	const shown = wrong.slice(0, MOST_WRONG);
	const title = html`<h2 id="wrong">Most wrong photos</h2>`;
	if (wrong.length === 0)
		return html`<section aria-labelledby="wrong">${title}<p class="quiet">None: every valid photo was right.</p></section>`;
	return html`<section aria-labelledby="wrong">${title}
${wrong.length > shown.length && html`<p class="quiet">${shown.length} of ${wrong.length}; the confusion matrix opens the others.</p>`}
<ul class="photos">${shown.map((photo) => card(photo, classNames, images))}</ul></section>`;
}

function card(
	photo: Prediction,
	classNames: readonly string[],
	images: Images,
): Markup {
	const { path, label, labels, predicted, probabilities } = photo;
	const image = images.get(path);
	const said = classText(saidOf(photo), classNames);
	const truth = classText(classesOf(photo), classNames);
	// Of several labels no one number says how sure it was.
	const sure = (index: number) =>
		labels === undefined && ` ${percent(probabilities[index], 0)}`;
	return html`<li class="photo"><div class="frame">${image === undefined ? html`<span class="quiet">no picture</span>` : html`<img src="${image}" alt="${truth}, taken for ${said}" data-photo="${path}" loading="lazy">`}</div>
<p class="verdict"><span class="said">${name(said)}${sure(predicted)}</span><span class="truth">is ${name(truth)}${sure(label)}</span></p>
<p class="path">${breakable(path)}</p></li>`;
}

/** A path whose line may break after a separator. */
function breakable(path: string): Markup {
	const parts = path.split(/(?<=[/_.\s-])/);
	return html`<bdi>${parts.map((part) => html`${part}<wbr>`)}</bdi>`;
}

/** What the script needs to fill the dialog: photos by cell, least right first, and their pictures. */
export function photoData(
	predictions: readonly Prediction[],
	classNames: readonly string[],
	images: Images,
): Markup {
	const cells: Record<string, unknown[]> = {};
	const pictures: [string, string][] = [];
	const onPage = new Set(
		wrongPhotos(predictions)
			.slice(0, MOST_WRONG)
			.map(({ path }) => path),
	);
	for (const photo of byLoss(predictions)) {
		const { path, label, predicted, probabilities } = photo;
		const key = `${label},${predicted}`;
		cells[key] ??= [];
		const cell = cells[key];
		if (cell.length >= PER_CELL) continue;
		cell.push([
			path,
			share(probabilities[predicted]),
			share(probabilities[label]),
		]);
		const image = images.get(path);
		// The page's own pictures are found there: nothing is embedded twice.
		if (image !== undefined && !onPage.has(path)) pictures.push([path, image]);
	}
	return jsonScript("photo-data", { classNames, cells, pictures });
}

/** Whole per cent, or null where there is no number. */
function share(probability: number | undefined): number | null {
	if (probability === undefined || !Number.isFinite(probability)) return null;
	return Math.round(probability * 100);
}
