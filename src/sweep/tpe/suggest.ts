import { random } from "../../random.ts";
import {
	type Dimension,
	drawFrom,
	logDensityAt,
	type Point,
	parzenOf,
} from "./parzen.ts";

/**
 * The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio, Kegl: Algorithms for hyper-parameter optimization,
 * NeurIPS 2011), with the rules and defaults of optuna 5.0.0's TPESampler:
 *
 *   points seen ─┬─ the best tenth ─ density l ─ 24 draws ─┐
 *                └─ all others ───── density g ────────────┴─ the draw with the greatest l / g
 */
export interface SeenPoint {
	readonly point: Point;
	/** `running`: asked for, and not yet known; it counts among the others (constant liar). */
	readonly state: "finished" | "pruned" | "running";
	/** Less is better, NaN is worst; of a pruned trial its last. */
	readonly loss: number;
	/** Of a pruned trial: one that came farther is better. */
	readonly epochs: number;
}

/** How points are asked for. */
export interface TpeSettings {
	readonly seed: number;
	/** The share of the history that counts as good, at most MOST_GOOD points. */
	readonly gamma: number;
	/** Draws of which the best is taken. */
	readonly candidates: number;
	/** All keys together; otherwise each on its own. */
	readonly multivariate: boolean;
}

const MOST_GOOD = 25;

/**
 * The next point; a function of its arguments alone.
 * @param history in the order of asking
 * @param index how many points were asked for before; names the numbers that are drawn, with `attempt`
 */
export function suggest(
	space: readonly Dimension[],
	history: readonly SeenPoint[],
	settings: TpeSettings,
	index: number,
	attempt = 0,
): Point {
	const { good, others } = split(history, settings.gamma);
	const { seed } = settings;
	const name = attempt === 0 ? [index] : [index, "again", attempt];
	const streamOf = (part: string) => random(seed, "tpe", ...name, part).uniform;
	const groups = settings.multivariate
		? [space.map((_, place) => place)]
		: space.map((_, place) => [place]);
	const point = space.map(() => 0);
	for (const places of groups) {
		const part = places.map((place) => space[place] as Dimension);
		const only = (all: Point) => places.map((place) => all[place] as number);
		const streams = new Map(part.map(({ key }) => [key, streamOf(key)]));
		const label = settings.multivariate ? "" : `${part[0]?.key}`;
		const kernel = streamOf(`${label}/kernel`);
		const l = parzenOf(part, good.map(only));
		const g = parzenOf(part, others.map(only));
		let best: { readonly draw: Point; readonly gain: number } | undefined;
		for (let n = 0; n < settings.candidates; n++) {
			const draw = drawFrom(l, {
				kernel,
				of: (key) => streams.get(key)?.() ?? 0,
			});
			const gain = logDensityAt(l, draw) - logDensityAt(g, draw);
			if (best === undefined || gain > best.gain) best = { draw, gain };
		}
		for (const [n, place] of places.entries())
			point[place] = best?.draw[n] ?? 0;
	}
	return point;
}

/**
 * The best and the others, each in the order of asking: finished trials by their loss, then pruned ones by how far they
 * came (optuna 5.0.0, samplers/_tpe/sampler.py, _split_trials and default_gamma).
 */
export function split(
	history: readonly SeenPoint[],
	gamma: number,
): { readonly good: readonly Point[]; readonly others: readonly Point[] } {
	const known = history.filter(({ state }) => state !== "running");
	const count = Math.min(Math.ceil(gamma * known.length), MOST_GOOD);
	const best = new Set([...known].sort(better).slice(0, count));
	const points = (isGood: boolean) =>
		history
			.filter((seen) => best.has(seen) === isGood)
			.map(({ point }) => point);
	return { good: points(true), others: points(false) };
}

/** Sorting keeps the order of asking among equals. */
function better(a: SeenPoint, b: SeenPoint): number {
	if (a.state !== b.state) return a.state === "finished" ? -1 : 1;
	if (a.state === "pruned" && a.epochs !== b.epochs) return b.epochs - a.epochs;
	const [left, right] = [lossOf(a), lossOf(b)];
	return left === right ? 0 : left < right ? -1 : 1;
}

function lossOf({ loss }: SeenPoint): number {
	return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}
