import {
	calibrate,
	calibrationError,
	reliability,
} from "../evaluation/calibration.ts";
import type { ReliabilityBin, Scored } from "../evaluation/types.ts";
import { percent } from "../format-values.ts";
import { classesOf, isMultiLabel } from "../labels.ts";
import type { Prediction } from "../types.ts";
import { type Content, html, type Markup } from "./html.ts";

/** Whether a network that is 90 % sure is right nine times of ten: a diagram, its numbers, and a sentence. */

/** Probabilities above which no temperature is fitted: the page is written at the end of every run, and must be quick. */
const MOST_FITTED = 300_000;
/** Labels above which several labels a photo have no diagram. */
const MOST_LABELS = 2_000_000;

/** What is counted, and what it is when it is so. */
interface Words {
	readonly what: string;
	readonly right: string;
}
const PHOTOS: Words = { what: "photos", right: "right" };
const LABELS: Words = { what: "labels", right: "there" };

const SIDE = 300;
const PLOT = { left: 46, top: 10, size: 240 };

/** The page's section; undefined where there are no probabilities. */
export function calibrationSection(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): Markup | undefined {
	const isMulti = isMultiLabel(predictions);
	const k = classNames.length;
	const isWhole = predictions.every(
		({ probabilities }) =>
			probabilities.length === k && probabilities.every(Number.isFinite),
	);
	const numbers = predictions.length * k;
	if (numbers === 0 || !isWhole || (isMulti && numbers > MOST_LABELS))
		return undefined;
	const scored = isMulti
		? eachLabel(predictions)
		: ofPhotos(predictions, classNames);
	const bins = reliability(scored);
	const ece = calibrationError(bins);
	const words = isMulti ? LABELS : PHOTOS;
	return html`<section aria-labelledby="calibration"><h2 id="calibration">Calibration</h2>
<p>${sentence(bins, ece, isMulti)}</p>
${!isMulti && numbers <= MOST_FITTED && temperatureText(scored)}
<div class="reliability"><figure>${diagram(bins, ece, words)}<figcaption class="legend"><span class="key-box once">share ${words.right}</span><span class="key-box gap">gap to how sure it was</span><span class="key-line">perfectly calibrated</span></figcaption></figure>
<div class="scroll" tabindex="0" role="region" aria-label="Numbers of the reliability diagram">${binTable(bins, words)}</div></div></section>`;
}

function ofPhotos(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): Scored {
	return {
		classNames,
		labels: predictions.map(({ label }) => label),
		probabilities: predictions.map(({ probabilities }) => probabilities),
		predicted: predictions.map(({ predicted }) => predicted),
	};
}

/** Each label of each photo as a question of its own: how sure that it is there, and whether it is. */
function eachLabel(predictions: readonly Prediction[]): Scored {
	const labels: number[] = [];
	const probabilities: number[][] = [];
	for (const prediction of predictions) {
		const has = new Set(classesOf(prediction));
		for (const [index, p] of prediction.probabilities.entries()) {
			labels.push(has.has(index) ? 0 : -1);
			probabilities.push([p]);
		}
	}
	const predicted = labels.map(() => 0);
	return { classNames: ["there"], labels, probabilities, predicted };
}

function sentence(
	bins: readonly ReliabilityBin[],
	ece: number,
	isMulti: boolean,
): Content {
	const photos = bins.reduce((sum, bin) => sum + bin.photos, 0);
	const mean = (key: "confidence" | "accuracy") =>
		bins.reduce((sum, bin) => sum + (bin[key] ?? 0) * bin.photos, 0) / photos;
	const [sure, right] = [mean("confidence"), mean("accuracy")];
	const error = html`Expected calibration error <b>${ece.toFixed(3)}</b>`;
	if (isMulti)
		return html`${error}: a label is there with a mean probability of ${percent(sure, 1)}, and is there in ${percent(right, 1)} of the cases.`;
	const verdict =
		Math.abs(sure - right) < 0.01
			? "about as sure as it is right"
			: sure > right
				? "surer than it is right"
				: "less sure than it is right";
	return html`${error}: on average ${percent(sure, 1)} sure and ${percent(right, 1)} right, so ${verdict}.`;
}

/** Where every photo is right, any sureness is too little, and no temperature says anything. */
function temperatureText(scored: Scored): Content {
	if (scored.labels.every((label, row) => label === scored.predicted[row]))
		return undefined;
	const { temperature, eceAtTemperature } = calibrate(scored);
	const word =
		temperature > 1.05
			? "it is too sure of itself"
			: temperature < 0.95
				? "it is less sure than it might be"
				: "hardly anything to mend";
	return html`<p class="quiet">Temperature ${temperature.toFixed(2)}: ${word}. Were its logits divided by that, the error would be ${eceAtTemperature.toFixed(3)} (fitted on these very photos).</p>`;
}

function diagram(
	bins: readonly ReliabilityBin[],
	ece: number,
	{ what, right }: Words,
): Markup {
	const { left, top, size } = PLOT;
	const x = (share: number) => round(left + share * size);
	const y = (share: number) => round(top + (1 - share) * size);
	const filled = bins.filter(({ photos }) => photos > 0);
	const most = Math.max(...filled.map(({ photos }) => photos));
	return html`<svg class="diagram" viewBox="0 0 ${SIDE} ${SIDE}" role="img" aria-label="Reliability diagram: share ${right} by how sure it was, ${filled.length} bins of ${what}, expected calibration error ${ece.toFixed(3)}; the table beside it has the numbers">
${[0, 0.25, 0.5, 0.75, 1].map((at) => html`<line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${y(at)}" y2="${y(at)}"/><text class="tick" x="${left - 6}" y="${y(at) + 4}" text-anchor="end">${at * 100}</text><text class="tick" x="${x(at)}" y="${y(0) + 18}" text-anchor="middle">${at * 100}</text>`)}
${filled.map((bin) => binBar(bin, most, x, y))}
<line class="ideal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>
<text class="tick" x="${x(0.5)}" y="${SIDE - 4}" text-anchor="middle">how sure, %</text><text class="tick" transform="translate(12 ${y(0.5)}) rotate(-90)" text-anchor="middle">${right}, %</text></svg>`;
}

/** A bin of few photos is drawn paler: it says less. */
function binBar(
	{ from, to, photos, accuracy = 0, confidence = 0 }: ReliabilityBin,
	most: number,
	x: (share: number) => number,
	y: (share: number) => number,
): Markup {
	const width = round(x(to) - x(from) - 2);
	const pale = (0.35 + 0.65 * Math.sqrt(photos / most)).toFixed(2);
	const [low, high] = [accuracy, confidence].sort((a, b) => a - b) as [
		number,
		number,
	];
	return html`<g opacity="${pale}"><rect class="share" x="${x(from) + 1}" width="${width}" y="${y(accuracy)}" height="${round(y(0) - y(accuracy))}"/><rect class="gap" x="${x(from) + 1}" width="${width}" y="${y(high)}" height="${round(y(low) - y(high))}"/><title>${photos}: ${percent(confidence, 1)} sure, ${percent(accuracy, 1)} so</title></g>`;
}

function binTable(
	bins: readonly ReliabilityBin[],
	{ what, right }: Words,
): Markup {
	return html`<table class="plain"><caption>Share ${right} by how sure the network was</caption><thead><tr><th scope="col">how sure</th><th scope="col">${what}</th><th scope="col">mean</th><th scope="col">${right}</th><th scope="col">gap</th></tr></thead>
<tbody>${bins
		.filter(({ photos }) => photos > 0)
		.map(
			({ from, to, photos, confidence = 0, accuracy = 0 }) =>
				html`<tr><th scope="row">${Math.round(from * 100)} to ${Math.round(to * 100)} %</th><td>${photos}</td><td>${percent(confidence, 1)}</td><td>${percent(accuracy, 1)}</td><td>${signed(accuracy - confidence)}</td></tr>`,
		)}</tbody></table>`;
}

/** Points of per cent: "+3.1", "−0.4". */
function signed(gap: number): string {
	return `${gap < 0 ? "−" : "+"}${Math.abs(gap * 100).toFixed(1)}`;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
