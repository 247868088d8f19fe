import type { Graph } from "../types.ts";
import { type NetworkBuilder, network } from "./builder.ts";

/**
 * DenseNet-BC (Huang et al. 2016, https://arxiv.org/abs/1608.06993) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/densenet.py).
 */

/** Layers in each block of densenet121. */
const BLOCKS = [6, 12, 24, 16] as const;
/** Channels that each layer adds. */
const GROWTH = 32;
const BOTTLENECK = 4 * GROWTH;

/** float32 [n, 3, h, w] → logits [n, 1000], h and w at least 29. Features: `flatten`. */
export function densenet121(): Graph {
	const net = network("densenet121", ["n", 3, "height", "width"]);
	let x = net.conv(net.input, "features.conv0", {
		in: 3,
		out: 64,
		kernel: 7,
		stride: 2,
		padding: 3,
		bias: false,
	});
	x = net.relu(net.batchNorm(x, "features.norm0", 64), "features.relu0");
	x = net.maxPool(x, "features.pool0", 3, 2, { padding: 1 });
	let channels = 64;
	BLOCKS.forEach((layers, index) => {
		x = denseBlock(net, x, `features.denseblock${index + 1}`, channels, layers);
		channels += layers * GROWTH;
		if (index === BLOCKS.length - 1) return;
		const layer = `features.transition${index + 1}`;
		x = net.batchNorm(x, `${layer}.norm`, channels);
		x = net.conv(net.relu(x, `${layer}.relu`), `${layer}.conv`, {
			in: channels,
			out: channels / 2,
			kernel: 1,
			bias: false,
		});
		channels /= 2;
		x = net.node("AveragePool", `${layer}.pool`, [x], {
			kernel_shape: [2, 2],
			strides: [2, 2],
		});
	});
	x = net.relu(net.batchNorm(x, "features.norm5", channels), "relu");
	x = net.globalAveragePool(x, "adaptive_avg_pool2d");
	x = net.flatten(x, "flatten");
	return net.finish(net.linear(x, "classifier", channels, 1000), 1000);
}

/**
 * Each layer reads all that came before it. torch joins the list anew for each layer; here what was joined is joined
 * with the newest, the same values, so that the network can be cut between layers.
 */
function denseBlock(
	net: NetworkBuilder,
	x: string,
	block: string,
	channels: number,
	layers: number,
): string {
	let joined = x;
	for (let index = 0; index < layers; index++) {
		const layer = `${block}.denselayer${index + 1}`;
		const width = channels + index * GROWTH;
		let y = net.batchNorm(joined, `${layer}.norm1`, width);
		y = net.conv(net.relu(y, `${layer}.relu1`), `${layer}.conv1`, {
			in: width,
			out: BOTTLENECK,
			kernel: 1,
			bias: false,
		});
		y = net.batchNorm(y, `${layer}.norm2`, BOTTLENECK);
		y = net.conv(net.relu(y, `${layer}.relu2`), `${layer}.conv2`, {
			in: BOTTLENECK,
			out: GROWTH,
			kernel: 3,
			padding: 1,
			bias: false,
		});
		const isLast = index === layers - 1;
		joined = net.node(
			"Concat",
			isLast ? `${block}.cat` : `${block}.denselayer${index + 2}.cat`,
			[joined, y],
			{ axis: 1 },
		);
	}
	return joined;
}
