import type { Graph } from "../types.ts";
import { gelu } from "./activations.ts";
import { type NetworkBuilder, network } from "./builder.ts";
import { layerNorm, tokenLinear } from "./tokens.ts";

/**
 * ConvNeXt (Liu et al. 2022, https://arxiv.org/abs/2201.03545) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/convnext.py). Stochastic depth is left out, as in
 * efficientnet-b.ts.
 */

/** Channels and blocks of each stage of the tiny one. */
const STAGES = [
	[96, 3],
	[192, 3],
	[384, 9],
	[768, 3],
] as const;

const EPSILON = 1e-6;

/** float32 [n, 3, h, w] → logits [n, 1000], h and w at least 32. Features: `classifier.1`. */
export function convnextTiny(): Graph {
	const net = network("convnext_tiny", ["n", 3, "height", "width"]);
	let x = net.conv(net.input, "features.0.0", {
		in: 3,
		out: 96,
		kernel: 4,
		stride: 4,
	});
	x = layerNorm2d(net, x, "features.0.1", 96);
	STAGES.forEach(([channels, blocks], stage) => {
		const before = STAGES[stage - 1]?.[0];
		if (before !== undefined) {
			const layer = `features.${2 * stage}`;
			x = layerNorm2d(net, x, `${layer}.0`, before);
			x = net.conv(x, `${layer}.1`, {
				in: before,
				out: channels,
				kernel: 2,
				stride: 2,
			});
		}
		for (let index = 0; index < blocks; index++)
			x = block(net, x, `features.${2 * stage + 1}.${index}`, channels);
	});
	x = net.globalAveragePool(x, "avgpool");
	x = layerNorm2d(net, x, "classifier.0", 768);
	x = net.flatten(x, "classifier.1");
	return net.finish(net.linear(x, "classifier.2", 768, 1000), 1000);
}

/** Depthwise 7x7, LayerNorm, two Linears with GELU between, a learnt scale for each channel, the residual. */
function block(
	net: NetworkBuilder,
	x: string,
	layer: string,
	channels: number,
): string {
	const part = (index: number) => `${layer}.block.${index}`;
	let y = net.conv(x, part(0), {
		in: channels,
		out: channels,
		kernel: 7,
		padding: 3,
		groups: channels,
	});
	y = net.node("Transpose", part(1), [y], { perm: [0, 2, 3, 1] });
	y = layerNorm(net, y, part(2), channels, EPSILON);
	y = tokenLinear(net, y, part(3), [channels, 4 * channels]);
	y = gelu(net, y, part(4));
	y = tokenLinear(net, y, part(5), [4 * channels, channels]);
	y = net.node("Transpose", part(6), [y], { perm: [0, 3, 1, 2] });
	const scale = net.parameter(`${layer}.layer_scale`, [channels, 1, 1]);
	y = net.node("Mul", `${layer}.layer_scale`, [y, scale], {}, "mul");
	return net.add(y, x, `${layer}.add`);
}

/** torchvision's LayerNorm2d: over the channels of [n, c, h, w]. */
function layerNorm2d(
	net: NetworkBuilder,
	x: string,
	layer: string,
	channels: number,
): string {
	const last = net.node(
		"Transpose",
		layer,
		[x],
		{ perm: [0, 2, 3, 1] },
		"permute",
	);
	const normed = layerNorm(net, last, layer, channels, EPSILON, "layer_norm");
	return net.node("Transpose", layer, [normed], { perm: [0, 3, 1, 2] });
}
