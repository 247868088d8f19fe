import { type Axis, linearAxis } from "./axis.ts";
import { html, type Markup } from "./html.ts";

/** Shares by one number, for the eye; a table beside it has the numbers. */
export interface LineChart {
	/** Names it for screen readers. */
	readonly label: string;
	/** Words below. */
	readonly title: string;
	readonly across: Axis;
	/** One or two; the second is dashed. */
	readonly series: readonly {
		readonly points: readonly Point[];
		/** Of a point that stands out: its x. */
		readonly chosen?: number;
	}[];
}

/** A share 0 … 1 at a place. */
export interface Point {
	readonly x: number;
	readonly share: number;
}

const WIDTH = 480;
const HEIGHT = 254;
const PLOT = { left: 58, right: 448, top: 14, bottom: 210 };

/** At least one point. */
export function lineChart({ label, title, across, series }: LineChart): Markup {
	const shares = series.flatMap(({ points }) =>
		points.map(({ share }) => share),
	);
	const up = linearAxis(shares);
	const toX = (value: number) =>
		round(PLOT.left + across.place(value) * (PLOT.right - PLOT.left));
	const toY = (value: number) =>
		round(PLOT.bottom - up.place(value) * (PLOT.bottom - PLOT.top));
	return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
${up.ticks.map((tick) => html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${toY(tick)}" y2="${toY(tick)}"/><text class="tick" x="${PLOT.left - 8}" y="${toY(tick) + 4}" text-anchor="end">${Number((tick * 100).toPrecision(6))} %</text>`)}
${across.ticks.map((tick) => html`<text class="tick" x="${toX(tick)}" y="${PLOT.bottom + 20}" text-anchor="middle">${tick}</text>`)}
<text class="tick" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 5}" text-anchor="middle">${title}</text>
${series.map(({ points, chosen }, index) => {
	const tone = index === 0 ? "" : " train";
	const path = points.map(
		({ x, share }, at) => `${at === 0 ? "M" : "L"}${toX(x)} ${toY(share)}`,
	);
	return html`<path class="curve${tone}" d="${path.join("")}"/>${points.map(({ x, share }) => html`<circle class="mark${tone}" r="${x === chosen ? 6 : 3}" cx="${toX(x)}" cy="${toY(share)}"/>`)}`;
})}</svg>`;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
