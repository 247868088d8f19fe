import type {
	Experiment,
	Int8Options,
	Transform,
} from "../experiment/types.ts";
import { fingerprint, type Json } from "../fingerprint.ts";
import {
	type FeatureKeyParts,
	type FeatureSource,
	featureSource,
} from "./keys.ts";
import type { Int8Plan, KeptRows, KeyedRows } from "./types.ts";

/** Raised when the same calibration would give other bytes. */
const INT8_VERSION = 1;

/** What decides how the rows of a pipeline are computed and kept, besides the prefix itself. */
export interface RowsWish {
	readonly experiment: Experiment;
	/** Whether its transforms draw random numbers. */
	readonly isRandom: boolean;
	/** The transforms of evaluation, Normalize filled in: what calibration photos pass. */
	readonly calibration: readonly Transform[];
	/** sha256 of every training photo; undefined while the photos are not hashed. */
	readonly trainPhotos: readonly string[] | undefined;
}

/**
 * Under which keys the rows of a pipeline are kept, what they are computed in, and which views of a photo there are.
 * @param parts undefined while the weights are not here.
 */
export function keptRows(
	parts: FeatureKeyParts | undefined,
	{ experiment, isRandom, calibration, trainPhotos }: RowsWish,
): KeptRows {
	const { model, train, seed } = experiment;
	const wanted = model.precision;
	const options = wanted && "int8" in wanted ? wanted.int8 : undefined;
	const dtype = model.feature_dtype ?? "float32";
	const int8 = options && int8Plan(parts, options, calibration, trainPhotos);
	const marks = {
		...(int8 && { precision: int8.source }),
		...(dtype === "float16" && { dtype }),
	};
	const isExact = options === undefined && dtype === "float32";
	const isKnown = options === undefined || int8 !== undefined;
	const plain = parts && featureSource(parts);
	const source = plain && isKnown ? { ...plain, ...marks } : undefined;
	const common = {
		...(int8 && { int8 }),
		...(dtype === "float16" && { featureDtype: dtype }),
	};
	if (!isRandom)
		return {
			...keyed(source),
			...common,
			...(isExact || plain === undefined ? {} : { reference: keyed(plain) }),
		};
	const views = train.views;
	return {
		...keyed(undefined),
		...common,
		...(views !== undefined &&
			source && {
				views: Array.from({ length: views }, (_, index) =>
					keyed({ ...source, seed, view: index + 1 }),
				),
			}),
	};
}

/** Rows of the same kind at another place of the network, neither random nor compared with float32. */
export function keptAt(
	parts: FeatureKeyParts | undefined,
	{ int8, featureDtype }: Pick<KeptRows, "int8" | "featureDtype">,
): KeptRows {
	const source = parts && {
		...featureSource(parts),
		...(int8 && { precision: int8.source }),
		...(featureDtype && { dtype: featureDtype }),
	};
	return {
		...keyed(source),
		...(int8 &&
			parts && { int8: { ...int8, key: rangesKey(parts, int8.source) } }),
		...(featureDtype && { featureDtype }),
	};
}

/** Of the ranges of all activations before a cut. */
function rangesKey(
	parts: FeatureKeyParts,
	source: { readonly [part: string]: Json },
): string {
	const { transforms: _, ...network } = featureSource(parts);
	return fingerprint({ ...network, ...source });
}

function keyed(source: FeatureSource | undefined): KeyedRows {
	return {
		featureKey: source && fingerprint(source),
		featureSource: source,
	};
}

/** The ranges depend on the network, the calibration photos and the way these go; their key says so. */
function int8Plan(
	parts: FeatureKeyParts | undefined,
	options: Int8Options,
	transforms: readonly Transform[],
	trainPhotos: readonly string[] | undefined,
): Int8Plan | undefined {
	if (parts === undefined || trainPhotos === undefined) return undefined;
	const photos = sampleOf(trainPhotos, options.photos);
	const source = {
		int8: INT8_VERSION,
		range: options.range,
		transforms: transforms as unknown as Json,
		photos: fingerprint(photos),
	};
	return {
		photos,
		transforms,
		range: options.range,
		source,
		key: rangesKey(parts, source),
		minCosine: options.min_cosine,
		minAgreement: options.min_agreement,
	};
}

/** So many of the photos, each content once: those with the least sha256, which is as good as drawn and always the same. */
export function sampleOf(
	photos: readonly string[],
	most: number,
): readonly string[] {
	return [...new Set(photos)].sort().slice(0, most);
}
