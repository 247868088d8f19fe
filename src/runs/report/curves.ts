import { lossText, percent } from "../format-values.ts";
import { stopText } from "../stop-text.ts";
import type { EpochRecord, RunRecord } from "../types.ts";
import { type Axis, epochTicks, linearAxis, logAxis } from "./axis.ts";
import { type Content, html, type Markup } from "./html.ts";

/** Loss and accuracy by epoch as inline SVG, with the same numbers as a table. */

interface Series {
	readonly key: string;
	/** Class of its line; its label. */
	readonly name: "valid" | "train";
}

interface Chart {
	readonly title: string;
	readonly series: readonly Series[];
	readonly print: (value: number | undefined) => string;
	readonly printTick: (value: number) => string;
	readonly axis: (values: readonly number[]) => Axis;
}

const CHARTS: readonly Chart[] = [
	{
		title: "Loss",
		series: [
			{ key: "valid/loss", name: "valid" },
			{ key: "train/loss", name: "train" },
		],
		print: lossText,
		printTick: (value) =>
			Math.abs(value) < 1e-4 && value !== 0
				? value.toExponential(0)
				: String(value),
		axis: lossAxis,
	},
	{
		title: "Accuracy",
		series: [
			{ key: "valid/accuracy", name: "valid" },
			{ key: "train/accuracy", name: "train" },
		],
		print: percent,
		printTick: (value) => `${Number((value * 100).toPrecision(6))} %`,
		axis: accuracyAxis,
	},
];

/** From zero, unless the values span more than two powers of ten. */
function lossAxis(values: readonly number[]): Axis {
	const positive = values.filter((value) => value > 0);
	const [least, most] = [Math.min(...positive), Math.max(...positive)];
	const isWide = positive.length === values.length && most / least > 200;
	if (isWide) return logAxis(values);
	return values.some((value) => value < 0)
		? linearAxis(values)
		: linearAxis([0, ...values]);
}

/** Up to 100 %, and down no further than the values need. */
function accuracyAxis(values: readonly number[]): Axis {
	const axis = linearAxis([...values, 1]);
	return axis.low >= 0 && axis.high <= 1.0001
		? axis
		: linearAxis([], { low: 0, high: 1 });
}

/** More are a picture of noise, and a page of megabytes. */
const MOST_EPOCHS = 1000;

const WIDTH = 480;
const HEIGHT = 264;
const PLOT = { left: 58, right: 430, top: 14, bottom: 226 };

/** A place on the axis of epochs that has a name: where a phase begins, which epoch is the result. */
export interface EpochMark {
	readonly epoch: number;
	readonly text: string;
}

/** The section; says so when no epoch was finished. */
export function curves(
	{ epochs: all, stop }: RunRecord,
	marks: readonly EpochMark[] = [],
): Markup {
	const epochs = thinned(all);
	if (epochs.length === 0)
		return html`<section aria-labelledby="curves"><h2 id="curves">Curves</h2><p class="quiet">No epoch was finished.</p></section>`;
	return html`<section aria-labelledby="curves"><h2 id="curves">Curves</h2>
<div class="charts">${CHARTS.map((chart) => figure(chart, epochs, marks))}</div>
${stop && html`<p class="quiet">Training ${stopText(stop)}.</p>`}${epochs.length < all.length && html`<p class="quiet">${epochs.length} of ${all.length} epochs, evenly spread; journal.jsonl has all.</p>`}
<details class="numbers"><summary>All numbers as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Numbers of all epochs">${epochTable(epochs)}</div></details>
</section>`;
}

/** Evenly spread epochs, the last one among them. */
function thinned(epochs: readonly EpochRecord[]): readonly EpochRecord[] {
	const stride = Math.ceil(epochs.length / MOST_EPOCHS);
	const rest = (epochs.length - 1) % stride;
	return stride <= 1
		? epochs
		: epochs.filter((_, index) => index % stride === rest);
}

function figure(
	chart: Chart,
	epochs: readonly EpochRecord[],
	marks: readonly EpochMark[],
): Markup {
	const values = chart.series.flatMap(({ key }) =>
		epochs.map(({ metrics }) => metrics[key]),
	);
	const finite = values.filter(
		(value): value is number => value !== undefined && Number.isFinite(value),
	);
	const title = html`<figcaption><h3>${chart.title}</h3>`;
	if (finite.length === 0)
		return html`<figure class="chart">${title}</figcaption><p class="quiet">No finite value was measured.</p></figure>`;
	const y = chart.axis(finite);
	const first = epochs[0]?.epoch ?? 1;
	const last = epochs[epochs.length - 1]?.epoch ?? first;
	const x = linearAxis([], { low: first, high: Math.max(last, first + 1) });
	const toX = (epoch: number) =>
		first === last
			? (PLOT.left + PLOT.right) / 2
			: PLOT.left + x.place(epoch) * (PLOT.right - PLOT.left);
	const toY = (value: number) =>
		PLOT.bottom - y.place(value) * (PLOT.bottom - PLOT.top);
	const points = epochs.map(({ epoch, metrics }) => ({
		epoch,
		x: round(toX(epoch)),
		y: chart.series.map(({ key }) => place(metrics[key], toY)),
		text: chart.series.map(({ key }) => chart.print(metrics[key]) || "–"),
	}));
	const end = points[points.length - 1] as (typeof points)[number];
	const spoken = `epoch ${end.epoch}: ${chart.series.map(({ name }, s) => `${name} ${end.text[s]}`).join(", ")}`;
	return html`<figure class="chart">${title}<p class="readout" aria-hidden="true"><span>epoch <b data-epoch>${end.epoch}</b></span>${chart.series.map(
		({ name }, s) =>
			html`<span class="key ${name}">${name} <b data-series="${s}">${end.text[s]}</b></span>`,
	)}</p></figcaption>
<div class="plot" tabindex="0" role="slider" aria-label="${chart.title} by epoch; arrow keys read each epoch" aria-valuemin="${first}" aria-valuemax="${last}" aria-valuenow="${end.epoch}" aria-valuetext="${spoken}" data-plot="${JSON.stringify(points)}">
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">
${y.ticks.map((tick) => html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(toY(tick))}" y2="${round(toY(tick))}"/><text class="tick" x="${PLOT.left - 8}" y="${round(toY(tick) + 4)}" text-anchor="end">${chart.printTick(tick)}</text>`)}
${epochTicks(first, last).map((tick) => html`<text class="tick" x="${round(toX(tick))}" y="${PLOT.bottom + 20}" text-anchor="middle">${tick}</text>`)}
<text class="tick" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 2}" text-anchor="middle">epoch</text>
${marks
	.filter(({ epoch }) => epoch >= first && epoch <= last)
	.map(
		({ epoch, text }) =>
			html`<line class="epoch-mark" x1="${round(toX(epoch))}" x2="${round(toX(epoch))}" y1="${PLOT.top}" y2="${PLOT.bottom}"/><text class="tick" x="${round(toX(epoch) + 5)}" y="${PLOT.bottom - 6}">${text}</text>`,
	)}
<line class="cursor" x1="${end.x}" x2="${end.x}" y1="${PLOT.top}" y2="${PLOT.bottom}"/>
${[...chart.series.keys()].reverse().map((s) =>
	line(
		chart.series[s] as Series,
		points.map((point) => [point.x, point.y[s]]),
	),
)}
${labels(chart, end.y)}
${chart.series.map(({ name }, s) => html`<circle class="dot ${name}" r="4.5" cx="${end.x}" cy="${end.y[s] ?? -20}"/>`)}
</svg></div></figure>`;
}

/** Null where there is nothing to draw: no value, NaN, or an infinity. */
function place(
	value: number | undefined,
	toY: (value: number) => number,
): number | null {
	if (value === undefined || !Number.isFinite(value)) return null;
	const at = toY(value);
	return Number.isFinite(at) ? round(at) : null;
}

/** A path with a gap at each missing value; few points are marked, and a point without neighbours always. */
function line(
	{ name }: Series,
	points: readonly (readonly [number, number | null | undefined])[],
): Content {
	let path = "";
	const marks: Markup[] = [];
	let pen = "M";
	for (const [index, [x, y]] of points.entries()) {
		if (typeof y !== "number") {
			pen = "M";
			continue;
		}
		path += `${pen}${x} ${y}`;
		const isAlone = pen === "M" && typeof points[index + 1]?.[1] !== "number";
		if (points.length <= 20 || isAlone)
			marks.push(
				html`<circle class="mark ${name}" r="${isAlone ? 4 : 2.5}" cx="${x}" cy="${y}"/>`,
			);
		pen = "L";
	}
	return [html`<path class="curve ${name}" d="${path}"/>`, marks];
}

/** Each line's name at its end, moved apart where they would overlap. */
function labels({ series }: Chart, ends: readonly (number | null)[]): Content {
	const placed = series
		.map(({ name }, s) => ({ name, y: ends[s] ?? null }))
		.filter(
			(label): label is { name: Series["name"]; y: number } => label.y !== null,
		)
		.sort((a, b) => a.y - b.y);
	const [upper, lower] = placed;
	if (upper && lower && lower.y - upper.y < 15) {
		const middle = Math.min(
			Math.max((upper.y + lower.y) / 2, PLOT.top + 4),
			PLOT.bottom - 8,
		);
		upper.y = middle - 7.5;
		lower.y = middle + 7.5;
	}
	return placed.map(
		({ name, y }) =>
			html`<text class="label ${name}" x="${PLOT.right + 10}" y="${round(y + 4)}">${name}</text>`,
	);
}

function epochTable(epochs: readonly EpochRecord[]): Markup {
	const columns = CHARTS.flatMap(({ title, series, print }) =>
		series.map(({ key, name }) => ({
			key,
			print,
			title: `${name} ${title.toLowerCase()}`,
		})),
	);
	return html`<table class="plain"><caption>Numbers of all epochs</caption><thead><tr><th scope="col">epoch</th>${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${epochs.map(({ epoch, metrics }) => html`<tr><th scope="row">${epoch}</th>${columns.map(({ key, print }) => html`<td>${print(metrics[key])}</td>`)}</tr>`)}</tbody></table>`;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
