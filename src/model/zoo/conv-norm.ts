import type { Activation } from "./activations.ts";
import type { NetworkBuilder } from "./builder.ts";

/** What torchvision.ops.misc and its networks are built of. */

/** Of one ConvNormActivation. */
export interface ConvNormOptions {
	readonly in: number;
	readonly out: number;
	readonly kernel: number;
	readonly stride?: number;
	readonly groups?: number;
	/** BatchNorm's. */
	readonly epsilon?: number;
	/** BatchNorm2d's, of torch: how much of the running statistics a batch replaces. */
	readonly momentum?: number;
	readonly activation?: Activation;
}

/**
 * torchvision.ops.Conv2dNormActivation: `<layer>.0` convolution without bias, padded so that stride 1 keeps the
 * size, `<layer>.1` BatchNorm2d, `<layer>.2` the activation, if any.
 */
export function convNorm(
	net: NetworkBuilder,
	x: string,
	layer: string,
	options: ConvNormOptions,
): string {
	const { activation, epsilon, momentum, ...conv } = options;
	const padding = (options.kernel - 1) / 2;
	const y = net.conv(x, `${layer}.0`, { ...conv, padding, bias: false });
	const normed = net.batchNorm(y, `${layer}.1`, options.out, epsilon, momentum);
	return activation ? activation(net, normed, `${layer}.2`) : normed;
}

/**
 * torchvision.ops.SqueezeExcitation: the channels of x [n, c, h, w], each weighed by what a small network makes of
 * all their means.
 */
export function squeezeExcitation(
	net: NetworkBuilder,
	x: string,
	layer: string,
	channels: number,
	squeezed: number,
	[activation, gate]: readonly [Activation, Activation],
): string {
	const mean = net.globalAveragePool(x, `${layer}.avgpool`);
	const narrow = net.conv(mean, `${layer}.fc1`, {
		in: channels,
		out: squeezed,
		kernel: 1,
	});
	const wide = net.conv(
		activation(net, narrow, `${layer}.activation`),
		`${layer}.fc2`,
		{ in: squeezed, out: channels, kernel: 1 },
	);
	const scale = gate(net, wide, `${layer}.scale_activation`);
	return net.node("Mul", layer, [scale, x]);
}

/** torchvision's _make_divisible(value, 8): channels rounded to a multiple of 8, never 10 % below the wish. */
export function divisibleBy8(value: number): number {
	const rounded = Math.max(8, Math.floor((value + 4) / 8) * 8);
	return rounded < 0.9 * value ? rounded + 8 : rounded;
}
