import type { Graph } from "../types.ts";
import { type NetworkBuilder, network } from "./builder.ts";

/**
 * ShuffleNetV2 (Ma et al. 2018, https://arxiv.org/abs/1807.11164) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/shufflenetv2.py).
 */

/** Name, blocks and channels out of each stage of x1.0. */
const STAGES = [
	["stage2", 4, 116],
	["stage3", 8, 232],
	["stage4", 4, 464],
] as const;

type Size = readonly [number, number];

/** float32 [n, 3, h, w] → logits [n, 1000]; h and w fixed, for the shuffle names them. Features: `mean`. */
export function shufflenetV2X10(size: Size): Graph {
	const net = network("shufflenet_v2_x1_0", ["n", 3, ...size]);
	let x = net.conv(net.input, "conv1.0", {
		in: 3,
		out: 24,
		kernel: 3,
		stride: 2,
		padding: 1,
		bias: false,
	});
	x = net.relu(net.batchNorm(x, "conv1.1", 24), "conv1.2");
	x = net.maxPool(x, "maxpool", 3, 2, { padding: 1 });
	let map = halved(halved(size));
	let channels = 24;
	for (const [stage, count, out] of STAGES) {
		map = halved(map);
		for (let index = 0; index < count; index++) {
			const layer = `${stage}.${index}`;
			const parts =
				index === 0
					? [
							sideBranch(net, x, layer, channels, out / 2),
							mainBranch(net, x, layer, channels, out / 2, 2),
						]
					: split(net, x, layer, out / 2);
			x = shuffled(net, parts, layer, out, map);
		}
		channels = out;
	}
	x = net.conv(x, "conv5.0", {
		in: channels,
		out: 1024,
		kernel: 1,
		bias: false,
	});
	x = net.relu(net.batchNorm(x, "conv5.1", 1024), "conv5.2");
	x = net.node("GlobalAveragePool", "mean", [x], {}, "pool");
	x = net.flatten(x, "mean");
	return net.finish(net.linear(x, "fc", 1024, 1000), 1000);
}

/** What stride 2 leaves of a map: half, rounded up. */
function halved([h, w]: Size): Size {
	return [Math.ceil(h / 2), Math.ceil(w / 2)];
}

/** One half of the channels passes by. */
function split(
	net: NetworkBuilder,
	x: string,
	layer: string,
	half: number,
): string[] {
	const [kept = x, worked = x] = net.chunk(x, `${layer}.chunk`, 2);
	return [kept, mainBranch(net, worked, layer, half, half, 1)];
}

/** 1x1, depthwise 3x3, 1x1. */
function mainBranch(
	net: NetworkBuilder,
	x: string,
	layer: string,
	inChannels: number,
	out: number,
	stride: number,
): string {
	const part = (index: number) => `${layer}.branch2.${index}`;
	let y = net.conv(x, part(0), {
		in: inChannels,
		out,
		kernel: 1,
		bias: false,
	});
	y = net.relu(net.batchNorm(y, part(1), out), part(2));
	y = depthwise(net, y, part(3), out, stride);
	y = net.batchNorm(y, part(4), out);
	y = net.conv(y, part(5), { in: out, out, kernel: 1, bias: false });
	return net.relu(net.batchNorm(y, part(6), out), part(7));
}

/** Of the first block of a stage: depthwise 3x3 with stride 2, 1x1. */
function sideBranch(
	net: NetworkBuilder,
	x: string,
	layer: string,
	inChannels: number,
	out: number,
): string {
	const part = (index: number) => `${layer}.branch1.${index}`;
	let y = depthwise(net, x, part(0), inChannels, 2);
	y = net.batchNorm(y, part(1), inChannels);
	y = net.conv(y, part(2), { in: inChannels, out, kernel: 1, bias: false });
	return net.relu(net.batchNorm(y, part(3), out), part(4));
}

function depthwise(
	net: NetworkBuilder,
	x: string,
	layer: string,
	channels: number,
	stride: number,
): string {
	return net.conv(x, layer, {
		in: channels,
		out: channels,
		kernel: 3,
		stride,
		padding: 1,
		groups: channels,
		bias: false,
	});
}

/** Both parts side by side, their channels taking turns. */
function shuffled(
	net: NetworkBuilder,
	parts: readonly string[],
	layer: string,
	channels: number,
	[h, w]: Size,
): string {
	const shape = (...sizes: number[]) =>
		net.constant("int64", [sizes.length], sizes);
	const joined = net.node("Concat", `${layer}.cat`, parts, { axis: 1 });
	const grouped = net.node("Reshape", `${layer}.view`, [
		joined,
		shape(0, 2, channels / 2, h, w),
	]);
	const turned = net.node("Transpose", `${layer}.transpose`, [grouped], {
		perm: [0, 2, 1, 3, 4],
	});
	return net.node("Reshape", `${layer}.view_1`, [
		turned,
		shape(0, channels, h, w),
	]);
}
