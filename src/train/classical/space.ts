import { RunError } from "../../diagnostic.ts";
import { sizeOf } from "../../model/dtypes.ts";
import { symmetricEigen } from "./eigen.ts";
import { gramOf, productOfRows, transposed } from "./matrix.ts";

/**
 * Fewer coordinates that say the same. A linear model that is held back by the length of its weights keeps them in the
 * span of the photos it learns from (Kimeldorf and Wahba 1971), so n photos of d features are n photos of at most
 * min(n, d) coordinates: inner products, and with them every decision, stay what they were.
 *
 *   features [n, d] ─ shift ─ scale ─ (1 appended) ─ X = U S Vᵀ ─ coordinates U S [n, r] ─ model w ─ V w on features
 *
 * The axes are those of the covariance, so that the curvature of every smooth loss is nearly diagonal in them, which is
 * what makes the solver's few steps suffice.
 */
export interface Space {
	readonly n: number;
	/** Coordinates. */
	readonly r: number;
	/** float64 [n, r] */
	readonly z: Float64Array;
	/** Weights [k, r] and bias [k] on coordinates as weights [k, d] and bias [k] on the features as they are. */
	readonly toFeatures: (
		weight: Float64Array,
		bias: Float64Array,
	) => { readonly weight: Float64Array; readonly bias: Float64Array };
}

/** How features are moved before anything is learnt from them. */
export interface Scaling {
	/** float64 [d] */
	readonly shift: Float64Array;
	readonly scale: Float64Array;
}

/** Beyond so many coordinates the axes take longer than they save. */
const MOST_AXES = 1500;
/** Axes along which the photos vary less than this, of the largest variance, are rounding. */
const NOISE = 1e-13;

/** float64 [n, d] of the rows. @throws RunError "features-not-finite" */
export function featuresOf({
	features,
	shape,
}: {
	readonly features: Float32Array;
	readonly shape: readonly number[];
}): { readonly x: Float64Array; readonly n: number; readonly d: number } {
	const d = sizeOf(shape);
	for (const value of features)
		if (!Number.isFinite(value))
			throw new RunError(
				"features-not-finite",
				"the features hold values that are not finite, so nothing can be learned from them",
				{
					fix: "check that preprocessing and weights belong to this network (`graft features FILE` shows what it computes)",
				},
			);
	return { x: Float64Array.from(features), n: features.length / d, d };
}

/**
 * The mean and, with `standardize`, the standard deviation of each feature over the rows (sklearn's StandardScaler: of
 * n, and 1 where a feature is constant); without it neither, or the mean alone under `centre`.
 */
export function scalingOf(
	x: Float64Array,
	n: number,
	d: number,
	{
		standardize,
		centre,
	}: { readonly standardize: boolean; readonly centre: boolean },
): Scaling {
	const shift = new Float64Array(d);
	const scale = new Float64Array(d).fill(1);
	if (!standardize && !centre) return { shift, scale };
	for (let i = 0; i < n; i++)
		for (let j = 0; j < d; j++) shift[j] += x[i * d + j];
	for (let j = 0; j < d; j++) shift[j] /= n;
	if (!standardize) return { shift, scale };
	const variance = new Float64Array(d);
	for (let i = 0; i < n; i++)
		for (let j = 0; j < d; j++) variance[j] += (x[i * d + j] - shift[j]) ** 2;
	for (let j = 0; j < d; j++) {
		variance[j] /= n;
		const rounding = 10 * Number.EPSILON * Math.abs(shift[j]);
		if (Math.sqrt(variance[j]) > rounding) scale[j] = Math.sqrt(variance[j]);
	}
	return { shift, scale };
}

/** (x - shift) / scale, a copy. */
export function scaled(
	x: Float64Array,
	d: number,
	{ shift, scale }: Scaling,
): Float64Array {
	const out = new Float64Array(x.length);
	for (let at = 0; at < x.length; at += d)
		for (let j = 0; j < d; j++) out[at + j] = (x[at + j] - shift[j]) / scale[j];
	return out;
}

/** What a space is like. */
export interface SpaceOptions {
	/** Appends a feature that is 1 for every photo: a bias that is held back like a weight. */
	readonly withOne: boolean;
	/** Whether axes are looked for, or the features themselves are the coordinates. */
	readonly rotate: boolean;
}

/** The rows of `x`, float64 [n, d], in coordinates. */
export function openSpace(
	x: Float64Array,
	n: number,
	d: number,
	scaling: Scaling,
	{ withOne, rotate }: SpaceOptions,
): Space {
	const moved = scaled(x, d, scaling);
	const width = withOne ? d + 1 : d;
	const rows = withOne ? appendOne(moved, n, d) : moved;
	const { z, axes, r } =
		rotate && Math.min(n, width) <= MOST_AXES
			? coordinates(rows, n, width)
			: { z: rows, axes: undefined, r: width };

	function toFeatures(weight: Float64Array, bias: Float64Array) {
		const k = bias.length;
		const whole =
			axes === undefined
				? weight
				: productOfRows(weight, k, transposed(axes, r, width), width, r);
		const out = new Float64Array(k * d);
		const shifted = bias.slice();
		for (let c = 0; c < k; c++) {
			for (let j = 0; j < d; j++) {
				const value = whole[c * width + j] / scaling.scale[j];
				out[c * d + j] = value;
				shifted[c] -= value * scaling.shift[j];
			}
			if (withOne) shifted[c] += whole[c * width + d];
		}
		return { weight: out, bias: shifted };
	}

	return { n, r, z, toFeatures };
}

function appendOne(x: Float64Array, n: number, d: number): Float64Array {
	const out = new Float64Array(n * (d + 1));
	for (let i = 0; i < n; i++) {
		out.set(x.subarray(i * d, (i + 1) * d), i * (d + 1));
		out[i * (d + 1) + d] = 1;
	}
	return out;
}

/** Rows along their own axes: float64 [n, r] of orthogonal columns, z = x axesᵀ, axes float64 [r, d] orthonormal. */
export function coordinates(
	x: Float64Array,
	n: number,
	d: number,
): { z: Float64Array; axes: Float64Array; r: number } {
	const xt = transposed(x, n, d);
	if (d < n) {
		const { values, vectors } = symmetricEigen(gramOf(xt, d, n), d);
		const r = rankOf(values);
		const axes = vectors.slice(0, r * d);
		return { z: productOfRows(x, n, axes, r, d), axes, r };
	}
	const { values, vectors } = symmetricEigen(gramOf(x, n, d), n);
	const r = rankOf(values);
	// X = U S Vᵀ: axes V = Xᵀ U / S, coordinates U S
	const scaledU = new Float64Array(r * n);
	const z = new Float64Array(n * r);
	for (let j = 0; j < r; j++) {
		const s = Math.sqrt(values[j]);
		for (let i = 0; i < n; i++) {
			scaledU[j * n + i] = vectors[j * n + i] / s;
			z[i * r + j] = vectors[j * n + i] * s;
		}
	}
	return { z, axes: productOfRows(scaledU, r, xt, d, n), r };
}

/** At least one, so that constant photos are no special case. */
function rankOf(values: Float64Array): number {
	const least = NOISE * values[0];
	const r = values.findIndex((value) => !(value > least));
	return Math.max(1, r < 0 ? values.length : r);
}
