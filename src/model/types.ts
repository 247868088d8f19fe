/**
 * A network as plain data: nodes with ONNX operator semantics (opset 17, NCHW) and named initializers.
 * Zoo builders write it, an .onnx file is read into it, onnxruntime and tfjs run it. The values of the
 * initializers travel beside it, so that a plan needs no weights.
 */

/** Element types, by their names in numpy and torch. */
export type DType =
	| "float32"
	| "float64"
	| "float16"
	| "bfloat16"
	| "float8e4m3fn"
	| "float8e5m2"
	| "int64"
	| "int32"
	| "int16"
	| "int8"
	| "uint64"
	| "uint32"
	| "uint16"
	| "uint8"
	| "bool";

/** A dimension: a size, or a name such as "n" where it is free. */
export type Dim = number | string;

/** Type and shape of a tensor. */
export interface ValueInfo {
	readonly name: string;
	readonly dtype: DType;
	/** Undefined where the file does not say. */
	readonly shape: readonly Dim[] | undefined;
}

/** The value of an attribute. */
export type Attribute =
	| number
	| string
	| readonly number[]
	| readonly string[]
	| Tensor
	| Graph;

/** One ONNX operator in its place. */
export interface GraphNode {
	/** Unique in the graph. */
	readonly name: string;
	/** ONNX operator: Conv, Gemm, Relu, … */
	readonly op: string;
	/** "" for ONNX's own operators. */
	readonly domain: string;
	/** Tensor names; "" where an optional input is left out. */
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly attributes: Readonly<Record<string, Attribute>>;
	/**
	 * ONNX kinds of attributes whose name does not tell (`axis` is an int, `epsilon` a float; see
	 * onnx/attribute-kinds.ts). Only .onnx files with unusual operators need it.
	 */
	readonly attributeKinds?: Readonly<Record<string, string>>;
	/** Module path as torchvision spells it (`classifier.6`), what freeze and replace match; the node's name in .onnx files. */
	readonly layer: string;
	/** Of .onnx files: path of the PyTorch module that the node came from, where the exporter says so; another name for `layer`. */
	readonly module?: string;
}

/** A constant or learnt tensor, by name. */
export interface Initializer {
	readonly name: string;
	readonly shape: readonly number[];
	readonly dtype: DType;
	/**
	 * Values of a small constant that belongs to the network's structure: Reshape's shape, Clip's bounds.
	 * Such an initializer needs no weights and is never a parameter. Row-major.
	 */
	readonly values?: readonly number[];
}

/** A network as plain data, weights aside. */
export interface Graph {
	readonly name: string;
	/** Topologically sorted. */
	readonly nodes: readonly GraphNode[];
	readonly inputs: readonly ValueInfo[];
	readonly outputs: readonly ValueInfo[];
	readonly initializers: readonly Initializer[];
	readonly opset: number;
	/** Versions of operator sets other than ONNX's own: `com.microsoft` → 1. */
	readonly domains?: Readonly<Record<string, number>>;
	/** Shapes that an .onnx file states for inner tensors; a help where an operator is unknown. */
	readonly valueInfo?: readonly ValueInfo[];
}

/** Row-major values. float16 and bfloat16 are held as their bits in a Uint16Array, float8 in a Uint8Array. */
export interface Tensor {
	readonly dtype: DType;
	readonly shape: readonly number[];
	readonly data:
		| Float32Array
		| Float64Array
		| Uint16Array
		| BigInt64Array
		| BigUint64Array
		| Int32Array
		| Uint32Array
		| Int16Array
		| Int8Array
		| Uint8Array;
}

/** Values of initializers, by name. */
export type Weights = ReadonlyMap<string, Tensor>;

/** How the photos must look for these weights (timm's PretrainedCfg words). */
export interface Preprocess {
	/** (pixel / 255 * scale - mean) / std, per channel in `channels` order. */
	readonly mean: readonly number[];
	readonly std: readonly number[];
	readonly scale: number;
	readonly channels: "RGB" | "BGR";
	/** [height, width]; undefined: any. */
	readonly size: readonly [number, number] | undefined;
}

/** Who is told while weights are fetched. */
export interface FetchTalk {
	readonly onProgress?: (progress: DownloadProgress) => void;
	/** Another process fetches the same file. */
	readonly onWait?: (message: string) => void;
	readonly signal?: AbortSignal;
}

/** How far a download is, in bytes. */
export interface DownloadProgress {
	readonly name: string;
	readonly done: number;
	/** Undefined where the server does not say. */
	readonly total: number | undefined;
}

/** A backbone ready to be planned: the network without weights, and what is known of it. */
export interface Backbone {
	/** Zoo name or the .onnx file's base name. */
	readonly name: string;
	readonly graph: Graph;
	readonly preprocess: Preprocess;
	/** Tensor that enters the classifier: where a new head attaches by default. */
	readonly features: string;
	/** Classes of the pretrained classifier; undefined if unknown. */
	readonly numClasses: number | undefined;
	/** sha256 of the weights; for `weights: none` a word with the seed. Undefined while the file is missing. */
	readonly weightsSha256: string | undefined;
	readonly license: string | undefined;
	/** Reads the values of all initializers. Missing, unexpected or wrongly shaped ones throw RunError "weights-mismatch". */
	readonly loadWeights: () => Promise<Weights>;
	/** How the weights were found, where that is worth a word: inside a checkpoint, under longer names. */
	readonly weightsNotes?: readonly string[];
	/**
	 * Fetches the weights and pins them in weights.lock.json; the network is then to be opened again. Undefined where
	 * neither is needed.
	 */
	readonly fetchWeights?: (talk: FetchTalk) => Promise<void>;
}
