import { share } from "../evaluation/multi-label-text.ts";
import { multiLabelOf } from "../evaluation/of-predictions.ts";
import { percent } from "../format-values.ts";
import type { Prediction } from "../types.ts";
import { html, type Markup, name } from "./html.ts";

/** In place of the confusion matrix where a photo has several labels: what each class is worth by itself. */
export function labelTable(
	predictions: readonly Prediction[],
	classNames: readonly string[],
): Markup | undefined {
	const found = multiLabelOf(predictions, classNames);
	if (found === undefined) return undefined;
	const { averagePrecision, micro, macro, samples, subsetAccuracy } = found;
	return html`<section aria-labelledby="labels"><h2 id="labels">Labels</h2>
<p>Mean average precision <b>${share(averagePrecision)}</b>; F1 micro ${share(micro.f1)}, macro ${share(macro.f1)}, samples ${share(samples.f1)}; all labels right for ${percent(subsetAccuracy, 1)} of the photos. <span class="quiet">A class is said to be there above a probability of one half.</span></p>
<div class="scroll" tabindex="0" role="region" aria-label="Labels">
<table class="plain"><caption>Scores of each class</caption><thead><tr><th scope="col">class</th><th scope="col">photos</th><th scope="col">said</th><th scope="col">average precision</th><th scope="col">recall</th><th scope="col">precision</th><th scope="col">F1</th></tr></thead>
<tbody>${found.classes.map(
		(one) =>
			html`<tr><th scope="row">${name(one.name)}</th><td>${one.support}</td><td>${one.predicted}</td><td>${share(one.averagePrecision)}</td><td>${share(one.recall)}</td><td>${share(one.precision)}</td><td>${share(one.f1)}</td></tr>`,
	)}</tbody></table></div></section>`;
}
