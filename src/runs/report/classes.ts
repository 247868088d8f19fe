import { percent } from "../format-values.ts";
import type { Prediction, RunRecord } from "../types.ts";
import { wilsonInterval } from "../wilson.ts";
import { confusionCounts } from "./confusion.ts";
import { type Content, html, type Markup, name } from "./html.ts";
import { classButton, intervalBar, sortable, table } from "./sort-table.ts";

/** Each class by itself: how many of its photos were found, and how many that were said to be of it are. */

/** Above as many classes the weakest come first. */
const MANY_CLASSES = 20;

interface ClassRow {
	readonly index: number;
	readonly name: string;
	readonly support: number;
	readonly said: number;
	readonly right: number;
	readonly f1: number;
	/** What it is taken for most often. */
	readonly rival:
		| { readonly name: string; readonly photos: number }
		| undefined;
}

/** The page's section; undefined where nothing was judged. */
export function classTable(
	record: RunRecord,
	predictions: readonly Prediction[],
	classNames: readonly string[],
): Markup | undefined {
	if (predictions.length === 0) return undefined;
	const rows = classRows(predictions, classNames);
	const isMany = rows.length > MANY_CLASSES;
	const shown = isMany ? [...rows].sort((a, b) => a.f1 - b.f1) : rows;
	return html`<section aria-labelledby="classes"><h2 id="classes">Classes</h2>
<p class="quiet">${summary(record)}<span class="screen">A column's title sorts; a class opens its photos. </span>The bar is recall with its 95 % interval (Wilson).</p>
${table({
	id: "class-table",
	label: "Scores of each class",
	head: [
		sortable("class", "text"),
		sortable("photos", "number"),
		sortable("recall", "number"),
		html`<th scope="col" class="bar-head"><span class="spoken">recall's interval</span></th>`,
		sortable("precision", "number"),
		sortable("F1", "number", isMany ? "ascending" : undefined),
		html`<th scope="col">taken for</th>`,
	],
	rows: shown.map(classRow),
})}</section>`;
}

/** In class order; labels beyond the class names have rows too. */
function classRows(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): readonly ClassRow[] {
	const counts = confusionCounts(predictions, classNames.length);
	const nameOf = (index: number) => classNames[index] ?? `class ${index}`;
	const said = counts.map((_, index) =>
		counts.reduce((sum, row) => sum + (row[index] ?? 0), 0),
	);
	return counts.map((row, index) => {
		const support = row.reduce((sum, photos) => sum + photos, 0);
		const right = row[index] ?? 0;
		const both = support + (said[index] ?? 0);
		let rival = -1;
		for (const [other, photos] of row.entries())
			if (other !== index && photos > (row[rival] ?? 0)) rival = other;
		return {
			...{ index, name: nameOf(index), support, right },
			said: said[index] ?? 0,
			f1: both === 0 ? 0 : (2 * right) / both,
			rival:
				rival < 0
					? undefined
					: { name: nameOf(rival), photos: row[rival] ?? 0 },
		};
	});
}

function classRow(row: ClassRow): Markup {
	const { support, said, right, f1, rival } = row;
	const recall = support === 0 ? undefined : right / support;
	const precision = said === 0 ? undefined : right / said;
	const totals = [support - right, said - right, right];
	return html`<tr><th scope="row">${classButton(row.index, row.name, totals)}</th><td>${support}</td>${cell(recall)}<td class="bar-cell">${recall !== undefined && intervalBar(recall, wilsonInterval(right, support))}</td>${cell(precision)}<td data-value="${f1.toFixed(6)}">${support + said === 0 ? "–" : f1.toFixed(3)}</td><td class="rival">${rival && html`${name(rival.name)} ${rival.photos}`}</td></tr>
`;
}

function cell(share: number | undefined): Markup {
	return html`<td data-value="${share === undefined ? "" : share.toFixed(6)}">${share === undefined ? "–" : percent(share, 1)}</td>`;
}

/** What the journal says of all classes together. */
function summary({ finalMetrics }: RunRecord): Content {
	const shares = [
		["balanced accuracy", "valid/balanced_accuracy"],
		["top-5 accuracy", "valid/top_5_accuracy"],
	] as const;
	const numbers = [
		["macro F1", "valid/f1_macro"],
		["ROC-AUC", "valid/roc_auc"],
		["average precision", "valid/average_precision"],
		["Brier score", "valid/brier"],
	] as const;
	const words = [
		...shares.map(([word, key]) => [word, percent(finalMetrics[key], 1)]),
		...numbers.map(([word, key]) => [word, finalMetrics[key]?.toFixed(3)]),
	].filter(([, value]) => value);
	if (words.length === 0) return undefined;
	return html`<span class="summary">${words.map(([word, value]) => html`<span>${word} <b>${value}</b></span> `)}</span>`;
}
