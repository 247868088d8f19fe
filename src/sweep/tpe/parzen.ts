import { logBetween, logDensity, truncatedQuantile } from "./normal.ts";

/** One key of a space. Its values are numbers: of a choice, the place in its list. */
export interface Dimension {
	readonly key: string;
	readonly kind:
		| "uniform"
		| "log_uniform"
		| "integer"
		| "log_integer"
		| "choice";
	/** Both included; of a choice 0 and the last place. */
	readonly low: number;
	readonly high: number;
}

/** A point of a space: a number for each of its dimensions, in their order. */
export type Point = readonly number[];

/**
 * A density over a space, made of points seen in it: a mixture with one kernel a point and a broad one, the prior.
 * The kernel of a point is a product over the dimensions: a normal distribution truncated to the bounds (of integers
 * its mass over each unit interval), of a choice a table.
 */
export interface Parzen {
	readonly space: readonly Dimension[];
	/** One a kernel, the prior's last; they sum to 1. */
	readonly weights: readonly number[];
	/** One a dimension. */
	readonly kernels: readonly Kernels[];
}

/** The kernels' parts in one dimension. */
type Kernels =
	| {
			readonly kind: "normal";
			/** In the scale of the kernels: of logarithmic dimensions the logarithms. */
			readonly mu: readonly number[];
			readonly sigma: readonly number[];
			/** log of the mass between the bounds that an untruncated kernel has. */
			readonly logMass: readonly number[];
			readonly low: number;
			readonly high: number;
	  }
	| { readonly kind: "table"; readonly rows: readonly (readonly number[])[] };

/** Of a large history the last so many points count in full, older ones linearly less (hyperopt's and Optuna's rule). */
const FULL_WEIGHTS = 25;

/** @param points in the order in which they were asked for */
export function parzenOf(
	space: readonly Dimension[],
	points: readonly Point[],
): Parzen {
	const raw = points.length === 0 ? [1] : [...weightsOf(points.length), 1];
	const sum = raw.reduce((total, weight) => total + weight, 0);
	return {
		space,
		weights: raw.map((weight) => weight / sum),
		kernels: space.map((dimension, index) => {
			const values = points.map((point) => point[index] as number);
			return dimension.kind === "choice"
				? tableOf(dimension, values)
				: normalsOf(dimension, values);
		}),
	};
}

/** optuna 5.0.0, samplers/_tpe/sampler.py, default_weights. */
function weightsOf(count: number): readonly number[] {
	const older = Math.max(0, count - FULL_WEIGHTS);
	return Array.from({ length: count }, (_, index) => {
		if (index >= older) return 1;
		const step = older > 1 ? (1 - 1 / count) / (older - 1) : 0;
		return 1 / count + step * index;
	});
}

/** optuna 5.0.0, samplers/_tpe/parzen_estimator.py, _calculate_categorical_distributions, prior_weight 1. */
function tableOf(
	{ high }: Dimension,
	values: readonly number[],
): Extract<Kernels, { kind: "table" }> {
	const choices = high + 1;
	const prior = 1 / (values.length + 1);
	const rows = [...values, undefined].map((value) => {
		const row = Array.from(
			{ length: choices },
			(_, choice) => prior + (choice === value ? 1 : 0),
		);
		const sum = row.reduce((total, weight) => total + weight, 0);
		return row.map((weight) => weight / sum);
	});
	return { kind: "table", rows };
}

/**
 * Each kernel as wide as the way to its farther neighbour, clipped to [range / min(100, n + 2), range] ("magic clip");
 * the prior in the middle, as wide as the range (optuna 5.0.0, samplers/_tpe/parzen_estimator.py,
 * _calculate_numerical_distributions with consider_magic_clip and without consider_endpoints; Bergstra et al. 2011).
 */
function normalsOf(
	dimension: Dimension,
	values: readonly number[],
): Extract<Kernels, { kind: "normal" }> {
	const { low, high } = boundsOf(dimension);
	const scale = isLog(dimension) ? Math.log : (value: number) => value;
	const mu = values.map(scale);
	const order = mu.map((_, i) => i).sort((a, b) => at(mu, a) - at(mu, b));
	const sorted = [low, ...order.map((i) => at(mu, i)), high];
	const narrowest = (high - low) / Math.min(100, mu.length + 2);
	const sigma = mu.map(() => 0);
	for (const [rank, index] of order.entries()) {
		const left = at(sorted, rank + 1) - at(sorted, rank);
		const right = at(sorted, rank + 2) - at(sorted, rank + 1);
		const isAlone = mu.length < 2;
		let width = Math.max(left, right);
		if (!isAlone && rank === 0) width = right;
		if (!isAlone && rank === mu.length - 1) width = left;
		sigma[index] = Math.min(high - low, Math.max(narrowest, width));
	}
	mu.push((low + high) / 2);
	sigma.push(high - low);
	const logMass = mu.map((mean, kernel) => {
		const width = at(sigma, kernel);
		return logBetween((low - mean) / width, (high - mean) / width);
	});
	return { kind: "normal", mu, sigma, logMass, low, high };
}

function isLog({ kind }: Dimension): boolean {
	return kind === "log_uniform" || kind === "log_integer";
}

function isInteger({ kind }: Dimension): boolean {
	return kind === "integer" || kind === "log_integer";
}

/** In the scale of the kernels; of integers half a step wider on both sides. */
function boundsOf(dimension: Dimension) {
	const half = isInteger(dimension) ? 0.5 : 0;
	const [low, high] = [dimension.low - half, dimension.high + half];
	return isLog(dimension)
		? { low: Math.log(low), high: Math.log(high) }
		: { low, high };
}

/** log of the density at a point; of integers and choices its probability. */
export function logDensityAt(
	{ space, weights, kernels }: Parzen,
	point: Point,
): number {
	const logs = weights.map((weight, kernel) =>
		space.reduce(
			(sum, dimension, index) =>
				sum +
				logOfKernel(
					dimension,
					kernels[index] as Kernels,
					kernel,
					at(point, index),
				),
			Math.log(weight),
		),
	);
	const most = Math.max(...logs);
	if (most === Number.NEGATIVE_INFINITY) return most;
	const sum = logs.reduce((total, log) => total + Math.exp(log - most), 0);
	return Math.log(sum) + most;
}

function logOfKernel(
	dimension: Dimension,
	kernels: Kernels,
	kernel: number,
	value: number,
): number {
	if (kernels.kind === "table")
		return Math.log(at(kernels.rows[kernel] ?? [], value));
	const mu = at(kernels.mu, kernel);
	const sigma = at(kernels.sigma, kernel);
	const scaled = (x: number) => (x - mu) / sigma;
	const all = at(kernels.logMass, kernel);
	const scale = isLog(dimension) ? Math.log : (x: number) => x;
	if (isInteger(dimension)) {
		const [from, to] = [scale(value - 0.5), scale(value + 0.5)];
		return logBetween(scaled(from), scaled(to)) - all;
	}
	return logDensity(scaled(scale(value))) - Math.log(sigma) - all;
}

/**
 * Draws a point: first a kernel, then each dimension from it.
 * @param uniform of the kernel, and of each dimension by its key: numbers in [0, 1)
 */
export function drawFrom(
	{ space, weights, kernels }: Parzen,
	uniform: {
		readonly kernel: () => number;
		readonly of: (key: string) => number;
	},
): Point {
	const kernel = pick(weights, uniform.kernel());
	return space.map((dimension, index) => {
		const own = kernels[index] as Kernels;
		const u = uniform.of(dimension.key);
		if (own.kind === "table") return pick(own.rows[kernel] ?? [], u);
		const mu = at(own.mu, kernel);
		const sigma = at(own.sigma, kernel);
		const [a, b] = [(own.low - mu) / sigma, (own.high - mu) / sigma];
		const scaled = mu + sigma * truncatedQuantile(u, a, b);
		const value = isLog(dimension) ? Math.exp(scaled) : scaled;
		return within(dimension, isInteger(dimension) ? Math.round(value) : value);
	});
}

function within({ low, high }: Dimension, value: number): number {
	return Math.min(high, Math.max(low, value));
}

/** The place at which the weights summed up exceed u. */
function pick(weights: readonly number[], u: number): number {
	let sum = 0;
	for (const [index, weight] of weights.entries()) {
		sum += weight;
		if (u < sum) return index;
	}
	return weights.length - 1;
}

function at(values: readonly number[], index: number): number {
	return values[index] as number;
}
