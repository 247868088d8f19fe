import type { Sample } from "../data/types.ts";
import { RunError } from "../diagnostic.ts";
import { sizeOf } from "../model/dtypes.ts";
import { sampleOf } from "../plan/kept-rows.ts";
import type { Int8Plan, Pipeline } from "../plan/types.ts";
import { photosCached } from "./counts.ts";
import { type FeatureSet, rowsFor } from "./feature-set.ts";

/** How near features on bytes, or kept in halves, are to float32. */
export interface Agreement {
	/** Valid photos compared. */
	readonly photos: number;
	/** Mean, and of the photo that differs most: cosine of the angle between its two rows, -1 … 1. */
	readonly cosine: number;
	readonly leastCosine: number;
}

/** Valid photos that are compared at most: each passes the network in float32 too. */
const CHECKED = 64;

/** What a record says of the rows of a run. */
export function rowsDetail({
	cached,
	computed,
	agreement,
}: {
	readonly cached: number;
	readonly computed: number;
	readonly agreement?: Agreement;
}): Readonly<Record<string, number>> {
	if (agreement === undefined) return { cached, computed };
	const { photos, cosine, leastCosine } = agreement;
	return {
		...{ cached, computed, compared: photos },
		cosine: rounded(cosine),
		least_cosine: rounded(leastCosine),
	};
}

function rounded(value: number): number {
	return Number(value.toFixed(6));
}

/** What is compared with what. */
export interface Compared {
	readonly cacheFolder: string;
	readonly pipeline: Pick<Pipeline, "reference" | "int8">;
	readonly valid: readonly Sample[];
	/** Computes rows, or reads them. */
	readonly ours: (samples: readonly Sample[]) => Promise<FeatureSet>;
	readonly exact: (samples: readonly Sample[]) => Promise<FeatureSet>;
}

/**
 * Compares a few photos before the others are computed, so that nobody waits for features that are then refused.
 * @returns with how many rows were computed for it; undefined where there is nothing to compare, or the float32 rows
 *   are there from an earlier look.
 * @throws RunError "int8-differs" below the floor.
 */
export async function compareFirst(
	compared: Compared,
): Promise<
	| { readonly agreement: Agreement | undefined; readonly computed: number }
	| undefined
> {
	const { cacheFolder, pipeline, valid, ours } = compared;
	const { reference } = pipeline;
	if (reference === undefined) return undefined;
	const samples = checkedSamples(valid);
	const held = photosCached(cacheFolder, reference.featureKey);
	if (samples.every(({ sha256 }) => held.has(sha256))) return undefined;
	const set = await ours(samples);
	const agreement = await compareWith(compared, set);
	return { agreement, computed: set.computed };
}

/** Compares the same photos out of `set`; undefined where there is nothing to compare. @throws RunError "int8-differs". */
export async function compareWith(
	{ pipeline: { reference, int8 }, valid, exact }: Compared,
	set: FeatureSet,
): Promise<Agreement | undefined> {
	if (reference === undefined) return undefined;
	const samples = checkedSamples(valid);
	const agreement = agreementOf(samples, set, await exact(samples));
	if (int8 !== undefined) holdFloor(agreement, int8);
	return agreement;
}

/** The photos that are compared: always the same ones of a split. */
export function checkedSamples(samples: readonly Sample[]): readonly Sample[] {
	const photos = samples.map(({ sha256 }) => sha256);
	const wanted = new Set(sampleOf(photos, CHECKED));
	return samples.filter(({ sha256 }) => wanted.delete(sha256));
}

/** Of photos that have a row in both. */
function agreementOf(
	samples: readonly Sample[],
	set: FeatureSet,
	reference: FeatureSet,
): Agreement {
	const both = samples.filter(
		({ sha256 }) => set.rowOf.has(sha256) && reference.rowOf.has(sha256),
	);
	const [ours, exact] = [rowsFor(set, both), rowsFor(reference, both)];
	const length = sizeOf(set.shape);
	const cosines = both.map((_, row) =>
		cosineOf(
			ours.subarray(row * length, (row + 1) * length),
			exact.subarray(row * length, (row + 1) * length),
		),
	);
	const photos = Math.max(1, both.length);
	return {
		photos: both.length,
		cosine: cosines.reduce((sum, value) => sum + value, 0) / photos,
		leastCosine: Math.min(1, ...cosines),
	};
}

/** Of two rows without a number in them that is not 0: 1. */
function cosineOf(a: Float32Array, b: Float32Array): number {
	let ab = 0;
	let aa = 0;
	let bb = 0;
	for (let at = 0; at < a.length; at++) {
		const [x, y] = [a[at] as number, b[at] as number];
		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	if (aa === 0 || bb === 0) return aa === bb ? 1 : 0;
	return ab / Math.sqrt(aa * bb);
}

function holdFloor(
	{ cosine, leastCosine, photos }: Agreement,
	{ minCosine }: Int8Plan,
): void {
	// Not `<`: a cosine that is no number is below any floor.
	if (cosine >= minCosine) return;
	throw new RunError(
		"int8-differs",
		`features in int8 are too far from those in float32: mean cosine ${cosine.toFixed(4)} over ${photos} valid photos (least ${leastCosine.toFixed(4)}), the floor is ${minCosine}`,
		{
			fix: "write model.precision: float32, or calibrate another way: precision: { int8: { range: mse, photos: 256 } }",
		},
	);
}
