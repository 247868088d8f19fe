import { type InitRule, torchDefault, vggInit } from "../init.ts";
import type { Graph } from "../types.ts";
import { alexnet } from "./alexnet.ts";
import { convnextTiny } from "./convnext.ts";
import { densenet121 } from "./densenet.ts";
import { EFFICIENTNETS, efficientnetB } from "./efficientnet-b.ts";
import * as init from "./init-rules.ts";
import { mobilenetV2 } from "./mobilenet-v2.ts";
import { mobilenetV3 } from "./mobilenet-v3.ts";
import { RESNETS, resnet } from "./resnet.ts";
import { shufflenetV2X10 } from "./shufflenet-v2.ts";
import { SQUEEZENETS, squeezenet } from "./squeezenet.ts";
import { swinTiny } from "./swin.ts";
import { type VggDepth, vgg } from "./vgg.ts";
import { visionTransformer } from "./vit.ts";

/** torchvision's networks as this room builds them. A new family is one builder file and its rows here. */

/** How a network is built, and the names of its end. */
export interface Architecture {
	/** The network for photos of this [height, width]. */
	readonly build: (size: readonly [number, number]) => Graph;
	/**
	 * Tensor that enters the classifier: where a new head attaches. A Dropout right before the last layer is left to
	 * `replace`, so that the features are the same in training and evaluation; only the VGGs keep theirs.
	 */
	readonly features: string;
	/** The layer that makes the logits: what `replace` takes for other classes. */
	readonly classifier: string;
	readonly init: InitRule;
}

/** By torchvision's names. */
export const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
	alexnet: {
		build: alexnet,
		features: "classifier.5",
		classifier: "classifier.6",
		init: torchDefault,
	},
	...vggs([11, 13, 16, 19]),
	...family(RESNETS, (name) => ({
		build: () => resnet(name),
		features: "flatten",
		classifier: "fc",
		init: init.resnetInit,
	})),
	...family(SQUEEZENETS, (name) => ({
		build: () => squeezenet(name),
		features: "features.12.cat",
		classifier: "classifier.1",
		init: init.squeezenetInit,
	})),
	densenet121: {
		build: densenet121,
		features: "flatten",
		classifier: "classifier",
		init: init.densenetInit,
	},
	mobilenet_v2: {
		build: mobilenetV2,
		features: "flatten",
		classifier: "classifier.1",
		init: vggInit,
	},
	...family(["mobilenet_v3_small", "mobilenet_v3_large"], (name) => ({
		build: () => mobilenetV3(name),
		features: "classifier.1",
		classifier: "classifier.3",
		init: vggInit,
	})),
	...family(EFFICIENTNETS, (name) => ({
		build: () => efficientnetB(name),
		features: "flatten",
		classifier: "classifier.1",
		init: init.efficientnetInit,
	})),
	shufflenet_v2_x1_0: {
		build: shufflenetV2X10,
		features: "mean",
		classifier: "fc",
		init: torchDefault,
	},
	convnext_tiny: {
		build: convnextTiny,
		features: "classifier.1",
		classifier: "classifier.2",
		init: init.convnextInit,
	},
	vit_b_16: vitRow(16),
	vit_b_32: vitRow(32),
	swin_t: {
		build: swinTiny,
		features: "flatten",
		classifier: "head",
		init: init.swinInit,
	},
};

function family<Name extends string>(
	names: readonly Name[],
	row: (name: Name) => Architecture,
): Record<string, Architecture> {
	return Object.fromEntries(names.map((name) => [name, row(name)]));
}

function vggs(depths: readonly VggDepth[]): Record<string, Architecture> {
	const row = (depth: VggDepth, norm: boolean): Architecture => ({
		build: (size) => vgg(depth, norm, size),
		features: "classifier.5",
		classifier: "classifier.6",
		init: vggInit,
	});
	return Object.fromEntries(
		depths.flatMap((depth) => [
			[`vgg${depth}`, row(depth, false)],
			[`vgg${depth}_bn`, row(depth, true)],
		]),
	);
}

function vitRow(patch: 16 | 32): Architecture {
	return {
		build: (size) => visionTransformer(patch, size),
		features: "cls",
		classifier: "heads.head",
		init: init.vitInit,
	};
}
