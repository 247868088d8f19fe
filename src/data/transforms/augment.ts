import type { Random } from "../../random.ts";
import type { Pixels } from "../types.ts";
import type { WarpInterpolation } from "./affine.ts";
import { adjustBrightness, adjustContrast, adjustSaturation } from "./color.ts";
import { autocontrast, equalize, posterize, solarize } from "./histogram.ts";
import { roundHalfEven } from "./image.ts";
import { always, needPixels, sameShape, type TransformKind } from "./kind.ts";
import { fillParam, numberParam, type Params, warpParam } from "./params.ts";
import { rotate, shearAndTranslate } from "./rotate.ts";
import { adjustSharpness } from "./sharpness.ts";

/** RandAugment and TrivialAugmentWide (torchvision/transforms/autoaugment.py). */

/** How to fill what a shear, shift or rotation leaves open. */
export interface Warp {
	readonly interpolation: WarpInterpolation;
	readonly fill: readonly number[];
}

type Operation = (image: Pixels, magnitude: number, warp: Warp) => Pixels;

function shear(image: Pixels, degrees: readonly [number, number], warp: Warp) {
	const translate = [0, 0] as const;
	const center = [0, 0] as const;
	return shearAndTranslate(image, {
		...warp,
		shear: degrees,
		translate,
		center,
	});
}

function shift(image: Pixels, pixels: readonly [number, number], warp: Warp) {
	const translate = [Math.trunc(pixels[0]), Math.trunc(pixels[1])] as const;
	const still = { shear: [0, 0] as const, center: undefined };
	return shearAndTranslate(image, { ...warp, ...still, translate });
}

const slope = (magnitude: number) => Math.atan(magnitude) * (180 / Math.PI);

/** The operations by torchvision's names, in torchvision's order. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
	Identity: (image) => image,
	ShearX: (image, magnitude, warp) => shear(image, [slope(magnitude), 0], warp),
	ShearY: (image, magnitude, warp) => shear(image, [0, slope(magnitude)], warp),
	TranslateX: (image, magnitude, warp) => shift(image, [magnitude, 0], warp),
	TranslateY: (image, magnitude, warp) => shift(image, [0, magnitude], warp),
	Rotate: (image, angle, warp) =>
		rotate(image, { ...warp, angle, expand: false, center: undefined }),
	Brightness: (image, magnitude) => adjustBrightness(image, 1 + magnitude),
	Color: (image, magnitude) => adjustSaturation(image, 1 + magnitude),
	Contrast: (image, magnitude) => adjustContrast(image, 1 + magnitude),
	Sharpness: (image, magnitude) => adjustSharpness(image, 1 + magnitude),
	Posterize: (image, magnitude) => posterize(image, Math.trunc(magnitude)),
	Solarize: solarize,
	AutoContrast: autocontrast,
	Equalize: equalize,
};

/** One operation at one magnitude: torchvision's _apply_op. */
export function applyOperation(
	image: Pixels,
	name: string,
	magnitude: number,
	warp: Warp,
): Pixels {
	const operation = OPERATIONS[name];
	if (!operation) throw new Error(`internal: no operation ${name}`);
	return operation(image, magnitude, warp);
}

/** What an operation may be drawn with; `signed` ones are turned around half of the time. */
interface Magnitudes {
	readonly name: string;
	readonly at: ((bin: number) => number) | undefined;
	readonly signed: boolean;
}

/**
 * torch.linspace(start, end, steps) by index: float32, from both ends, with one rounding per element (torch
 * uses a fused multiply-add).
 */
function linspace(start: number, end: number, steps: number) {
	const { fround } = Math;
	const last = fround(end);
	const step = steps > 1 ? fround(fround(last - start) / (steps - 1)) : 0;
	return (index: number) =>
		index < Math.floor(steps / 2)
			? fround(start + step * index)
			: fround(last - step * (steps - 1 - index));
}

interface Space {
	readonly shear: number;
	readonly translateX: number;
	readonly translateY: number;
	readonly rotate: number;
	readonly enhance: number;
	/** Bits that Posterize takes away at most. */
	readonly posterize: number;
}

function magnitudes(space: Space, bins: number): readonly Magnitudes[] {
	const signed = (name: string, end: number): Magnitudes => ({
		name,
		at: linspace(0, end, bins),
		signed: true,
	});
	const plain = (name: string, at?: (bin: number) => number): Magnitudes => ({
		name,
		at,
		signed: false,
	});
	const perBit = (bins - 1) / space.posterize;
	return [
		plain("Identity"),
		signed("ShearX", space.shear),
		signed("ShearY", space.shear),
		signed("TranslateX", space.translateX),
		signed("TranslateY", space.translateY),
		signed("Rotate", space.rotate),
		signed("Brightness", space.enhance),
		signed("Color", space.enhance),
		signed("Contrast", space.enhance),
		signed("Sharpness", space.enhance),
		plain("Posterize", (bin) => 8 - roundHalfEven(Math.fround(bin / perBit))),
		plain("Solarize", linspace(255, 0, bins)),
		plain("AutoContrast"),
		plain("Equalize"),
	];
}

/** One draw: an operation, and its magnitude at the bin that `bin` gives. */
function draw(
	space: readonly Magnitudes[],
	bin: () => number,
	random: Random,
): { name: string; magnitude: number } {
	const { name, at, signed } = space[random.integer(space.length)];
	const size = at ? at(bin()) : 0;
	const turned = signed && random.integer(2) === 1;
	return { name, magnitude: turned ? -size : size };
}

/** What RandAugment does with one image: `num_ops` operations at one fixed bin. */
export function drawRandAugment(
	image: { readonly height: number; readonly width: number },
	params: Params,
	random: Random,
): readonly { name: string; magnitude: number }[] {
	const bins = numberParam(params, "num_magnitude_bins");
	const space = magnitudes(
		{
			shear: 0.3,
			translateX: (150 / 331) * image.width,
			translateY: (150 / 331) * image.height,
			rotate: 30,
			enhance: 0.9,
			posterize: 4,
		},
		bins,
	);
	const bin = () => numberParam(params, "magnitude");
	const count = numberParam(params, "num_ops");
	return Array.from({ length: count }, () => draw(space, bin, random));
}

/** What TrivialAugmentWide does with one image: one operation at one random bin. */
export function drawTrivialAugment(
	params: Params,
	random: Random,
): { name: string; magnitude: number } {
	const bins = numberParam(params, "num_magnitude_bins");
	const space = magnitudes(
		{
			shear: 0.99,
			translateX: 32,
			translateY: 32,
			rotate: 135,
			enhance: 0.99,
			posterize: 6,
		},
		bins,
	);
	return draw(space, () => random.integer(bins), random);
}

function warpOf(params: Params, channels: number): Warp {
	return {
		interpolation: warpParam(params),
		fill: fillParam(params, channels),
	};
}

/** torchvision.transforms.RandAugment. */
export const RandAugment: TransformKind = {
	isRandom: always,
	outputShape: sameShape,
	apply(image, params, random) {
		let pixels = needPixels(image, "RandAugment");
		const warp = warpOf(params, pixels.channels);
		for (const { name, magnitude } of drawRandAugment(pixels, params, random))
			pixels = applyOperation(pixels, name, magnitude, warp);
		return pixels;
	},
};

/** torchvision.transforms.TrivialAugmentWide. */
export const TrivialAugmentWide: TransformKind = {
	isRandom: always,
	outputShape: sameShape,
	apply(image, params, random) {
		const pixels = needPixels(image, "TrivialAugmentWide");
		const { name, magnitude } = drawTrivialAugment(params, random);
		const warp = warpOf(params, pixels.channels);
		return applyOperation(pixels, name, magnitude, warp);
	},
};
