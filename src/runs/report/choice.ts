import { classicalHead } from "../../experiment/classical-types.ts";
import { lossText, percent } from "../format-values.ts";
import type { RunRecord } from "../types.ts";
import { linearAxis, logAxis } from "./axis.ts";
import { html, type Markup } from "./html.ts";

/** In place of curves where a head is fitted at once: how its strength was chosen, and what it came to. */

const WIDTH = 480;
const HEIGHT = 250;
const PLOT = { left: 58, right: 448, top: 14, bottom: 210 };

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

interface Point {
	readonly value: number;
	readonly accuracy: number;
}

/** "0.1: 0.904, 1: 0.904" as the journal keeps it. */
function pointsOf(text: string): readonly Point[] {
	return text.split(", ").flatMap((part) => {
		const [value = Number.NaN, accuracy = Number.NaN] = part
			.split(": ")
			.map(Number);
		return Number.isFinite(value) && Number.isFinite(accuracy)
			? [{ value, accuracy }]
			: [];
	});
}

function chart(
	points: readonly Point[],
	chosen: number,
	option: string,
): Markup {
	const values = points.map(({ value }) => value);
	const [least, most] = [Math.min(...values), Math.max(...values)];
	const isWide = least > 0 && most / least > 50;
	const across = isWide ? logAxis(values) : linearAxis(values);
	const up = linearAxis(points.map(({ accuracy }) => accuracy));
	const x = (value: number) =>
		round(PLOT.left + across.place(value) * (PLOT.right - PLOT.left));
	const y = (value: number) =>
		round(PLOT.bottom - up.place(value) * (PLOT.bottom - PLOT.top));
	const path = points.map(
		({ value, accuracy }, index) =>
			`${index === 0 ? "M" : "L"}${x(value)} ${y(accuracy)}`,
	);
	return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Accuracy by ${option}; the table beside it has the numbers">
${up.ticks.map((tick) => html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick" x="${PLOT.left - 8}" y="${y(tick) + 4}" text-anchor="end">${Number((tick * 100).toPrecision(6))} %</text>`)}
${across.ticks.map((tick) => html`<text class="tick" x="${x(tick)}" y="${PLOT.bottom + 20}" text-anchor="middle">${tick}</text>`)}
<text class="tick" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 2}" text-anchor="middle">${option}</text>
<path class="curve" d="${path.join("")}"/>${points.map(({ value, accuracy }) => html`<circle class="mark" r="${value === chosen ? 6 : 3}" cx="${x(value)}" cy="${y(accuracy)}"/>`)}</svg>`;
}

function pointTable(
	points: readonly Point[],
	chosen: number,
	option: string,
): Markup {
	return html`<table class="plain"><caption>Accuracy by ${option}</caption><thead><tr><th scope="col">${option}</th><th scope="col">accuracy</th><th scope="col"><span class="spoken">choice</span></th></tr></thead>
<tbody>${points.map(({ value, accuracy }) => html`<tr><th scope="row">${value}</th><td>${percent(accuracy, 1)}</td><td>${value === chosen && "chosen"}</td></tr>`)}</tbody></table>`;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
