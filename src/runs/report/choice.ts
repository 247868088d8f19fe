import { classicalHead } from "../../experiment/classical-types.ts";
import { lossText, percent } from "../format-values.ts";
import type { RunRecord } from "../types.ts";
import { linearAxis, logAxis } from "./axis.ts";
import { html, type Markup } from "./html.ts";
import { lineChart, type Point } from "./line-chart.ts";

/** In place of curves where a head is fitted at once: how its strength was chosen, and what it came to. */

/** The page's section; undefined where training has epochs. */
export function choice(record: RunRecord): Markup | undefined {
	if (classicalHead(record.experiment.model.head) === undefined)
		return undefined;
	const { finalMetrics } = record;
	const detail = record.phases.find(({ name }) => name === "train")?.detail;
	const points = pointsOf(String(detail?.curve ?? ""));
	const [by = ""] = Object.keys(detail ?? {}).filter((key) =>
		key.endsWith(" by"),
	);
	const option = by.replace(/ by$/, "");
	const chosen = Number(detail?.[option]);
	const result = ["train", "valid"].flatMap((split) => {
		const accuracy = finalMetrics[`${split}/accuracy`];
		return accuracy === undefined
			? []
			: [
					html`<div><dt>${split}</dt><dd>${percent(accuracy)}, loss ${lossText(finalMetrics[`${split}/loss`])}</dd></div>`,
				];
	});
	return html`<section aria-labelledby="curves"><h2 id="curves">Fit</h2>
<p class="quiet">The head is fitted at once, without epochs.</p>
${result.length === 0 ? html`<p class="quiet">It was not fitted.</p>` : html`<dl class="pairs">${result}</dl>`}
${
	points.length > 1 &&
	option !== "" &&
	html`<h3 class="go">How ${option} was chosen</h3><p class="quiet">Accuracy by ${option} on ${detail?.[by]}; ${option} = ${chosen} is the result.</p>
<div class="reliability"><figure class="choice">${chart(points, chosen, option)}</figure><div class="scroll" tabindex="0" role="region" aria-label="Numbers of the choice">${pointTable(points, chosen, option)}</div></div>`
}</section>`;
}

/** "0.1: 0.904, 1: 0.904" as the journal keeps it. */
function pointsOf(text: string): readonly Point[] {
	return text.split(", ").flatMap((part) => {
		const [x = Number.NaN, share = Number.NaN] = part.split(": ").map(Number);
		return Number.isFinite(x) && Number.isFinite(share) ? [{ x, share }] : [];
	});
}

function chart(
	points: readonly Point[],
	chosen: number,
	option: string,
): Markup {
	const values = points.map(({ x }) => x);
	const [least, most] = [Math.min(...values), Math.max(...values)];
	const isWide = least > 0 && most / least > 50;
	return lineChart({
		label: `Accuracy by ${option}; the table beside it has the numbers`,
		title: option,
		across: isWide ? logAxis(values) : linearAxis(values),
		series: [{ points, chosen }],
	});
}

function pointTable(
	points: readonly Point[],
	chosen: number,
	option: string,
): Markup {
	return html`<table class="plain"><caption>Accuracy by ${option}</caption><thead><tr><th scope="col">${option}</th><th scope="col">accuracy</th><th scope="col"><span class="spoken">choice</span></th></tr></thead>
<tbody>${points.map(({ x, share }) => html`<tr><th scope="row">${x}</th><td>${percent(share, 1)}</td><td>${x === chosen && "chosen"}</td></tr>`)}</tbody></table>`;
}
