import type { Graph } from "../types.ts";
import { type NetworkBuilder, network } from "./builder.ts";

/**
 * ResNet (He et al. 2015, https://arxiv.org/abs/1512.03385), Wide ResNet and ResNeXt with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/resnet.py). A second ReLU of a block is `relu_1`,
 * its sum `add`, as torchvision's feature extraction calls them.
 */

interface ResNet {
	readonly block: "basic" | "bottleneck";
	/** Blocks in layer1 … layer4. */
	readonly blocks: readonly [number, number, number, number];
	readonly groups?: number;
	/** Channels a group has in layer1's inner convolution. */
	readonly widthPerGroup?: number;
}

const NETWORKS = {
	resnet18: { block: "basic", blocks: [2, 2, 2, 2] },
	resnet34: { block: "basic", blocks: [3, 4, 6, 3] },
	resnet50: { block: "bottleneck", blocks: [3, 4, 6, 3] },
	resnet101: { block: "bottleneck", blocks: [3, 4, 23, 3] },
	resnet152: { block: "bottleneck", blocks: [3, 8, 36, 3] },
	wide_resnet50_2: {
		block: "bottleneck",
		blocks: [3, 4, 6, 3],
		widthPerGroup: 128,
	},
	resnext50_32x4d: {
		block: "bottleneck",
		blocks: [3, 4, 6, 3],
		groups: 32,
		widthPerGroup: 4,
	},
} as const satisfies Record<string, ResNet>;

/** A network of this family. */
export type ResNetName = keyof typeof NETWORKS;

/** The family's names. */
export const RESNETS = Object.keys(NETWORKS) as ResNetName[];

/** float32 [n, 3, h, w] → logits [n, 1000], any h and w. Features: `flatten`. */
export function resnet(name: ResNetName): Graph {
	const { block, blocks, ...width }: ResNet = NETWORKS[name];
	const net = network(name, ["n", 3, "height", "width"]);
	let x = net.conv(net.input, "conv1", {
		in: 3,
		out: 64,
		kernel: 7,
		stride: 2,
		padding: 3,
		bias: false,
	});
	x = net.relu(net.batchNorm(x, "bn1", 64), "relu");
	x = net.maxPool(x, "maxpool", 3, 2, { padding: 1 });
	const expansion = block === "basic" ? 1 : 4;
	let channels = 64;
	blocks.forEach((count, stage) => {
		const planes = 64 * 2 ** stage;
		for (let index = 0; index < count; index++) {
			const options: Block = {
				in: channels,
				planes,
				out: planes * expansion,
				stride: stage > 0 && index === 0 ? 2 : 1,
				...width,
			};
			const layer = `layer${stage + 1}.${index}`;
			x =
				block === "basic"
					? basicBlock(net, x, layer, options)
					: bottleneck(net, x, layer, options);
			channels = planes * expansion;
		}
	});
	x = net.flatten(net.globalAveragePool(x, "avgpool"), "flatten");
	return net.finish(net.linear(x, "fc", channels, 1000), 1000);
}

interface Block {
	readonly in: number;
	readonly planes: number;
	readonly out: number;
	readonly stride: number;
	readonly groups?: number;
	readonly widthPerGroup?: number;
}

/** Two 3x3 convolutions; the stride is the first's. */
function basicBlock(
	net: NetworkBuilder,
	x: string,
	layer: string,
	options: Block,
): string {
	const { planes, stride } = options;
	let y = step(net, x, layer, 1, {
		in: options.in,
		out: planes,
		kernel: 3,
		stride,
	});
	y = net.relu(y, `${layer}.relu`);
	y = step(net, y, layer, 2, { in: planes, out: planes, kernel: 3 });
	return sum(net, x, y, layer, options, "relu_1");
}

/** 1x1 narrows, 3x3 with the stride (torchvision's ResNet V1.5), 1x1 widens. */
function bottleneck(
	net: NetworkBuilder,
	x: string,
	layer: string,
	options: Block,
): string {
	const { planes, out, stride, groups = 1, widthPerGroup = 64 } = options;
	const width = Math.floor((planes * widthPerGroup) / 64) * groups;
	let y = step(net, x, layer, 1, { in: options.in, out: width, kernel: 1 });
	y = net.relu(y, `${layer}.relu`);
	y = step(net, y, layer, 2, {
		in: width,
		out: width,
		kernel: 3,
		stride,
		groups,
	});
	y = net.relu(y, `${layer}.relu_1`);
	y = step(net, y, layer, 3, { in: width, out, kernel: 1 });
	return sum(net, x, y, layer, options, "relu_2");
}

interface Step {
	readonly in: number;
	readonly out: number;
	readonly kernel: number;
	readonly stride?: number;
	readonly groups?: number;
}

/** `conv<number>` and `bn<number>`. */
function step(
	net: NetworkBuilder,
	x: string,
	layer: string,
	number: number,
	options: Step,
): string {
	const y = net.conv(x, `${layer}.conv${number}`, {
		...options,
		padding: (options.kernel - 1) / 2,
		bias: false,
	});
	return net.batchNorm(y, `${layer}.bn${number}`, options.out);
}

/** The branch and the identity, projected where the shapes differ, then ReLU. */
function sum(
	net: NetworkBuilder,
	x: string,
	branch: string,
	layer: string,
	{ in: inChannels, out, stride }: Block,
	relu: string,
): string {
	let identity = x;
	if (stride !== 1 || inChannels !== out) {
		identity = net.conv(x, `${layer}.downsample.0`, {
			in: inChannels,
			out,
			kernel: 1,
			stride,
			bias: false,
		});
		identity = net.batchNorm(identity, `${layer}.downsample.1`, out);
	}
	return net.relu(
		net.add(branch, identity, `${layer}.add`),
		`${layer}.${relu}`,
	);
}
