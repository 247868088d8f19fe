import type { Graph } from "../types.ts";
import { adaptiveAveragePool } from "./adaptive-pool.ts";
import { network } from "./builder.ts";

/**
 * VGG (Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/vgg.py).
 */

/** Output channels of the 3x3 convolutions; "M" halves the map. */
const CONFIGURATIONS = {
	11: "64 M 128 M 256 256 M 512 512 M 512 512 M",
	13: "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M",
	16: "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M",
	19: "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M",
};

/** Layers with weights. */
export type VggDepth = keyof typeof CONFIGURATIONS;

/**
 * float32 [n, 3, h, w] → logits [n, 1000]; h and w at least 32 and fixed, for the average pool depends on them.
 * Features: `classifier.5`.
 */
export function vgg(
	depth: VggDepth,
	norm: boolean,
	[height, width]: readonly [number, number],
): Graph {
	const name = `vgg${depth}${norm ? "_bn" : ""}`;
	const net = network(name, ["n", 3, height, width]);
	let x = net.input;
	let channels = 3;
	let index = 0;
	let halvings = 0;
	for (const item of CONFIGURATIONS[depth].split(" ")) {
		if (item === "M") {
			x = net.maxPool(x, `features.${index++}`, 2, 2);
			halvings++;
			continue;
		}
		const out = Number(item);
		x = net.conv(x, `features.${index++}`, {
			in: channels,
			out,
			kernel: 3,
			padding: 1,
		});
		if (norm) x = net.batchNorm(x, `features.${index++}`, out);
		x = net.relu(x, `features.${index++}`);
		channels = out;
	}
	x = adaptiveAveragePool(
		net,
		x,
		"avgpool",
		[height >> halvings, width >> halvings],
		[7, 7],
	);
	x = net.flatten(x, "flatten");
	x = net.relu(
		net.linear(x, "classifier.0", channels * 49, 4096),
		"classifier.1",
	);
	x = net.dropout(x, "classifier.2", 0.5);
	x = net.relu(net.linear(x, "classifier.3", 4096, 4096), "classifier.4");
	x = net.dropout(x, "classifier.5", 0.5);
	return net.finish(net.linear(x, "classifier.6", 4096, 1000), 1000);
}
