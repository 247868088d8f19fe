/** Where the ticks of a chart lie and where a value falls. */
export interface Axis {
	readonly low: number;
	readonly high: number;
	readonly ticks: readonly number[];
	/** A value's place between low (0) and high (1). */
	readonly place: (value: number) => number;
}

/** A straight axis around the values, with three to seven ticks at 1, 2 or 5 times a power of ten. */
export function linearAxis(
	values: readonly number[],
	bounds: { readonly low?: number; readonly high?: number } = {},
): Axis {
	const finite = values.filter(Number.isFinite);
	const least = bounds.low ?? Math.min(...finite, Number.POSITIVE_INFINITY);
	const most = bounds.high ?? Math.max(...finite, Number.NEGATIVE_INFINITY);
	const [from, to] = widened(least, most);
	const step = niceStep((to - from) / 5);
	const low = bounds.low ?? Math.floor(from / step + 1e-9) * step;
	const high = bounds.high ?? Math.ceil(to / step - 1e-9) * step;
	const first = Math.ceil(low / step - 1e-9);
	const last = Math.floor(high / step + 1e-9);
	const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
		Number(((first + index) * step).toPrecision(12)),
	);
	return { low, high, ticks, place: (value) => (value - low) / (high - low) };
}

/** A logarithmic axis with ticks at powers of ten; all values are positive. */
export function logAxis(values: readonly number[]): Axis {
	const exponents = values.map(Math.log10);
	const first = Math.floor(Math.min(...exponents) + 1e-9);
	const last = Math.max(first + 1, Math.ceil(Math.max(...exponents) - 1e-9));
	const stride = Math.ceil((last - first) / 6);
	const ticks: number[] = [];
	for (let exponent = first; exponent <= last; exponent += stride)
		ticks.push(Number(`1e${exponent}`));
	const place = (value: number) => (Math.log10(value) - first) / (last - first);
	return { low: 10 ** first, high: 10 ** last, ticks, place };
}

/** Whole-number ticks for epochs first … last: every one, or the multiples of 2, 5, 10 … */
export function epochTicks(first: number, last: number): number[] {
	const step = Math.max(1, niceStep((last - first) / 8));
	const ticks: number[] = [];
	for (let at = Math.ceil(first / step) * step; at <= last; at += step)
		ticks.push(at);
	return ticks;
}

function niceStep(step: number): number {
	const power = 10 ** Math.floor(Math.log10(step));
	const digit = step / power;
	const nice = digit <= 1.0001 ? 1 : digit <= 2.0001 ? 2 : digit <= 5 ? 5 : 10;
	return nice * power;
}

/** A range that is not empty. */
function widened(low: number, high: number): [number, number] {
	if (!(low <= high)) return [0, 1];
	if (low < high) return [low, high];
	const half = Math.abs(low) / 2 || 0.5;
	return [low - half, high + half];
}
