/** What an activation was seen to be, over all calibration photos. */
export interface Histogram {
	readonly min: number;
	readonly max: number;
	/** Counts of values in equal parts of [min, max]. */
	readonly counts: Float64Array;
}

/** The values that bytes stand for; those beyond become the ends. */
export interface Range {
	readonly min: number;
	readonly max: number;
}

/** By tensor name. */
export type Ranges = ReadonlyMap<string, Range>;

/**
 * How a range is chosen from what was seen: all of it; what a share of the values lies in; or the range with the least
 * mean squared error of the bytes.
 */
export type RangeMethod = "minmax" | "percentile" | "mse";

/** Share of the values that `percentile` keeps. */
const PERCENTILE = 0.9999;

/** Chooses the range of one activation. */
export function chooseRange(seen: Histogram, method: RangeMethod): Range {
	if (method === "minmax" || seen.max <= seen.min) return seen;
	return method === "percentile" ? percentile(seen) : leastError(seen);
}

function percentile({ min, max, counts }: Histogram): Range {
	const total = counts.reduce((sum, count) => sum + count, 0);
	const allowed = ((1 - PERCENTILE) / 2) * total;
	const width = (max - min) / counts.length;
	let low = 0;
	for (let sum = counts[0]; sum <= allowed; sum += counts[++low]);
	let high = counts.length - 1;
	for (let sum = counts[high]; sum <= allowed; sum += counts[--high]);
	// An activation that Relu cut off begins at its zero, however many zeros there are.
	return { min: min + low * width, max: min + (high + 1) * width };
}

/** Ranges that are tried: each end moved towards zero in so many steps. */
const STEPS = 40;

function leastError(seen: Histogram): Range {
	const { min, max } = seen;
	let best: Range = { min, max };
	let least = errorOf(seen, best);
	for (let pass = 0; pass < 2; pass++)
		for (const end of ["max", "min"] as const)
			for (let step = 1; step < STEPS; step++) {
				const whole = end === "max" ? max : min;
				const tried = { ...best, [end]: whole * (1 - step / STEPS) };
				const error = errorOf(seen, tried);
				if (error < least) [best, least] = [tried, error];
			}
	return best;
}

/** Mean squared error of 8-bit values: a twelfth of a step squared inside, the distance to the end outside. */
function errorOf({ min, max, counts }: Histogram, range: Range): number {
	const low = Math.min(0, range.min);
	const high = Math.max(0, range.max);
	const step = (high - low) / 255;
	const width = (max - min) / counts.length;
	let sum = 0;
	for (let bin = 0; bin < counts.length; bin++) {
		const value = min + (bin + 0.5) * width;
		const out = value < low ? low - value : value > high ? value - high : 0;
		sum += counts[bin] * (out > 0 ? out * out : (step * step) / 12);
	}
	return sum;
}
