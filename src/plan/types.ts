import type { ClassicalHead } from "../experiment/classical-types.ts";
import type { Provenance, Strategy, Transform } from "../experiment/types.ts";
import type { Json } from "../fingerprint.ts";
import type { DType, Graph } from "../model/types.ts";
import type { FeaturesAt } from "./features-at.ts";

/**
 * What will be done, before anything is done. Pure data.
 *
 *   photo ─ decode ─ Resize ─ Normalize ─ conv … conv │ RandomFlip ─ conv │ Dropout ─ fc ─ … ─ loss
 *           └────────── prefix ──────────────────────┘ └───── live ─────┘ └────── suffix ───────┘
 *            once per photo, cached on disk             each epoch anew     each step, gradients
 *                    onnxruntime                          onnxruntime             tfjs
 */
export interface Stage {
	/** `decode`, a transform's name, or a layer of the network. */
	readonly name: string;
	readonly kind: "decode" | "transform" | "layer";
	/** Transform name or ONNX operators of the layer, joined with "+". */
	readonly op: string;
	readonly isRandom: boolean;
	readonly isTrainable: boolean;
	/** Without the batch dimension; pixels are [h, w, c], tensors [c, h, w]; "?" where it varies from photo to photo. */
	readonly outputShape: readonly (number | "?")[] | undefined;
	readonly dtype: DType;
	/** Learnable or frozen numbers in it. */
	readonly parameters: number;
	/** Multiply-adds times two, per photo. */
	readonly flops: number;
}

/** Where rows are kept. */
export interface KeyedRows {
	/** Cache key of the rows; undefined when they are drawn anew each epoch. */
	readonly featureKey: string | undefined;
	/** What the key is the fingerprint of. */
	readonly featureSource: Json | undefined;
}

/** How a prefix is computed on bytes, and how far it may be from float32. */
export interface Int8Plan {
	/** sha256 of the training photos whose activations give the ranges. */
	readonly photos: readonly string[];
	/** What they pass: nothing in it is random. */
	readonly transforms: readonly Transform[];
	readonly range: "minmax" | "percentile" | "mse";
	/** Of the ranges, which are kept too. */
	readonly key: string;
	/** Its part of a feature key. */
	readonly source: { readonly [part: string]: Json };
	readonly minCosine: number;
	readonly minAgreement: number;
}

/** How the rows of a pipeline are computed and kept. */
export interface KeptRows extends KeyedRows {
	/** Undefined: the prefix is computed in float32. */
	readonly int8?: Int8Plan;
	/** What the cache keeps; undefined: float32. */
	readonly featureDtype?: "float16";
	/** Rows of each view of a photo, where random transforms draw so many once (`train.views`); `featureKey` is then undefined. */
	readonly views?: readonly KeyedRows[];
	/** The same rows in float32, where these are not. */
	readonly reference?: KeyedRows;
}

/** The way of a photo in training or in evaluation, with its cut. */
export interface Pipeline extends KeptRows {
	readonly stages: readonly Stage[];
	/** stages[0 … cut) are the prefix. */
	readonly cut: number;
	/** stages[cut … live) are live; stages[live …) are the suffix. */
	readonly live: number;
	/** One sentence: why the prefix ends there. */
	readonly cutReason: string;
	/** What happens to the pixels, Normalize filled in from the weights. */
	readonly transforms: readonly Transform[];
	/** [channels, height, width] after the transforms; what enters the network. */
	readonly inputShape: readonly number[];
	/** Tensor of the graph where the suffix begins: onnxruntime runs all before it, tfjs all after it. */
	readonly cutTensor: string;
	/** Shape of one row of features at `cutTensor`, without the batch dimension. */
	readonly featureShape: readonly number[];
}

/** One of several goes of training, each with its own cut. */
export interface PhasePlan {
	readonly name: string;
	/** Cut before what this phase trains and before what an earlier one has trained. */
	readonly train: Pipeline;
	readonly eval: Pipeline;
	/** Initializers that learn in this phase, in graph order. */
	readonly trainable: readonly string[];
	/** Running statistics that it moves. */
	readonly buffers: readonly string[];
}

/** A strategy and the keys that it gives, dotted, in the user's own syntax: `model.freeze` → "all". */
export interface StrategyGives {
	readonly name: Strategy;
	readonly gives: readonly (readonly [key: string, value: Json])[];
}

/** Everything a run does. */
export interface Plan {
	/** The whole edited network: backbone with head appended or layers replaced. */
	readonly graph: Graph;
	/** Its last tensor: logits or log-probabilities, [n, numClasses]. */
	readonly output: string;
	readonly train: Pipeline;
	readonly eval: Pipeline;
	/** Initializers that learn, in graph order; of several phases, in any of them. The pipelines are cut before all of them. */
	readonly trainable: readonly string[];
	/** Running statistics of BatchNormalization, which training moves without a gradient. */
	readonly buffers: readonly string[];
	/** In order, where the file has several. */
	readonly phases?: readonly PhasePlan[];
	/** Initializers that `head` or `replace` made; they start at seeded random values. */
	readonly added: readonly string[];
	readonly numClasses: number;
	/** onnxruntime's execution provider for the prefix; undefined: cpu. */
	readonly provider?: string;
	/** Where the head is attached, in the order of `model.features`; undefined: the network keeps its own end. */
	readonly features?: readonly FeaturesAt[];
	/** What the file's strategy says of the experiment; undefined: it names none. */
	readonly strategy?: StrategyGives;
	/** A head that is fitted at once, without epochs; the graph ends with a linear layer in its place. */
	readonly classical?: ClassicalHead;
	/** Hash of everything the result depends on; undefined while photos or weights are missing. */
	readonly fingerprint: string | undefined;
	readonly provenance: readonly Provenance[];
}

/** What the photos say, as far as a plan needs it; counts of photos per split. */
export interface DataFacts {
	readonly classNames: readonly string[];
	readonly counts: Readonly<Record<string, number>>;
	/** Undefined after a mere look at the folders: nothing was hashed. */
	readonly fingerprint: string | undefined;
	/** sha256 of every training photo, in dataset order; undefined after a mere look. */
	readonly trainPhotos?: readonly string[];
}

/** What the machine would run it with: part of every cache key. */
export interface EngineFacts {
	/** package → version of everything that computes pixels or features. */
	readonly versions: Readonly<Record<string, string>>;
	/** onnxruntime's execution provider. */
	readonly provider: string;
}
