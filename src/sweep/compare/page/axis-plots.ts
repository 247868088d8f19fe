import { html, type Markup } from "../../../runs/report/html.ts";
import type { Comparison, Effect } from "../types.ts";
import { chanceText, scoreText, shortValue } from "../words.ts";
import { scaleOf, scoreScale } from "./scale.ts";

/** One plot an axis: every trial a dot, the means of its values a line, and what the axis explains in words. */

const WIDTH = 480;
const HEIGHT = 264;
const PLOT = { left: 58, right: 460, top: 14, bottom: 216 };

/** Figures side by side; axes that never vary are left out. */
export function axisPlots(comparison: Comparison): Markup {
	const { effects } = comparison;
	if (effects.length === 0)
		return html`<p class="quiet">No axis has two values with a finished trial yet.</p>`;
	return html`<div class="charts">${effects.map((effect) => figure(effect, comparison))}</div>`;
}

function figure(effect: Effect, { points, objective }: Comparison): Markup {
	const { axis } = effect;
	const own = points.filter(
		({ values, mean }) => axis in values && mean !== undefined,
	);
	const scores = own.flatMap((point) =>
		point.scores.filter(Number.isFinite).map((score) => ({
			score,
			value: point.values[axis],
		})),
	);
	const scale = scaleOf(own.map(({ values }) => values[axis]));
	const y = scoreScale(scores.map(({ score }) => score));
	const inset = scale.isNumeric ? 0 : 36;
	const toX = (at: number) =>
		PLOT.left + inset + at * (PLOT.right - PLOT.left - 2 * inset);
	const toY = (score: number) =>
		PLOT.bottom - y.place(score) * (PLOT.bottom - PLOT.top);
	const means = effect.levels.flatMap(({ value, mean }) => {
		const at = scale.place(value);
		return at === undefined ? [] : [`${round(toX(at))} ${round(toY(mean))}`];
	});
	return html`<figure class="chart"><figcaption><h3>${axis}</h3><p class="quiet">${effectWords(effect)}</p></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${objective.metric} by ${axis}: ${spoken(effect)}">
${y.ticks.map((tick) => html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(toY(tick))}" y2="${round(toY(tick))}"/><text class="tick" x="${PLOT.left - 8}" y="${round(toY(tick) + 4)}" text-anchor="end">${tick}</text>`)}
${scale.ticks.map(({ at, text }, index) => tick(toX(at), text, index, scale.ticks.length))}
${scores.map(({ score, value }) => {
	const at = scale.place(value);
	return (
		at !== undefined &&
		html`<circle class="trial" r="4" cx="${round(toX(at))}" cy="${round(toY(score))}"/>`
	);
})}
${means.length > 1 && html`<path class="curve" d="M${means.join("L")}"/>`}
${means.map((mean) => {
	const [cx, cy] = mean.split(" ");
	return html`<circle class="mark" r="3.5" cx="${cx}" cy="${cy}"/>`;
})}
</svg></figure>`;
}

/** Labels of many or long values go down by turns. */
function tick(x: number, text: string, index: number, count: number): Markup {
	const share = count > 3 ? 1.6 : 0.95;
	const room = ((PLOT.right - PLOT.left) / Math.max(1, count)) * share;
	const most = Math.max(5, Math.floor(room / 7));
	const shown = text.length > most ? `${text.slice(0, most - 1)}…` : text;
	const row = count > 3 && index % 2 === 1 ? 38 : 20;
	return html`<text class="tick" x="${round(x)}" y="${PLOT.bottom + row}" text-anchor="middle">${shown !== text && html`<title>${text}</title>`}${shown}</text>`;
}

function effectWords({ explains, correlation }: Effect): string {
	const words = [
		...(explains === undefined
			? []
			: [`explains ${(100 * explains).toFixed(0)} % of the variance`]),
		...(correlation === undefined
			? []
			: [`rank correlation ${correlation.toFixed(2)}`]),
	];
	return words.join(", ");
}

function spoken({ levels, correlation, axis }: Effect): string {
	if (levels.length === 0)
		return `${axis} was drawn; rank correlation ${correlation?.toFixed(2) ?? "unknown"}`;
	return levels
		.map(({ value, mean }) => `${shortValue(value)} mean ${scoreText(mean)}`)
		.join(", ");
}

/** The best level of each axis against the others, as a table. */
export function pairsTable({ effects }: Comparison): Markup {
	const rows = effects.flatMap(({ axis, pairs }) =>
		pairs.map((pair) => ({ axis, ...pair })),
	);
	if (rows.length === 0)
		return html`<p class="quiet">No two trials differ in one axis alone.</p>`;
	return html`<div class="scroll" tabindex="0" role="region" aria-label="Values against each other"><table class="plain"><caption>Values against each other, all else equal</caption><thead><tr><th scope="col">axis</th><th scope="col">better</th><th scope="col">other</th><th scope="col">difference</th><th scope="col">95 %</th><th scope="col">pairs</th><th scope="col">p</th></tr></thead>
<tbody>${rows.map(
		(row) =>
			html`<tr><th scope="row">${row.axis}</th><td>${shortValue(row.better)}</td><td>${shortValue(row.other)}</td><td>${scoreText(row.difference)}</td><td>${row.low === undefined ? "–" : `${scoreText(row.low)} … ${scoreText(row.high)}`}</td><td>${row.pairs}</td><td>${chanceText(row.pValue)}</td></tr>`,
	)}</tbody></table></div>`;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
