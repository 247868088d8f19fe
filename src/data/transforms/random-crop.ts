import { RunError } from "../../diagnostic.ts";
import type { Random } from "../../random.ts";
import { resize } from "../resample.ts";
import { crop, pad } from "./crop.ts";
import { roundHalfEven, withSize } from "./image.ts";
import { always, needPixels, type TransformKind, uniformIn } from "./kind.ts";
import {
	booleanParam,
	fillParam,
	interpolationParam,
	numbersParam,
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

export const RandomCrop: TransformKind = {
	isRandom: always,
	outputShape: (shape, params) =>
		withSize(shape, ...squareParam(params, "size")),
	apply(image, params, random) {
		const [height, width] = squareParam(params, "size");
		const fill = fillParam(params, image.channels);
		const mode = paddingModeParam(params);
		let padded = image;
		if (params.padding !== null) {
			const sides = sidesOf(numbersParam(params, "padding"));
			padded = pad(padded, sides, fill, mode);
		}
		// As torchvision: the missing pixels at both sides, so twice what is needed.
		if (booleanParam(params, "pad_if_needed")) {
			const across = Math.max(0, width - padded.width);
			if (across > 0) padded = pad(padded, sidesOf([across, 0]), fill, mode);
			const down = Math.max(0, height - padded.height);
			if (down > 0) padded = pad(padded, sidesOf([0, down]), fill, mode);
		}
		if (padded.height < height || padded.width < width)
			throw new RunError(
				"photo-too-small",
				`RandomCrop needs ${width} x ${height} pixels, the photo has ${padded.width} x ${padded.height}`,
				{ fix: "add Resize before RandomCrop, or pad_if_needed: true" },
			);
		if (padded.height === height && padded.width === width) return padded;
		const top = random.integer(padded.height - height + 1);
		const left = random.integer(padded.width - width + 1);
		return crop(padded, top, left, height, width);
	},
};
