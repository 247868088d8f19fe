import { isThere } from "../../train/loss.ts";
import { percent } from "../format-values.ts";
import { classesOf, classText, isRight, saidOf } from "../labels.ts";
import type { Prediction } from "../types.ts";
import type { ReportExtras } from "./extras.ts";
import { type Content, html, type Markup, name } from "./html.ts";
import { frame, heatSwitch, type Images } from "./pictures.ts";

/** Photos on the page: the most wrong ones, and the right ones that were nearly wrong. */

const MOST_WRONG = 24;
const LEAST_SURE = 12;

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

/** Right photos, the least sure first: smallest margin between the first and the second class, then by path. */
export function unsurePhotos(predictions: readonly Prediction[]): Prediction[] {
	return predictions
		.filter(isRight)
		.map((photo) => ({ photo, margin: marginOf(photo) }))
		.filter(({ margin }) => Number.isFinite(margin))
		.sort(
			(a, b) => a.margin - b.margin || (a.photo.path < b.photo.path ? -1 : 1),
		)
		.map(({ photo }) => photo);
}

/** Of several labels how near the nearest probability is to one half, where it would be another label. */
function marginOf({ labels, predicted, probabilities }: Prediction): number {
	if (labels !== undefined)
		return Math.min(...probabilities.map((p) => Math.abs(p - 0.5)));
	return (
		(probabilities[predicted] ?? Number.NaN) -
		secondOf(probabilities, predicted).share
	);
}

/** The likeliest class but one; share 0 where there is none. */
function secondOf(
	probabilities: readonly number[],
	first: number,
): { readonly index: number; readonly share: number } {
	let second = { index: -1, share: 0 };
	for (const [index, share] of probabilities.entries())
		if (index !== first && (second.index === -1 || share > second.share))
			second = { index, share };
	return second;
}

/** The photos that the page itself shows, in its order. */
export function onPage(predictions: readonly Prediction[]): Prediction[] {
	return [
		...wrongPhotos(predictions).slice(0, MOST_WRONG),
		...unsurePhotos(predictions).slice(0, LEAST_SURE),
	];
}

interface Shown {
	readonly predictions: readonly Prediction[];
	readonly classNames: readonly string[];
	readonly images: Images;
	readonly extras: ReportExtras;
}

/** The page's section of wrong photos; undefined where nothing was judged. */
export function mostWrong(page: Shown): Markup | undefined {
	const { predictions, classNames, images, extras } = page;
	if (predictions.length === 0) return undefined;
	const wrong = wrongPhotos(predictions);
	const shown = wrong.slice(0, MOST_WRONG);
	const title = html`<h2 id="wrong">Most wrong photos</h2>`;
	if (wrong.length === 0)
		return html`<section aria-labelledby="wrong">${title}<p class="quiet">None: every valid photo was right.</p></section>`;
	return html`<section aria-labelledby="wrong">${title}
${wrong.length > shown.length && html`<p class="quiet">${shown.length} of ${wrong.length}; the tables above open the others.</p>`}${heatSwitch(extras)}
<ul class="photos">${shown.map((photo) => wrongCard(photo, classNames, images))}</ul></section>`;
}

/** Right, but nearly not: where the next photos will be wrong. */
export function leastSure(page: Shown): Markup | undefined {
	const { predictions, classNames, images, extras } = page;
	const shown = unsurePhotos(predictions).slice(0, LEAST_SURE);
	if (shown.length === 0) return undefined;
	const isMulti = shown[0]?.labels !== undefined;
	return html`<section aria-labelledby="unsure"><h2 id="unsure">Least sure photos</h2>
<p class="quiet">${isMulti ? "All labels right, but one of them nearly not: its probability is next to one half." : "Right, but by the smallest margin between the first class and the second."}</p>${heatSwitch(extras)}
<ul class="photos">${shown.map((photo) => (isMulti ? closeCard : sureCard)(photo, classNames, images))}</ul></section>`;
}

function wrongCard(
	photo: Prediction,
	classNames: readonly string[],
	images: Images,
): Markup {
	const { label, labels, predicted, probabilities } = photo;
	const said = classText(saidOf(photo), classNames);
	const truth = classText(classesOf(photo), classNames);
	// Of several labels no one number says how sure it was.
	const sure = (index: number) =>
		labels === undefined && ` ${percent(probabilities[index], 0)}`;
	return card(
		photo,
		images,
		`${truth}, taken for ${said}`,
		html`<span class="said">${name(said)}${sure(predicted)}</span><span class="truth">is ${name(truth)}${sure(label)}</span>`,
	);
}

function sureCard(
	photo: Prediction,
	classNames: readonly string[],
	images: Images,
): Markup {
	const { label, predicted, probabilities } = photo;
	const second = secondOf(probabilities, predicted);
	const truth = classText([label], classNames);
	return card(
		photo,
		images,
		truth,
		html`<span class="said right">${name(truth)} ${percent(probabilities[predicted], 0)}</span>${second.index >= 0 && html`<span class="truth">then ${name(classText([second.index], classNames))} ${percent(second.share, 0)}</span>`}`,
	);
}

/** Of several labels: the one that was nearest to being another. */
function closeCard(
	photo: Prediction,
	classNames: readonly string[],
	images: Images,
): Markup {
	const { probabilities } = photo;
	const near = probabilities.reduce(
		(best, p, index) =>
			Math.abs(p - 0.5) < Math.abs((probabilities[best] ?? 9) - 0.5)
				? index
				: best,
		0,
	);
	const truth = classText(classesOf(photo), classNames);
	return card(
		photo,
		images,
		truth,
		html`<span class="said right">${name(truth)}</span><span class="truth">${isThere(probabilities[near] ?? 0) ? "" : "not "}${name(classText([near], classNames))}: ${percent(probabilities[near], 0)}</span>`,
	);
}

function card(
	{ path, labels }: Prediction,
	images: Images,
	alt: string,
	verdict: Content,
): Markup {
	return html`<li class="photo">${frame(images.get(path), path, alt)}
<p class="verdict${labels && " several"}">${verdict}</p>
<p class="path">${breakable(path)}</p></li>`;
}

/** Paths longer than this are cut after three lines, and told whole by a title. */
const LONG_PATH = 60;

/** A path whose line may break after a separator. */
function breakable(path: string): Markup {
	const parts = path.split(/(?<=[/_.\s-])/);
	const title = path.length > LONG_PATH && html` title="${path}"`;
	return html`<bdi${title}>${parts.map((part) => html`${part}<wbr>`)}</bdi>`;
}
