import type { Graph } from "../types.ts";
import { relu6 } from "./activations.ts";
import { type NetworkBuilder, network } from "./builder.ts";
import { convNorm } from "./conv-norm.ts";

/**
 * MobileNetV2 (Sandler et al. 2018, https://arxiv.org/abs/1801.04381) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/mobilenetv2.py).
 */

/** Expansion, channels out, repeats, stride of the first. */
const BLOCKS = [
	[1, 16, 1, 1],
	[6, 24, 2, 2],
	[6, 32, 3, 2],
	[6, 64, 4, 2],
	[6, 96, 3, 1],
	[6, 160, 3, 2],
	[6, 320, 1, 1],
] as const;

/** float32 [n, 3, h, w] → logits [n, 1000], any h and w. Features: `flatten`. */
export function mobilenetV2(): Graph {
	const net = network("mobilenet_v2", ["n", 3, "height", "width"]);
	let x = convNorm(net, net.input, "features.0", {
		in: 3,
		out: 32,
		kernel: 3,
		stride: 2,
		activation: relu6,
	});
	let channels = 32;
	let index = 1;
	for (const [expansion, out, repeats, stride] of BLOCKS)
		for (let repeat = 0; repeat < repeats; repeat++) {
			x = invertedResidual(net, x, `features.${index++}`, {
				in: channels,
				out,
				expansion,
				stride: repeat === 0 ? stride : 1,
			});
			channels = out;
		}
	x = convNorm(net, x, `features.${index}`, {
		in: channels,
		out: 1280,
		kernel: 1,
		activation: relu6,
	});
	x = net.globalAveragePool(x, "adaptive_avg_pool2d");
	x = net.flatten(x, "flatten");
	x = net.dropout(x, "classifier.0", 0.2);
	return net.finish(net.linear(x, "classifier.1", 1280, 1000), 1000);
}

interface Block {
	readonly in: number;
	readonly out: number;
	readonly expansion: number;
	readonly stride: number;
}

/** Expand 1x1, depthwise 3x3, project 1x1 without activation; a residual where the shapes agree. */
function invertedResidual(
	net: NetworkBuilder,
	x: string,
	layer: string,
	{ in: inChannels, out, expansion, stride }: Block,
): string {
	const width = inChannels * expansion;
	let y = x;
	let part = 0;
	if (expansion !== 1)
		y = convNorm(net, y, `${layer}.conv.${part++}`, {
			in: inChannels,
			out: width,
			kernel: 1,
			activation: relu6,
		});
	y = convNorm(net, y, `${layer}.conv.${part++}`, {
		in: width,
		out: width,
		kernel: 3,
		stride,
		groups: width,
		activation: relu6,
	});
	y = net.conv(y, `${layer}.conv.${part++}`, {
		in: width,
		out,
		kernel: 1,
		bias: false,
	});
	y = net.batchNorm(y, `${layer}.conv.${part}`, out);
	return stride === 1 && inChannels === out ? net.add(x, y, `${layer}.add`) : y;
}
