import type { Graph } from "../types.ts";
import { sigmoid, silu } from "./activations.ts";
import { type NetworkBuilder, network } from "./builder.ts";
import { convNorm, divisibleBy8, squeezeExcitation } from "./conv-norm.ts";

/**
 * EfficientNet B0 to B4 (Tan and Le 2019, https://arxiv.org/abs/1905.11946) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/efficientnet.py). Stochastic depth is left out: it
 * does nothing in a frozen network and nothing in evaluation.
 */

/** Expansion, kernel, stride of the first, channels in and out, repeats; of B0. */
const STAGES = [
	[1, 3, 1, 32, 16, 1],
	[6, 3, 2, 16, 24, 2],
	[6, 5, 2, 24, 40, 2],
	[6, 3, 2, 40, 80, 3],
	[6, 5, 1, 80, 112, 3],
	[6, 5, 2, 112, 192, 4],
	[6, 3, 1, 192, 320, 1],
] as const;

/** Factors of width and depth, and the Dropout before the classifier. */
const SCALES = {
	efficientnet_b0: [1, 1, 0.2],
	efficientnet_b1: [1, 1.1, 0.2],
	efficientnet_b2: [1.1, 1.2, 0.3],
	efficientnet_b3: [1.2, 1.4, 0.3],
	efficientnet_b4: [1.4, 1.8, 0.4],
} as const;

/** A network of this family. */
export type EfficientNetName = keyof typeof SCALES;

/** The family's names. */
export const EFFICIENTNETS = Object.keys(SCALES) as EfficientNetName[];

/** float32 [n, 3, h, w] → logits [n, 1000], any h and w. Features: `flatten`. */
export function efficientnetB(name: EfficientNetName): Graph {
	const [widthFactor, depthFactor, dropout] = SCALES[name];
	const scaled = (channels: number) => divisibleBy8(channels * widthFactor);
	const net = network(name, ["n", 3, "height", "width"]);
	let x = convNorm(net, net.input, "features.0", {
		in: 3,
		out: scaled(32),
		kernel: 3,
		stride: 2,
		activation: silu,
	});
	STAGES.forEach(([expansion, kernel, stride, from, to, repeats], stage) => {
		const count = Math.ceil(repeats * depthFactor);
		for (let index = 0; index < count; index++)
			x = block(net, x, `features.${stage + 1}.${index}`, {
				in: scaled(index === 0 ? from : to),
				out: scaled(to),
				kernel,
				stride: index === 0 ? stride : 1,
				expansion,
			});
	});
	const last = 4 * scaled(320);
	x = convNorm(net, x, `features.${STAGES.length + 1}`, {
		in: scaled(320),
		out: last,
		kernel: 1,
		activation: silu,
	});
	x = net.flatten(net.globalAveragePool(x, "avgpool"), "flatten");
	x = net.dropout(x, "classifier.0", dropout);
	return net.finish(net.linear(x, "classifier.1", last, 1000), 1000);
}

interface Block {
	readonly in: number;
	readonly out: number;
	readonly kernel: number;
	readonly stride: number;
	readonly expansion: number;
}

/** MBConv: expand 1x1, depthwise, squeeze-excitation, project 1x1; a residual where the shapes agree. */
function block(
	net: NetworkBuilder,
	x: string,
	layer: string,
	{ in: inChannels, out, kernel, stride, expansion }: Block,
): string {
	const width = divisibleBy8(inChannels * expansion);
	let part = 0;
	const next = () => `${layer}.block.${part++}`;
	let y = x;
	if (width !== inChannels)
		y = convNorm(net, y, next(), {
			in: inChannels,
			out: width,
			kernel: 1,
			activation: silu,
		});
	y = convNorm(net, y, next(), {
		in: width,
		out: width,
		kernel,
		stride,
		groups: width,
		activation: silu,
	});
	const squeezed = Math.max(1, Math.floor(inChannels / 4));
	y = squeezeExcitation(net, y, next(), width, squeezed, [silu, sigmoid]);
	y = convNorm(net, y, next(), { in: width, out, kernel: 1 });
	return stride === 1 && inChannels === out ? net.add(y, x, `${layer}.add`) : y;
}
