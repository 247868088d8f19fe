import type { Graph } from "../types.ts";
import { hardSigmoid, hardSwish, relu } from "./activations.ts";
import { type NetworkBuilder, network } from "./builder.ts";
import { convNorm, divisibleBy8, squeezeExcitation } from "./conv-norm.ts";

/**
 * MobileNetV3 (Howard et al. 2019, https://arxiv.org/abs/1905.02244) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/mobilenetv3.py).
 */

/** Channels in, kernel, channels between, channels out, squeeze-excitation?, activation, stride. */
type Row = readonly [
	number,
	number,
	number,
	number,
	boolean,
	"relu" | "hard_swish",
	number,
];

const NETWORKS: Readonly<
	Record<MobileNetV3Name, { rows: readonly Row[]; last: number }>
> = {
	mobilenet_v3_small: {
		rows: [
			[16, 3, 16, 16, true, "relu", 2],
			[16, 3, 72, 24, false, "relu", 2],
			[24, 3, 88, 24, false, "relu", 1],
			[24, 5, 96, 40, true, "hard_swish", 2],
			[40, 5, 240, 40, true, "hard_swish", 1],
			[40, 5, 240, 40, true, "hard_swish", 1],
			[40, 5, 120, 48, true, "hard_swish", 1],
			[48, 5, 144, 48, true, "hard_swish", 1],
			[48, 5, 288, 96, true, "hard_swish", 2],
			[96, 5, 576, 96, true, "hard_swish", 1],
			[96, 5, 576, 96, true, "hard_swish", 1],
		],
		last: 1024,
	},
	mobilenet_v3_large: {
		rows: [
			[16, 3, 16, 16, false, "relu", 1],
			[16, 3, 64, 24, false, "relu", 2],
			[24, 3, 72, 24, false, "relu", 1],
			[24, 5, 72, 40, true, "relu", 2],
			[40, 5, 120, 40, true, "relu", 1],
			[40, 5, 120, 40, true, "relu", 1],
			[40, 3, 240, 80, false, "hard_swish", 2],
			[80, 3, 200, 80, false, "hard_swish", 1],
			[80, 3, 184, 80, false, "hard_swish", 1],
			[80, 3, 184, 80, false, "hard_swish", 1],
			[80, 3, 480, 112, true, "hard_swish", 1],
			[112, 3, 672, 112, true, "hard_swish", 1],
			[112, 5, 672, 160, true, "hard_swish", 2],
			[160, 5, 960, 160, true, "hard_swish", 1],
			[160, 5, 960, 160, true, "hard_swish", 1],
		],
		last: 1280,
	},
};

/** Of every BatchNorm2d. */
const NORM = { epsilon: 1e-3, momentum: 0.01 } as const;

/** A network of this family. */
export type MobileNetV3Name = "mobilenet_v3_small" | "mobilenet_v3_large";

/** float32 [n, 3, h, w] → logits [n, 1000], any h and w. Features: `classifier.1`. */
export function mobilenetV3(name: MobileNetV3Name): Graph {
	const { rows, last } = NETWORKS[name];
	const net = network(name, ["n", 3, "height", "width"]);
	let x = convNorm(net, net.input, "features.0", {
		in: 3,
		out: 16,
		kernel: 3,
		stride: 2,
		...NORM,
		activation: hardSwish,
	});
	rows.forEach((row, index) => {
		x = invertedResidual(net, x, `features.${index + 1}`, row);
	});
	const channels = rows.at(-1)?.[3] ?? 0;
	x = convNorm(net, x, `features.${rows.length + 1}`, {
		in: channels,
		out: 6 * channels,
		kernel: 1,
		...NORM,
		activation: hardSwish,
	});
	x = net.flatten(net.globalAveragePool(x, "avgpool"), "flatten");
	x = net.linear(x, "classifier.0", 6 * channels, last);
	x = net.dropout(hardSwish(net, x, "classifier.1"), "classifier.2", 0.2);
	return net.finish(net.linear(x, "classifier.3", last, 1000), 1000);
}

/** Expand 1x1, depthwise, squeeze-excitation, project 1x1 without activation; a residual where the shapes agree. */
function invertedResidual(
	net: NetworkBuilder,
	x: string,
	layer: string,
	[inChannels, kernel, width, out, squeezes, word, stride]: Row,
): string {
	const activation = word === "relu" ? relu : hardSwish;
	let part = 0;
	const next = () => `${layer}.block.${part++}`;
	let y = x;
	if (width !== inChannels)
		y = convNorm(net, y, next(), {
			in: inChannels,
			out: width,
			kernel: 1,
			...NORM,
			activation,
		});
	y = convNorm(net, y, next(), {
		in: width,
		out: width,
		kernel,
		stride,
		groups: width,
		...NORM,
		activation,
	});
	if (squeezes)
		y = squeezeExcitation(
			net,
			y,
			next(),
			width,
			divisibleBy8(Math.floor(width / 4)),
			[relu, hardSigmoid],
		);
	y = convNorm(net, y, next(), { in: width, out, kernel: 1, ...NORM });
	return stride === 1 && inChannels === out ? net.add(y, x, `${layer}.add`) : y;
}
