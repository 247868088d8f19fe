import type { Graph } from "../types.ts";
import { adaptiveAveragePool } from "./adaptive-pool.ts";
import { network } from "./builder.ts";

/**
 * AlexNet as in "One weird trick" (Krizhevsky 2014, https://arxiv.org/abs/1404.5997) with torchvision's layer names
 * (https://github.com/pytorch/vision/blob/main/torchvision/models/alexnet.py).
 */

/** Channels in and out, kernel, stride, padding; "pool" is a 3x3 maximum with stride 2. */
const FEATURES = [
	[3, 64, 11, 4, 2],
	"pool",
	[64, 192, 5, 1, 2],
	"pool",
	[192, 384, 3, 1, 1],
	[384, 256, 3, 1, 1],
	[256, 256, 3, 1, 1],
	"pool",
] as const;

/**
 * float32 [n, 3, h, w] → logits [n, 1000]; h and w at least 63 and fixed, for the average pool depends on them.
 * Features: `classifier.5`.
 */
export function alexnet(size: readonly [number, number]): Graph {
	const net = network("alexnet", ["n", 3, ...size]);
	let x = net.input;
	let [h, w] = size;
	let index = 0;
	for (const item of FEATURES) {
		if (item === "pool") {
			x = net.maxPool(x, `features.${index++}`, 3, 2);
			[h, w] = [outSize(h, 3, 2, 0), outSize(w, 3, 2, 0)];
			continue;
		}
		const [inChannels, out, kernel, stride, padding] = item;
		x = net.conv(x, `features.${index++}`, {
			in: inChannels,
			out,
			kernel,
			stride,
			padding,
		});
		x = net.relu(x, `features.${index++}`);
		[h, w] = [
			outSize(h, kernel, stride, padding),
			outSize(w, kernel, stride, padding),
		];
	}
	x = adaptiveAveragePool(net, x, "avgpool", [h, w], [6, 6]);
	x = net.flatten(x, "flatten");
	x = net.dropout(x, "classifier.0", 0.5);
	x = net.relu(net.linear(x, "classifier.1", 256 * 36, 4096), "classifier.2");
	x = net.dropout(x, "classifier.3", 0.5);
	x = net.relu(net.linear(x, "classifier.4", 4096, 4096), "classifier.5");
	return net.finish(net.linear(x, "classifier.6", 4096, 1000), 1000);
}

function outSize(
	size: number,
	kernel: number,
	stride: number,
	padding: number,
): number {
	return Math.max(0, Math.floor((size + 2 * padding - kernel) / stride) + 1);
}
