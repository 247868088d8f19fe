import { random } from "../random.ts";
import type { LearningCurve } from "./types.ts";

/** Would more photos help? Accuracy on the valid photos by share of the training photos. */

/** Shares of the training photos. */
const SHARES = [0.1, 0.2, 0.35, 0.5, 0.7, 1];
/** Draws of each share but the whole. */
const DRAWS = 5;

/** Fits on some training rows and answers the accuracy on the valid ones, 0 … 1. */
export type FitOn = (rows: Int32Array) => number;

/** @param labels class of each training row. */
export function learningCurve(
	labels: Int32Array,
	seed: number,
	fitOn: FitOn,
): LearningCurve | undefined {
	const sizes = [
		...new Set(SHARES.map((share) => Math.round(share * labels.length))),
	];
	const usable = sizes.filter((size) => size >= 2 * new Set(labels).size);
	if (usable.length < 3) return undefined;
	const points = usable.map((photos) => {
		const draws = photos === labels.length ? 1 : DRAWS;
		const scores = Array.from({ length: draws }, (_, draw) =>
			fitOn(drawRows(labels, photos, seed, draw)),
		);
		const accuracy = mean(scores);
		const spread = Math.sqrt(
			mean(scores.map((score) => (score - accuracy) ** 2)),
		);
		return { photos, accuracy, spread };
	});
	const fit = fitPower(points);
	const doubled =
		fit && 1 - (fit.floor + fit.scale * (2 * labels.length) ** -fit.rate);
	return { points, fit, doubled, advice: adviceOf(points, doubled) };
}

/** Stratified: each class gives its share, at least one. */
function drawRows(
	labels: Int32Array,
	photos: number,
	seed: number,
	draw: number,
): Int32Array {
	if (photos === labels.length) return Int32Array.from(labels, (_, row) => row);
	const byClass = new Map<number, number[]>();
	labels.forEach((label, row) => {
		byClass.set(label, [...(byClass.get(label) ?? []), row]);
	});
	const chosen: number[] = [];
	for (const [label, rows] of [...byClass].sort(([a], [b]) => a - b)) {
		const share = Math.max(
			1,
			Math.round((rows.length * photos) / labels.length),
		);
		const order = random(seed, "learning curve", draw, label).permutation(
			rows.length,
		);
		for (const place of order.subarray(0, share))
			chosen.push(rows[place] as number);
	}
	return Int32Array.from(chosen.sort((a, b) => a - b));
}

type Points = LearningCurve["points"];

/**
 * Error = floor + scale · n^-rate, the usual shape of learning curves (Hestness et al., 2017), by least squares over a
 * grid of rates, floor and scale in closed form and not negative.
 */
function fitPower(points: Points): LearningCurve["fit"] {
	let best:
		| { floor: number; scale: number; rate: number; loss: number }
		| undefined;
	for (let rate = 0.05; rate <= 2; rate += 0.05) {
		const x = points.map(({ photos }) => photos ** -rate);
		const y = points.map(({ accuracy }) => 1 - accuracy);
		const [meanX, meanY] = [mean(x), mean(y)];
		const slope =
			x.reduce(
				(sum, value, i) => sum + (value - meanX) * ((y[i] as number) - meanY),
				0,
			) / x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
		const free = meanY - slope * meanX;
		const floor = Math.max(0, free);
		const scale =
			free >= 0
				? slope
				: x.reduce((sum, value, i) => sum + value * (y[i] as number), 0) /
					x.reduce((sum, value) => sum + value ** 2, 0);
		if (!(scale > 0)) continue;
		const loss = x.reduce(
			(sum, value, i) => sum + (floor + scale * value - (y[i] as number)) ** 2,
			0,
		);
		if (best === undefined || loss < best.loss)
			best = { floor, scale, rate, loss };
	}
	if (best === undefined) return undefined;
	const { floor, scale, rate } = best;
	return { floor, scale, rate: Number(rate.toFixed(2)) };
}

function adviceOf(points: Points, doubled: number | undefined): string {
	const now = points.at(-1)?.accuracy ?? 0;
	if (doubled === undefined)
		return "accuracy does not rise with the number of photos: more of the same are not expected to help";
	const gain = doubled - now;
	const words = `twice the photos are expected to bring ${percent(doubled)}`;
	if (gain < 0.005) return `${words}: more of the same would hardly help`;
	return `${words}, ${(100 * gain).toFixed(1)} points more: ${gain < 0.02 ? "worth it where photos are cheap" : "more photos would help"}`;
}

function percent(share: number): string {
	return `${(100 * share).toFixed(1)} %`;
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
