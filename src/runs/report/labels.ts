import type { LabelScores } from "../evaluation/multi-label.ts";
import { share } from "../evaluation/multi-label-text.ts";
import { multiLabelOf } from "../evaluation/of-predictions.ts";
import { percent } from "../format-values.ts";
import { classesOf, saidOf } from "../labels.ts";
import type { Prediction } from "../types.ts";
import { wilsonInterval } from "../wilson.ts";
import { html, type Markup } from "./html.ts";
import { classButton, intervalBar, sortable, table } from "./sort-table.ts";

/** In place of the confusion matrix where a photo has several labels: what each class is worth by itself. */
export function labelTable(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): Markup | undefined {
	const found = multiLabelOf(predictions, classNames);
	if (found === undefined) return undefined;
	const { averagePrecision, micro, macro, samples, subsetAccuracy } = found;
	const totals = totalsOf(predictions, classNames.length);
	return html`<section aria-labelledby="labels"><h2 id="labels">Labels</h2>
<p>Mean average precision <b>${share(averagePrecision)}</b>; F1 micro ${share(micro.f1)}, macro ${share(macro.f1)}, samples ${share(samples.f1)}; all labels right for ${percent(subsetAccuracy, 1)} of the photos.</p>
<p class="quiet">A class is said to be there above a probability of one half.<span class="screen"> A column's title sorts; a class opens the photos where it was missed, wrongly said, and found.</span> The bar is recall with its 95 % interval (Wilson).</p>
${table({
	id: "class-table",
	label: "Scores of each label",
	head: [
		sortable("class", "text"),
		sortable("photos", "number"),
		sortable("missed", "number"),
		sortable("wrongly said", "number"),
		sortable("average precision", "number"),
		sortable("recall", "number"),
		html`<th scope="col" class="bar-head"><span class="spoken">recall's interval</span></th>`,
		sortable("precision", "number"),
		sortable("F1", "number"),
	],
	rows: found.classes.map((one, index) =>
		labelRow(one, index, totals[index] ?? [0, 0, 0]),
	),
})}</section>`;
}

function labelRow(
	one: LabelScores,
	index: number,
	totals: readonly number[],
): Markup {
	const [missed = 0, wrong = 0, found = 0] = totals;
	const { recall, precision, f1, support, predicted, averagePrecision } = one;
	return html`<tr><th scope="row">${classButton(index, one.name, totals)}</th><td>${support}</td><td>${missed}</td><td>${wrong}</td>${cell(averagePrecision)}${cell(support === 0 ? undefined : recall)}<td class="bar-cell">${support > 0 && intervalBar(recall, wilsonInterval(found, support))}</td>${cell(predicted === 0 ? undefined : precision)}${cell(f1)}</tr>
`;
}

function cell(value: number | undefined): Markup {
	return html`<td data-value="${value?.toFixed(6) ?? ""}">${share(value)}</td>`;
}

/** Of each class: photos where it was missed, wrongly said, and found. */
function totalsOf(
	predictions: readonly Prediction[],
	classes: number,
): readonly (readonly number[])[] {
	const totals = Array.from({ length: classes }, () => [0, 0, 0]);
	const add = (index: number, place: number) => {
		const own = totals[index];
		if (own !== undefined) own[place] = (own[place] ?? 0) + 1;
	};
	for (const prediction of predictions) {
		const has = new Set(classesOf(prediction));
		const said = new Set(saidOf(prediction));
		for (const index of has) add(index, said.has(index) ? 2 : 0);
		for (const index of said) if (!has.has(index)) add(index, 1);
	}
	return totals;
}
