import { percent } from "../format-values.ts";
import type { Prediction } from "../types.ts";
import { type Content, html, type Markup, name } from "./html.ts";

/** The confusion matrix as a table; each cell that holds photos is a button that opens them. */

/** Above this many classes cells are small, zeros are left out and column names stand upright. */
const MANY_CLASSES = 12;

const MOST_PAIRS = 8;

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
	const pairs = mostConfused(counts, className);
	return html`<section aria-labelledby="confusion">${title}
<p class="quiet">Each row is a true class, each column what the network said. <span class="swatch right"></span> right <span class="swatch wrong"></span> wrong, stronger for a larger share of the row.<span class="screen"> Choose a cell to see its photos; arrow keys move from cell to cell.</span></p>
<div class="matrix${isLarge ? " large" : ""}">${isLarge && pairs}
<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">
<table class="confusion${isLarge ? " large" : ""}" id="matrix"><caption>Photos of each true class by the class the network said</caption>
<thead><tr><td class="corner">true <span aria-hidden="true">↓</span> said <span aria-hidden="true">→</span></td>${counts.map((_, said) => html`<th scope="col"><span>${name(className(said))}</span></th>`)}<th scope="col" class="recall"><span>right</span></th></tr></thead>
<tbody>${counts.map((row, truth) => matrixRow(row, truth, className, isLarge))}</tbody></table></div>${!isLarge && pairs}</div></section>`;
}

/** The pairs of classes that are taken for each other most often: where to look first. */
function mostConfused(
	counts: readonly (readonly number[])[],
	className: (index: number) => string,
): Content {
	const pairs = counts
		.flatMap((row, truth) =>
			row.map((photos, said) => ({ photos, truth, said })),
		)
		.filter(({ photos, truth, said }) => photos > 0 && truth !== said)
		.sort((a, b) => b.photos - a.photos)
		.slice(0, MOST_PAIRS);
	if (pairs.length === 0) return undefined;
	return html`<div class="confused"><h3>Most confused</h3><ol>${pairs.map(
		({ photos, truth, said }) =>
			html`<li><button type="button" data-open="${truth},${said}" aria-haspopup="dialog">${name(className(truth))} <span class="quiet">taken for</span> ${name(className(said))} <b>${photos}</b><span class="quiet" aria-hidden="true">›</span></button></li>`,
	)}</ol></div>`;
}

function matrixRow(
	row: readonly number[],
	truth: number,
	className: (index: number) => string,
	isLarge: boolean,
): Markup {
	const total = row.reduce((sum, photos) => sum + photos, 0);
	return html`<tr><th scope="row">${name(className(truth))}</th>${row.map((photos, said) => cell(photos, total, truth, said, className, isLarge))}<td class="recall">${recall(row[truth] ?? 0, total)}</td></tr>
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
