import { type InitRule, torchDefault, vggInit } from "../init.ts";
import type { Graph, Preprocess } from "../types.ts";
import { efficientnetLite0 } from "./efficientnet.ts";
import { type VggDepth, vgg } from "./vgg.ts";

/** The networks that have a name. A new family is one builder file and its rows here. */

/** What is known of a network before it is built. */
export interface ZooEntry {
	/** The network for photos of this [height, width]. */
	readonly build: (size: readonly [number, number]) => Graph;
	readonly preprocess: Preprocess & {
		readonly size: readonly [number, number];
	};
	readonly numClasses: number;
	/** Tensor that enters the classifier. */
	readonly features: string;
	readonly init: InitRule;
	readonly weights: DefaultWeights;
	readonly license: string;
}

/** Where the pretrained weights of a network are. */
export type DefaultWeights =
	/** A file beside this one. */
	| {
			readonly kind: "embedded";
			readonly file: string;
			readonly sha256: string;
	  }
	/** torchvision's file, whose name carries the first 8 hex digits of its sha256. */
	| {
			readonly kind: "torchvision";
			readonly url: string;
			/** Where more digits are known than its name says. */
			readonly sha256Prefix?: string;
	  };

const SIZE = [224, 224] as const;

/** torchvision.transforms._presets.ImageClassification. */
const IMAGENET: ZooEntry["preprocess"] = {
	mean: [0.485, 0.456, 0.406],
	std: [0.229, 0.224, 0.225],
	scale: 1,
	channels: "RGB",
	size: SIZE,
};

const ZOO: Readonly<Record<string, ZooEntry>> = {
	efficientnet_lite0: {
		build: efficientnetLite0,
		preprocess: {
			mean: [127, 127, 127],
			std: [128, 128, 128],
			scale: 255,
			channels: "RGB",
			size: SIZE,
		},
		numClasses: 1000,
		features: "_flatten",
		init: torchDefault,
		weights: {
			kind: "embedded",
			file: "efficientnet_lite0.safetensors",
			sha256:
				"29510a0738ec614ea4f8bc9013d0eda833053c5b1b0442a77e0aefda26d0bd81",
		},
		license: "Apache-2.0",
	},
	vgg11: vggEntry(11, false, "vgg11-8a719046"),
	vgg13: vggEntry(13, false, "vgg13-19584684"),
	vgg16: vggEntry(16, false, "vgg16-397923af"),
	vgg19: vggEntry(19, false, "vgg19-dcbb9e9d"),
	vgg11_bn: vggEntry(11, true, "vgg11_bn-6002323d"),
	vgg13_bn: vggEntry(13, true, "vgg13_bn-abd245e5"),
	vgg16_bn: vggEntry(16, true, "vgg16_bn-6c64b313"),
	vgg19_bn: vggEntry(19, true, "vgg19_bn-c79401a0"),
};

function vggEntry(depth: VggDepth, norm: boolean, file: string): ZooEntry {
	return {
		build: (size) => vgg(depth, norm, size),
		preprocess: IMAGENET,
		numClasses: 1000,
		features: "classifier.5",
		init: vggInit,
		weights: {
			kind: "torchvision",
			url: `https://download.pytorch.org/models/${file}.pth`,
		},
		license: "BSD-3-Clause",
	};
}

/** The zoo's names, sorted. */
export function zooNames(): readonly string[] {
	return Object.keys(ZOO).sort();
}

/** The network with this name. */
export function zooEntry(name: string): ZooEntry | undefined {
	return Object.hasOwn(ZOO, name) ? ZOO[name] : undefined;
}
