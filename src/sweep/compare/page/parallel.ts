import { html, type Markup } from "../../../runs/report/html.ts";
import type { Comparison, Point } from "../types.ts";
import { scoreText, shortValue } from "../words.ts";
import { scaleOf, scoreScale } from "./scale.ts";

/** Parallel coordinates: a line a point, from its values to its score (Inselberg 1985). */

const WIDTH = 1000;
const TOP = 46;
const BOTTOM = 300;
const HEIGHT = 330;

/** Points whose rank is beyond what the slider says are faint; the script moves it. */
export function parallelCoordinates({
	points,
	axes,
	objective,
}: Comparison): Markup {
	const drawn = points.filter(({ mean }) =>
		Number.isFinite(mean ?? Number.NaN),
	);
	if (drawn.length === 0 || axes.length === 0)
		return html`<p class="quiet">Nothing is finished yet.</p>`;
	const score = scoreScale(drawn.map(({ mean }) => mean as number));
	const columns = [...axes, objective.metric];
	const toX = (column: number) =>
		70 + (column * (WIDTH - 140)) / Math.max(1, columns.length - 1);
	const toY = (at: number) => BOTTOM - at * (BOTTOM - TOP);
	const scales = axes.map((axis) =>
		scaleOf(drawn.map(({ values }) => values[axis])),
	);
	const path = (point: Point) => {
		const places = axes.map((axis, column) =>
			scales[column]?.place(point.values[axis]),
		);
		const all = [...places, score.place(point.mean as number)];
		let pen = "M";
		return all
			.map((at, column) => {
				if (at === undefined) {
					pen = "M";
					return "";
				}
				const step = `${pen}${round(toX(column))} ${round(toY(at))}`;
				pen = "L";
				return step;
			})
			.join("");
	};
	return html`<p class="slider"><label for="best">show the best <output id="best-count" for="best">${drawn.length}</output> of ${drawn.length} points</label> <input class="screen" id="best" type="range" min="1" max="${drawn.length}" value="${drawn.length}"></p>
<div class="scroll" tabindex="0" role="region" aria-label="Parallel coordinates"><svg class="parallel" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Each point's values and its ${objective.metric}; the table below holds the same numbers">
${drawn
	.map((point, index) => ({ point, index }))
	.reverse()
	.map(
		({ point, index }) =>
			html`<path class="line${index === 0 && " best"}" data-point="${index}" style="--share:${share(index, drawn.length)}" d="${path(point)}"><title>${lineTitle(point, axes)}</title></path>`,
	)}
${columns.map((column, place) => html`<line class="rule" x1="${round(toX(place))}" x2="${round(toX(place))}" y1="${TOP}" y2="${BOTTOM}"/><text class="head" x="${round(toX(place))}" y="${place % 2 === 0 ? 30 : 14}" text-anchor="middle">${column}</text>`)}
${scales.map((scale, place) => scale.ticks.map(({ at, text }) => html`<text class="tick" x="${round(toX(place) + 7)}" y="${round(toY(at) + 4)}">${text.length > 18 ? `${text.slice(0, 17)}…` : text}</text>`))}
${score.ticks.map((tick) => html`<text class="tick" x="${round(toX(axes.length) + 7)}" y="${round(toY(score.place(tick)) + 4)}">${tick}</text>`)}
</svg></div>`;
}

/** 1 for the best, 0 for the last: how blue a line is. */
function share(index: number, count: number): number {
	return count === 1 ? 1 : Math.round(100 * (1 - index / (count - 1))) / 100;
}

function lineTitle({ values, mean }: Point, axes: readonly string[]): string {
	const words = axes
		.filter((axis) => axis in values)
		.map((axis) => `${axis} ${shortValue(values[axis])}`);
	return `${scoreText(mean)}: ${words.join(", ")}`;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
