import { percent } from "../format-values.ts";
import type { Prediction } from "../types.ts";
import { type Content, html, type Markup, name } from "./html.ts";

/** The confusion matrix as a table; each cell that holds photos is a button that opens them. */

/** Above this many classes cells are small, zeros are left out and column names stand upright. */
const MANY_CLASSES = 12;

/** Above this many only those that are mistaken for each other are shown: a matrix of 200 classes is no picture. */
const MOST_CLASSES = 60;
const SHOWN_CLASSES = 30;

const MOST_PAIRS = 8;
/** Pairs where the matrix does not show every class. */
const MORE_PAIRS = 40;

interface Pair {
	readonly photos: number;
	readonly truth: number;
	readonly said: number;
}

/** counts[true class][predicted class]. Labels outside the classes make it grow. */
export function confusionCounts(
	predictions: readonly Prediction[],
	classes: number,
): number[][] {
	const size = predictions.reduce(
		(most, { label, predicted }) => Math.max(most, label + 1, predicted + 1),
		classes,
	);
	const counts = Array.from({ length: size }, () =>
		new Array<number>(size).fill(0),
	);
	for (const { label, predicted } of predictions) {
		const row = counts[label];
		if (row !== undefined) row[predicted] = (row[predicted] ?? 0) + 1;
	}
	return counts;
}

/** The page's section. */
export function confusion(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): Markup {
	const title = html`<h2 id="confusion">Confusion matrix</h2>`;
	if (predictions.length === 0)
		return html`<section aria-labelledby="confusion">${title}<p class="quiet">The run ended before its photos were judged.</p></section>`;
	const counts = confusionCounts(predictions, classNames.length);
	const className = (index: number) => classNames[index] ?? `class ${index}`;
	const isLarge = counts.length > MANY_CLASSES;
	const isPart = counts.length > MOST_CLASSES;
	const pairs = confusedPairs(counts);
	const list = pairList(
		pairs.slice(0, isPart ? MORE_PAIRS : MOST_PAIRS),
		className,
	);
	const shown = isPart ? mistakenClasses(pairs) : [...counts.keys()];
	return html`<section aria-labelledby="confusion">${title}
<p class="quiet">${isPart && partText(shown.length, counts.length)}Each row is a true class, each column what the network said. <span class="swatch right"></span> right <span class="swatch wrong"></span> wrong, stronger for a larger share of the row.<span class="screen"> Choose a cell to see its photos; arrow keys move from cell to cell.</span></p>
<div class="matrix${isLarge ? " large" : ""}">${isLarge && list}
${shown.length > 0 && matrix(counts, shown, className, isLarge)}${!isLarge && list}</div></section>`;
}

function partText(shown: number, all: number): string {
	return shown === 0
		? `No photo of the ${all} classes is taken for one of another. `
		: `The ${shown} of ${all} classes that are mistaken for each other most; the table of classes has all. `;
}

function matrix(
	counts: readonly (readonly number[])[],
	shown: readonly number[],
	className: (index: number) => string,
	isLarge: boolean,
): Markup {
	const isPart = shown.length < counts.length;
	return html`<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">
<table class="confusion${isLarge ? " large" : ""}" id="matrix"><caption>Photos of each true class by the class the network said</caption>
<thead><tr><td class="corner">true <span aria-hidden="true">↓</span> said <span aria-hidden="true">→</span></td>${shown.map((said) => html`<th scope="col"><span>${name(className(said))}</span></th>`)}${isPart && html`<th scope="col"><span>others</span></th>`}<th scope="col" class="recall"><span>right</span></th></tr></thead>
<tbody>${shown.map((truth) => matrixRow(counts[truth] ?? [], truth, shown, className, isLarge))}</tbody></table></div>`;
}

/** Pairs of classes that are taken for each other, most photos first. */
function confusedPairs(
	counts: readonly (readonly number[])[],
): readonly Pair[] {
	return counts
		.flatMap((row, truth) =>
			row.flatMap((photos, said) =>
				photos > 0 && truth !== said ? [{ photos, truth, said }] : [],
			),
		)
		.sort((a, b) => b.photos - a.photos);
}

/** The classes of the most confused pairs, in class order. */
function mistakenClasses(pairs: readonly Pair[]): readonly number[] {
	const classes = new Set<number>();
	for (const { truth, said } of pairs) {
		if (classes.size >= SHOWN_CLASSES - 1) break;
		classes.add(truth).add(said);
	}
	return [...classes].sort((a, b) => a - b);
}

/** Where to look first. */
function pairList(
	pairs: readonly Pair[],
	className: (index: number) => string,
): Content {
	if (pairs.length === 0) return undefined;
	return html`<div class="confused"><h3>Most confused</h3><ol>${pairs.map(
		({ photos, truth, said }) =>
			html`<li><button type="button" data-open="${truth},${said}" data-total="${photos}" aria-haspopup="dialog">${name(className(truth))} <span class="quiet">taken for</span> ${name(className(said))} <b>${photos}</b><span class="quiet" aria-hidden="true">›</span></button></li>`,
	)}</ol></div>`;
}

function matrixRow(
	row: readonly number[],
	truth: number,
	shown: readonly number[],
	className: (index: number) => string,
	isLarge: boolean,
): Markup {
	const total = row.reduce((sum, photos) => sum + photos, 0);
	const isPart = shown.length < row.length;
	const here = shown.reduce((sum, said) => sum + (row[said] ?? 0), 0);
	return html`<tr><th scope="row">${name(className(truth))}</th>${shown.map((said) => cell(row[said] ?? 0, total, truth, said, className, isLarge))}${isPart && html`<td>${total > here && total - here}</td>`}<td class="recall">${recall(row[truth] ?? 0, total)}</td></tr>
`;
}

function recall(right: number, total: number): Content {
	if (total === 0) return "–";
	return html`${percent(right / total, 0)} <span class="of">${right}/${total}</span>`;
}

function cell(
	photos: number,
	total: number,
	truth: number,
	said: number,
	className: (index: number) => string,
	isLarge: boolean,
): Markup {
	if (photos === 0) return isLarge ? html`<td></td>` : html`<td>0</td>`;
	const isRight = truth === said;
	// A single mistake among hundreds must still be seen.
	const shade = (0.22 + 0.78 * (photos / total)).toFixed(2);
	const spoken = `${photos} of ${total}: ${className(truth)} taken for ${isRight ? "itself" : className(said)}`;
	return html`<td class="${isRight ? "right" : "wrong"}" style="--share:${shade}"><button type="button" data-cell="${truth},${said}" aria-label="${spoken}" aria-haspopup="dialog">${photos}</button></td>`;
}
