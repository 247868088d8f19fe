import {
	type Axis,
	epochTicks,
	linearAxis,
	logAxis,
} from "../../../runs/report/axis.ts";
import { html, type Markup } from "../../../runs/report/html.ts";
import type { EpochRecord } from "../../../runs/types.ts";
import { count } from "../../../text.ts";
import type { TrialState } from "../../types.ts";
import type { Comparison } from "../types.ts";
import { scoreText } from "../words.ts";
import { pointIndexOf } from "./points.ts";

/** Curves of all trials, a line each: the best in orange, the others the bluer the better their point. */

const WIDTH = 480;
const HEIGHT = 264;
const PLOT = { left: 58, right: 464, top: 14, bottom: 226 };
/** Epochs of one line that are drawn; the eye sees no more at this width. */
const MOST_STEPS = 120;

type Epochs = ReadonlyMap<string, readonly EpochRecord[]>;

export function trialCurves(
	comparison: Comparison,
	trials: readonly TrialState[],
	epochs: Epochs,
): Markup | undefined {
	const shown = [...new Set([comparison.objective.metric, "valid/loss"])]
		.map((metric) => figure(metric, comparison, trials, epochs))
		.filter((each) => each !== undefined);
	if (shown.length === 0) return undefined;
	return html`<section aria-labelledby="curves"><h2 id="curves">Curves</h2><p class="quiet">A line a trial, the best in <span class="of-best">orange</span>; point at a row of the table below to find its lines.</p><div class="charts">${shown}</div></section>`;
}

function figure(
	metric: string,
	comparison: Comparison,
	trials: readonly TrialState[],
	epochs: Epochs,
): Markup | undefined {
	const pointOf = pointIndexOf(comparison);
	const best = comparison.points[0]?.bestTrial;
	const series = trials.flatMap((trial) => {
		const own = (epochs.get(trial.trial) ?? []).flatMap(
			({ epoch, metrics }) => {
				const value = metrics[metric];
				return value === undefined ? [] : [{ epoch, value }];
			},
		);
		return own.length === 0
			? []
			: [
					{
						own: thinned(own),
						point: pointOf(trial),
						isBest: trial.trial === best,
					},
				];
	});
	const values = series
		.flatMap(({ own }) => own.map(({ value }) => value))
		.filter(Number.isFinite);
	if (values.length === 0) return undefined;
	const y = axisOf(values);
	const ends = series.flatMap(({ own }) => own.map(({ epoch }) => epoch));
	const [first, last] = ends.reduce(
		([low, high], epoch) => [Math.min(low, epoch), Math.max(high, epoch)],
		[Number.POSITIVE_INFINITY, 1],
	);
	const x = linearAxis([], { low: first, high: Math.max(last, first + 1) });
	const toX = (epoch: number) =>
		round(PLOT.left + x.place(epoch) * (PLOT.right - PLOT.left));
	const toY = (value: number) =>
		round(PLOT.bottom - y.place(value) * (PLOT.bottom - PLOT.top));
	// The best is drawn last, over the others.
	const ordered = [...series].sort(
		(a, b) => Number(a.isBest) - Number(b.isBest) || b.point - a.point,
	);
	const bestEnd = ordered.at(-1)?.own.at(-1);
	const drawn = comparison.points.length;
	return html`<figure class="chart"><figcaption><h3>${metric}</h3></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${metric} by epoch of ${count(series.length, "trial")}, from ${scoreText(values.reduce((a, b) => Math.min(a, b)))} to ${scoreText(values.reduce((a, b) => Math.max(a, b)))}${bestEnd && `; the best ends at ${scoreText(bestEnd.value)}`}">
${y.ticks.map((tick) => html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${toY(tick)}" y2="${toY(tick)}"/><text class="tick" x="${PLOT.left - 8}" y="${toY(tick) + 4}" text-anchor="end">${Math.abs(tick) >= 1e5 || (tick !== 0 && Math.abs(tick) < 1e-3) ? tick.toExponential(0) : tick}</text>`)}
${epochTicks(first, last).map((tick) => html`<text class="tick" x="${toX(tick)}" y="${PLOT.bottom + 20}" text-anchor="middle">${tick}</text>`)}
<text class="tick" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 2}" text-anchor="middle">epoch</text>
${ordered.map(({ own, point, isBest }) => html`<path class="line${isBest && " best"}" data-point="${point}" style="--share:${(drawn < 2 ? 1 : 1 - Math.max(0, point) / (drawn - 1)).toFixed(2)}" d="${pathOf(own, toX, toY)}"/>`)}
</svg></figure>`;
}

interface Step {
	readonly epoch: number;
	readonly value: number;
}

function thinned(steps: readonly Step[]): readonly Step[] {
	const stride = Math.ceil(steps.length / MOST_STEPS);
	return steps.filter(
		(_, index) => index % stride === 0 || index === steps.length - 1,
	);
}

/** With a gap where a value is no number; a lone epoch is a dash. */
function pathOf(
	steps: readonly Step[],
	toX: (epoch: number) => number,
	toY: (value: number) => number,
): string {
	let pen = "M";
	let path = "";
	for (const { epoch, value } of steps) {
		if (!Number.isFinite(value)) {
			pen = "M";
			continue;
		}
		path += `${pen}${toX(epoch)} ${toY(value)}`;
		pen = "L";
	}
	return steps.length === 1 ? `${path}h6` : path;
}

/** Losses of runs that diverge lie powers of ten above the others. */
function axisOf(values: readonly number[]): Axis {
	const [least, most] = values.reduce(
		([low, high], value) => [Math.min(low, value), Math.max(high, value)],
		[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
	);
	return least > 0 && most / least > 200
		? logAxis([least, most])
		: linearAxis([least, most]);
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}
