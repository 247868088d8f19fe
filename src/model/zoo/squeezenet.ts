import type { Graph } from "../types.ts";
import { type NetworkBuilder, network } from "./builder.ts";

/**
 * SqueezeNet (Iandola et al. 2016, https://arxiv.org/abs/1602.07360) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/squeezenet.py).
 */

/** The first convolution, then channels of each Fire: squeezed, and of each of its two expansions; "pool" halves. */
const VERSIONS = {
	squeezenet1_0: {
		stem: { out: 96, kernel: 7 },
		features: [
			"pool",
			[16, 64],
			[16, 64],
			[32, 128],
			"pool",
			[32, 128],
			[48, 192],
			[48, 192],
			[64, 256],
			"pool",
			[64, 256],
		],
	},
	squeezenet1_1: {
		stem: { out: 64, kernel: 3 },
		features: [
			"pool",
			[16, 64],
			[16, 64],
			"pool",
			[32, 128],
			[32, 128],
			"pool",
			[48, 192],
			[48, 192],
			[64, 256],
			[64, 256],
		],
	},
} as const;

/** A network of this family. */
export type SqueezeNetName = keyof typeof VERSIONS;

/** The family's names. */
export const SQUEEZENETS = Object.keys(VERSIONS) as SqueezeNetName[];

/** float32 [n, 3, h, w] → logits [n, 1000], h and w at least 21. Features: `features.12.cat`, a map of 512 channels. */
export function squeezenet(name: SqueezeNetName): Graph {
	const { stem, features } = VERSIONS[name];
	const net = network(name, ["n", 3, "height", "width"]);
	let x = net.conv(net.input, "features.0", { in: 3, ...stem, stride: 2 });
	x = net.relu(x, "features.1");
	let channels: number = stem.out;
	features.forEach((item, at) => {
		const layer = `features.${at + 2}`;
		if (item === "pool") {
			x = net.maxPool(x, layer, 3, 2, { ceil: true });
			return;
		}
		x = fire(net, x, layer, channels, item);
		channels = 2 * item[1];
	});
	x = net.dropout(x, "classifier.0", 0.5);
	x = net.conv(x, "classifier.1", { in: channels, out: 1000, kernel: 1 });
	x = net.globalAveragePool(net.relu(x, "classifier.2"), "classifier.3");
	return net.finish(net.flatten(x, "flatten"), 1000);
}

/** 1x1 squeezes; 1x1 and 3x3 expand, side by side. */
function fire(
	net: NetworkBuilder,
	x: string,
	layer: string,
	channels: number,
	[squeezed, expanded]: readonly [number, number],
): string {
	const conv = (
		from: string,
		part: string,
		inChannels: number,
		out: number,
		kernel: number,
	) => {
		const y = net.conv(from, `${layer}.${part}`, {
			in: inChannels,
			out,
			kernel,
			padding: (kernel - 1) / 2,
		});
		return net.relu(y, `${layer}.${part}_activation`);
	};
	const y = conv(x, "squeeze", channels, squeezed, 1);
	return net.node(
		"Concat",
		`${layer}.cat`,
		[
			conv(y, "expand1x1", squeezed, expanded, 1),
			conv(y, "expand3x3", squeezed, expanded, 3),
		],
		{ axis: 1 },
	);
}
