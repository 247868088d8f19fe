import { RunError } from "../../diagnostic.ts";
import type { Random } from "../../random.ts";
import { resize } from "../resample.ts";
import { crop, pad, type Sides } from "./crop.ts";
import { roundHalfEven, withSize } from "./image.ts";
import { always, needPixels, type TransformKind, uniformIn } from "./kind.ts";
import {
	booleanParam,
	fillParam,
	interpolationParam,
	numbersParam,
	type Params,
	paddingModeParam,
	pairParam,
	sidesOf,
	squareParam,
} from "./params.ts";

/** A part of an image, in its pixels. */
export interface Box {
	readonly top: number;
	readonly left: number;
	readonly height: number;
	readonly width: number;
}

type Range = readonly [number, number];

/**
 * RandomResizedCrop.get_params: a box of a random share of the area and a random shape (width by height,
 * uniform in its logarithm), ten tries; then the largest central box within the allowed shapes.
 */
export function randomResizedBox(
	image: { readonly height: number; readonly width: number },
	scale: Range,
	ratio: Range,
	random: Random,
): Box {
	const area = image.height * image.width;
	const logRatio: Range = [Math.log(ratio[0]), Math.log(ratio[1])];
	for (let attempt = 0; attempt < 10; attempt++) {
		const target = area * uniformIn(random, scale);
		const shape = Math.exp(uniformIn(random, logRatio));
		const width = roundHalfEven(Math.sqrt(target * shape));
		const height = roundHalfEven(Math.sqrt(target / shape));
		if (width < 1 || width > image.width) continue;
		if (height < 1 || height > image.height) continue;
		const top = random.integer(image.height - height + 1);
		const left = random.integer(image.width - width + 1);
		return { top, left, height, width };
	}
	let { height, width } = image;
	const [narrowest, widest] = [Math.min(...ratio), Math.max(...ratio)];
	if (width / height < narrowest) height = roundHalfEven(width / narrowest);
	else if (width / height > widest) width = roundHalfEven(height * widest);
	const top = Math.floor((image.height - height) / 2);
	const left = Math.floor((image.width - width) / 2);
	return { top, left, height, width };
}

/** torchvision.transforms.RandomResizedCrop. */
export const RandomResizedCrop: TransformKind = {
	isRandom: always,
	outputShape: (shape, params) =>
		withSize(shape, ...squareParam(params, "size")),
	apply(image, params, random) {
		const pixels = needPixels(image, "RandomResizedCrop");
		const { top, left, height, width } = randomResizedBox(
			pixels,
			pairParam(params, "scale"),
			pairParam(params, "ratio"),
			random,
		);
		const part = crop(pixels, top, left, height, width);
		const [newHeight, newWidth] = squareParam(params, "size");
		return resize(part, newHeight, newWidth, interpolationParam(params));
	},
};

/** What one call of RandomCrop does: pads in this order, then a box of the padded image. */
export function drawCrop(
	image: { readonly height: number; readonly width: number },
	params: Params,
	random: Random,
): { readonly pads: readonly Sides[]; readonly box: Box } {
	const [height, width] = squareParam(params, "size");
	const pads: Sides[] = [];
	let [paddedHeight, paddedWidth] = [image.height, image.width];
	const grow = (sides: Sides) => {
		pads.push(sides);
		paddedHeight += sides.top + sides.bottom;
		paddedWidth += sides.left + sides.right;
	};
	if (params.padding !== null) grow(sidesOf(numbersParam(params, "padding")));
	// As torchvision: the missing pixels at both sides, so twice what is needed.
	if (booleanParam(params, "pad_if_needed")) {
		if (paddedWidth < width) grow(sidesOf([width - paddedWidth, 0]));
		if (paddedHeight < height) grow(sidesOf([0, height - paddedHeight]));
	}
	if (paddedHeight < height || paddedWidth < width)
		throw new RunError(
			"photo-too-small",
			`RandomCrop needs ${width} x ${height} pixels, the photo has ${paddedWidth} x ${paddedHeight}`,
			{ fix: "add Resize before RandomCrop, or pad_if_needed: true" },
		);
	const fits = paddedHeight === height && paddedWidth === width;
	const top = fits ? 0 : random.integer(paddedHeight - height + 1);
	const left = fits ? 0 : random.integer(paddedWidth - width + 1);
	return { pads, box: { top, left, height, width } };
}

/** torchvision.transforms.RandomCrop. */
export const RandomCrop: TransformKind = {
	isRandom: always,
	outputShape: (shape, params) =>
		withSize(shape, ...squareParam(params, "size")),
	apply(image, params, random) {
		const { pads, box } = drawCrop(image, params, random);
		const fill = fillParam(params, image.channels);
		const mode = paddingModeParam(params);
		const padded = pads.reduce(
			(current, sides) => pad(current, sides, fill, mode),
			image,
		);
		return crop(padded, box.top, box.left, box.height, box.width);
	},
};
