import type { ClassicalHead } from "./classical-types.ts";
import type { SweepOptions } from "./sweep-types.ts";
import type { Freeze, TrainOptions } from "./train-types.ts";

export type * from "./loss-types.ts";
export type * from "./sweep-types.ts";
export type * from "./train-types.ts";

/**
 * The resolved experiment: what a file means once `extends`, `--set`, shorthands and defaults are
 * applied. It is itself a valid experiment file (every shorthand written out, every path absolute),
 * so a resolved experiment can be run again as it stands.
 *
 * Keys stay as the user types them (snake_case).
 */

/** torchvision's interpolation modes for Resize and RandomResizedCrop. */
export type Interpolation =
	| "nearest"
	| "nearest-exact"
	| "bilinear"
	| "bicubic"
	| "box"
	| "hamming"
	| "lanczos";

/**
 * One transform: torchvision's class name → its parameters by torchvision's names, defaults filled in.
 * `{ Resize: { size: [224, 224], interpolation: "bilinear", max_size: null, antialias: true } }`.
 */
export interface Transform {
	readonly name: string;
	readonly params: Readonly<Record<string, unknown>>;
}

/**
 * What computes, for tfjs and onnxruntime alike. auto: the best that is there; cpu: no GPU; gpu: CUDA (on a Mac,
 * CoreML for the prefix); webgpu; wasm: tfjs's own backend, onnxruntime on the cpu.
 */
export type Device = "auto" | "cpu" | "gpu" | "webgpu" | "wasm";

/** Which photos, and how they are split. */
export interface DataOptions {
	/** Absolute folder: ImageFolder (train/<class>/…, valid/<class>/…), or <class>/… with `split`; base of the manifest's paths. */
	readonly root: string;
	/** Absolute CSV with columns path, label and perhaps split, group. */
	readonly manifest?: string;
	/** Whether a photo may have several classes, and how the manifest says so; true: label names them, separated by |. */
	readonly multi_label?: MultiLabel;
	/** Names of the split folders (or of the manifest's split values). */
	readonly train: string;
	readonly valid: string;
	readonly test?: string;
	/** Draw the splits instead of reading them from folders. */
	readonly split?: SplitOptions;
	readonly on_corrupt: "fail" | "skip" | "quarantine";
	readonly exif: "apply" | "ignore";
}

/** Names in the label column, or a column of 0 and 1 a class. */
export type MultiLabel =
	| true
	| { readonly separator: string }
	| { readonly columns: "all" | readonly string[] };

/** How splits are drawn. */
export interface SplitOptions {
	/** Share of the photos, 0 … 1, per class. */
	readonly valid: number;
	readonly test: number;
	readonly seed: number;
	readonly stratify: boolean;
	/** A manifest column, or a regular expression on the relative path whose first group names the group. */
	readonly group_by?: string;
	/** Where the drawn split is kept; absolute. */
	readonly file: string;
}

/** How the photos must look for a network in an .onnx file. */
export interface OnnxPreprocess {
	/** Per channel, in the order the network sees (after `channels`). x = pixel/255*scale; (x - mean) / std. */
	readonly mean: readonly number[];
	readonly std: readonly number[];
	/** What a white pixel is before mean and std: 1 or 255. */
	readonly scale: number;
	readonly channels: "RGB" | "BGR";
	/** [height, width] the network expects. */
	readonly size?: readonly [number, number];
}

/** A network in an .onnx file. */
export interface OnnxBackbone {
	readonly onnx: string;
	readonly preprocess: OnnxPreprocess;
}

/** What a layer of the network is replaced by: torch.nn's name → its parameters. */
export type LayerSpec =
	| {
			readonly Linear: {
				readonly out_features: number;
				readonly bias: boolean;
			};
	  }
	| {
			readonly Conv2d: {
				readonly out_channels: number;
				readonly kernel_size: number | readonly number[];
				readonly stride: number | readonly number[];
				readonly padding: number | readonly number[];
				readonly groups: number;
				readonly bias: boolean;
			};
	  }
	| { readonly BatchNorm1d: { readonly eps: number } }
	| { readonly BatchNorm2d: { readonly eps: number } }
	| {
			readonly AdaptiveAvgPool2d: {
				readonly output_size: number | readonly number[];
			};
	  }
	| { readonly Flatten: Readonly<Record<string, never>> }
	| { readonly LogSoftmax: { readonly dim: number } }
	| { readonly Softmax: { readonly dim: number } }
	| { readonly Dropout: { readonly p: number } }
	| { readonly ReLU: Readonly<Record<string, never>> }
	| { readonly GELU: Readonly<Record<string, never>> }
	| { readonly Identity: Readonly<Record<string, never>> };

/** One layer, or an nn.Sequential of several. */
export type Replacement = LayerSpec | readonly LayerSpec[];

/** torchvision.ops.MLP's: Linear, activation, Dropout for each hidden layer, and a Linear to the classes. */
export interface MlpOptions {
	/** Width of the hidden layer, or of each of several. */
	readonly hidden: number | readonly number[];
	readonly activation: "relu" | "tanh" | "sigmoid";
	/** Share of the hidden numbers that each training step leaves out, 0 … 1. */
	readonly dropout: number;
	readonly bias: boolean;
}

/** What is trained on top of the features. */
export type HeadChoice =
	| { readonly linear: { readonly bias: boolean } }
	| { readonly mlp: MlpOptions }
	/** The network's own classifier. */
	| { readonly keep: Readonly<Record<string, never>> }
	| ClassicalHead;

/** A prefix on bytes, and how far it may be from float32. */
export interface Int8Options {
	/** Training photos whose activations are looked at. */
	readonly photos: number;
	readonly range: "minmax" | "percentile" | "mse";
	/** Least mean cosine between features in int8 and in float32. */
	readonly min_cosine: number;
	/** Least share of photos with the same class. */
	readonly min_agreement: number;
}

/** What the frozen prefix is computed in. */
export type Precision =
	| { readonly float32: Readonly<Record<string, never>> }
	| { readonly int8: Int8Options };

/** A layer or tensor of the network, or the one at a share, above 0 to 1, of its multiply-adds. */
export type FeaturePlace = string | { readonly depth: number };

/** Which network, what of it learns, and how it ends. */
export interface ModelOptions {
	/** A zoo name, or an .onnx file. */
	readonly backbone: string | OnnxBackbone;
	/** `default`, `none` (random, seeded), or an absolute path of a weights file. Not for .onnx. */
	readonly weights: string;
	/** What the frozen prefix is computed in; undefined: float32. */
	readonly precision?: Precision;
	/** What cached features are kept in; undefined: float32. */
	readonly feature_dtype?: "float32" | "float16";
	/** Where the head attaches, or several places side by side; undefined: the last before the classifier. */
	readonly features?: FeaturePlace | readonly FeaturePlace[];
	/** How a [c, h, w] feature map becomes a vector for the head. */
	readonly global_pool: "avg" | "max" | "flatten" | "cls";
	readonly freeze: Freeze;
	/** Whose statistics BatchNorm takes in training where it is not frozen; undefined: train, the batch's. */
	readonly batch_norm?: "train" | "eval";
	/** Undefined: onnxruntime. */
	readonly prefix_engine?: "onnxruntime" | "tfjs";
	/** Undefined when `replace` is given: the network keeps its own classifier. */
	readonly head?: HeadChoice;
	readonly replace?: Readonly<Record<string, Replacement>>;
}

/** What is measured at the end of a run. */
export interface EvaluationOptions {
	/** Views of a photo whose probabilities are averaged. */
	readonly tta?: "hflip" | "five_crop" | "ten_crop";
}

/** What `graft gate` is told. */
export interface GateOptions {
	/** Absolute. */
	readonly baseline: string;
	readonly seeds: number;
	/** 0 … 1. */
	readonly allowed_drop: number;
	/** One-sided level of the tests. */
	readonly significance: number;
	/** Of valid/accuracy, or metric → least value. */
	readonly floor?: number | Readonly<Record<string, number>>;
	/** Of every class, or class → least share of its photos. */
	readonly class_floor?: number | Readonly<Record<string, number>>;
}

/** Undefined values: as the environment says. */
export interface TrackingOptions {
	/** http:// or https://. */
	readonly uri?: string;
	/** MLflow's experiment. */
	readonly experiment?: string;
	/** What becomes MLflow's LoggedModel; undefined: the head, of a trial none. */
	readonly model?: "head" | "onnx" | "none";
	/** Name in the registry. */
	readonly register?: string;
	/** Of the newest registered version. */
	readonly alias?: string;
	/** Photos a series; undefined: 8, of a trial none. */
	readonly images?: number;
}

/** A recipe that says what a file leaves out (presets/preset.ts). */
export type Strategy =
	| "linear_probe"
	| "fine_tune"
	| "early_layer_svm"
	| "retrain"
	| "auto";

/** What is run. */
export interface Experiment {
	readonly name: string;
	readonly description?: string;
	readonly seed: number;
	/** Undefined: auto. */
	readonly device?: Device;
	readonly data: DataOptions;
	readonly transforms: {
		readonly train: readonly Transform[];
		readonly eval: readonly Transform[];
	};
	readonly model: ModelOptions;
	readonly train: TrainOptions;
	readonly evaluation?: EvaluationOptions;
	readonly gate?: GateOptions;
	readonly tracking?: TrackingOptions;
	/** A trial's own experiment has none. */
	readonly sweep?: SweepOptions;
}

/** Where a value of the resolved experiment came from. `path` is dotted: `train.optimizer.sgd.momentum`. */
export interface Provenance {
	readonly path: string;
	readonly from:
		| "file"
		| "extends"
		| "set"
		| "strategy"
		| "weights"
		| "default";
	readonly file?: string;
	readonly line?: number;
}
