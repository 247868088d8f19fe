import { type InitRule, torchDefault } from "../init.ts";
import type { Graph, Preprocess } from "../types.ts";
import { ARCHITECTURES, type Architecture } from "./architectures.ts";
import { efficientnetLite0 } from "./efficientnet.ts";
import { PUBLISHED } from "./published.gen.ts";
import type { PublishedWeights } from "./published.ts";

/** The networks that have a name: torchvision's (architectures.ts), and the one whose weights are embedded. */

/** What is known of a network before it is built. */
export interface ZooEntry {
	/** The network for photos of this [height, width]. @throws RunError "input-size" where it takes no such size. */
	readonly build: (size: readonly [number, number]) => Graph;
	readonly preprocess: Preprocess & {
		readonly size: readonly [number, number];
	};
	readonly numClasses: number;
	/** Tensor that enters the classifier. */
	readonly features: string;
	/** The layer that makes the logits. */
	readonly classifier: string;
	readonly init: InitRule;
	readonly weights: DefaultWeights;
	readonly license: string;
	/** Numbers that learn. */
	readonly parameters: number;
	/** Multiply-adds of one photo of the weights' size, in 1e9. */
	readonly gmacs: number;
	/** Accuracy of the default weights on ImageNet-1K, in percent, as published. */
	readonly top1: number;
}

/** Where the pretrained weights of a network are. */
export type DefaultWeights =
	/** A file beside this one. */
	| {
			readonly kind: "embedded";
			readonly file: string;
			readonly sha256: string;
	  }
	/** torchvision's file, whose name carries the first hex digits of its sha256. */
	| {
			readonly kind: "torchvision";
			readonly url: string;
			readonly sha256Prefix: string;
	  };

const ZOO: Readonly<Record<string, ZooEntry>> = {
	efficientnet_lite0: {
		build: efficientnetLite0,
		preprocess: {
			mean: [127, 127, 127],
			std: [128, 128, 128],
			scale: 255,
			channels: "RGB",
			size: [224, 224],
		},
		numClasses: 1000,
		features: "_flatten",
		classifier: "_fc",
		init: torchDefault,
		weights: {
			kind: "embedded",
			file: "efficientnet_lite0.safetensors",
			sha256:
				"29510a0738ec614ea4f8bc9013d0eda833053c5b1b0442a77e0aefda26d0bd81",
		},
		license: "Apache-2.0",
		parameters: 4_652_008,
		gmacs: 0.385,
		// https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
		top1: 75.1,
	},
	...Object.fromEntries(
		Object.entries(ARCHITECTURES).map(([name, architecture]) => [
			name,
			torchvisionEntry(architecture, publishedWeights(name)[0]),
		]),
	),
};

/** A network with the weights that torchvision calls DEFAULT. */
function torchvisionEntry(
	{ build, features, classifier, init }: Architecture,
	published: PublishedWeights,
): ZooEntry {
	const { mean, std, crop, url, sha256Prefix } = published;
	return {
		build,
		preprocess: { mean, std, scale: 1, channels: "RGB", size: [crop, crop] },
		numClasses: 1000,
		features,
		classifier,
		init,
		weights: { kind: "torchvision", url, sha256Prefix },
		license: "BSD-3-Clause",
		parameters: published.parameters,
		gmacs: published.gmacs,
		top1: published.top1,
	};
}

/** All that torchvision publishes for one of its networks, its default first. */
export function publishedWeights(
	name: string,
): readonly [PublishedWeights, ...PublishedWeights[]] {
	const weights = PUBLISHED[name];
	if (weights === undefined)
		throw new Error(`internal: nothing is published of ${name}`);
	return weights;
}

/** The zoo's names, sorted. */
export function zooNames(): readonly string[] {
	return Object.keys(ZOO).sort();
}

/** The network with this name. */
export function zooEntry(name: string): ZooEntry | undefined {
	return Object.hasOwn(ZOO, name) ? ZOO[name] : undefined;
}
