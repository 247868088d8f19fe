import type { Graph } from "../types.ts";
import { gelu } from "./activations.ts";
import { type NetworkBuilder, network } from "./builder.ts";
import { windowAttention } from "./swin-attention.ts";
import { layerNorm, tokenLinear } from "./tokens.ts";

/**
 * Swin Transformer, tiny (Liu et al. 2021, https://arxiv.org/abs/2103.14030) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/swin_transformer.py). Stochastic depth is left out,
 * as in efficientnet-b.ts. Inside, maps are [n, h, w, c].
 */

/** Blocks and heads of each stage; the first has 96 channels, each next one twice as many. */
const STAGES = [
	[2, 3],
	[2, 6],
	[6, 12],
	[2, 24],
] as const;

const EPSILON = 1e-5;

type Size = readonly [number, number];

/** float32 [n, 3, h, w] → logits [n, 1000]; h and w at least 32 and fixed, for the windows depend on them. Features: `flatten`. */
export function swinTiny([height, width]: Size): Graph {
	const net = network("swin_t", ["n", 3, height, width]);
	let x = net.conv(net.input, "features.0.0", {
		in: 3,
		out: 96,
		kernel: 4,
		stride: 4,
	});
	x = net.node("Transpose", "features.0.1", [x], { perm: [0, 2, 3, 1] });
	x = layerNorm(net, x, "features.0.2", 96, EPSILON);
	let size: Size = [Math.floor(height / 4), Math.floor(width / 4)];
	let channels = 96;
	STAGES.forEach(([blocks, heads], stage) => {
		for (let index = 0; index < blocks; index++)
			x = block(net, x, `features.${2 * stage + 1}.${index}`, {
				channels,
				heads,
				size,
				shift: index % 2 === 0 ? 0 : 3,
			});
		if (stage === STAGES.length - 1) return;
		x = merged(net, x, `features.${2 * stage + 2}`, channels, size);
		size = [Math.ceil(size[0] / 2), Math.ceil(size[1] / 2)];
		channels *= 2;
	});
	x = layerNorm(net, x, "norm", channels, EPSILON);
	x = net.node("Transpose", "permute", [x], { perm: [0, 3, 1, 2] });
	x = net.flatten(net.globalAveragePool(x, "avgpool"), "flatten");
	return net.finish(net.linear(x, "head", channels, 1000), 1000);
}

interface Block {
	readonly channels: number;
	readonly heads: number;
	readonly size: Size;
	readonly shift: number;
}

/** x + attention(LayerNorm(x)), then the same with two Linears and GELU. */
function block(
	net: NetworkBuilder,
	x: string,
	layer: string,
	options: Block,
): string {
	const { channels } = options;
	let y = layerNorm(net, x, `${layer}.norm1`, channels, EPSILON);
	y = windowAttention(net, y, `${layer}.attn`, options);
	const attended = net.add(x, y, `${layer}.add`);
	y = layerNorm(net, attended, `${layer}.norm2`, channels, EPSILON);
	y = tokenLinear(net, y, `${layer}.mlp.0`, [channels, 4 * channels]);
	y = gelu(net, y, `${layer}.mlp.1`);
	y = tokenLinear(net, y, `${layer}.mlp.3`, [4 * channels, channels]);
	return net.add(attended, y, `${layer}.add_1`);
}

/** PatchMerging: each 2 x 2 square becomes one place with four times the channels, which a Linear halves. */
function merged(
	net: NetworkBuilder,
	x: string,
	layer: string,
	channels: number,
	[h, w]: Size,
): string {
	const ints = (...values: number[]) =>
		net.constant("int64", [values.length], values);
	const own = `${layer}._patch_merging_pad`;
	let padded = x;
	if (h % 2 === 1 || w % 2 === 1)
		padded = net.node(
			"Pad",
			own,
			[x, ints(0, 0, 0, 0, 0, h % 2, w % 2, 0)],
			{},
			"pad",
		);
	const corners = [
		[0, 0],
		[1, 0],
		[0, 1],
		[1, 1],
	] as const;
	const parts = corners.map(([top, left], index) =>
		net.node(
			"Slice",
			own,
			[padded, ints(top, left), ints(h + 1, w + 1), ints(1, 2), ints(2, 2)],
			{},
			`x${index}`,
		),
	);
	const joined = net.node("Concat", own, parts, { axis: -1 });
	const normed = layerNorm(net, joined, `${layer}.norm`, 4 * channels, EPSILON);
	const reduction = `${layer}.reduction`;
	return tokenLinear(net, normed, reduction, [4 * channels, 2 * channels], {
		weight: `${reduction}.weight`,
	});
}
