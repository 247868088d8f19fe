import { grayscale } from "./color.ts";
import { centerCrop, crop, flipHorizontal, flipVertical, pad } from "./crop.ts";
import {
	extentOf,
	type Image,
	isPixels,
	isTensorShape,
	type Shape,
	type Size,
	withSize,
} from "./image.ts";
import {
	isChance,
	needPixels,
	needTensor,
	never,
	sameShape,
	type TransformKind,
} from "./kind.ts";
import {
	fillParam,
	numberParam,
	numbersParam,
	type Params,
	paddingModeParam,
	sidesOf,
	squareParam,
} from "./params.ts";
import { type Normalization, normalize, toTensor } from "./tensor.ts";

/** The transforms that need little more than a function and its parameters. */

/** torchvision.transforms.CenterCrop. */
export const CenterCrop: TransformKind = {
	isRandom: never,
	outputShape: (shape, params) =>
		withSize(shape, ...squareParam(params, "size")),
	apply: (image, params) => centerCrop(image, ...squareParam(params, "size")),
};

/**
 * One of torchvision.transforms.FiveCrop's corners: `{ size, corner: "top_left" }`. Made for test-time augmentation,
 * not a word of the file. A photo smaller than the crop is padded as CenterCrop pads it.
 */
export const CornerCrop: TransformKind = {
	isRandom: never,
	outputShape: CenterCrop.outputShape,
	apply(image, params) {
		const [height, width] = squareParam(params, "size");
		const corner = String(params.corner);
		const room = {
			top: corner.startsWith("bottom") ? image.height - height : 0,
			left: corner.endsWith("right") ? image.width - width : 0,
		};
		return image.height < height || image.width < width
			? centerCrop(image, height, width)
			: crop(image, room.top, room.left, height, width);
	},
};

/** torchvision.transforms.Pad. */
export const Pad: TransformKind = {
	isRandom: never,
	outputShape(shape, params) {
		const { height, width } = extentOf(shape);
		const sides = sidesOf(numbersParam(params, "padding"));
		const plus = (size: Size, more: number): Size =>
			size === "?" ? "?" : size + more;
		return withSize(
			shape,
			plus(height, sides.top + sides.bottom),
			plus(width, sides.left + sides.right),
		);
	},
	apply: (image, params) =>
		pad(
			image,
			sidesOf(numbersParam(params, "padding")),
			fillParam(params, image.channels),
			paddingModeParam(params),
		),
};

function outputChannels(params: Params): 1 | 3 {
	return numberParam(params, "num_output_channels") === 3 ? 3 : 1;
}

/** torchvision.transforms.Grayscale. */
export const Grayscale: TransformKind = {
	isRandom: never,
	outputShape: (shape, params) => [shape[0], shape[1], outputChannels(params)],
	apply: (image, params) =>
		grayscale(needPixels(image, "Grayscale"), outputChannels(params)),
};

const channelsFirst = (shape: Shape): Shape =>
	isTensorShape(shape) ? shape : [shape[2], shape[0], shape[1]];

/** torchvision.transforms.ToTensor. */
export const ToTensor: TransformKind = {
	isRandom: never,
	outputShape: channelsFirst,
	apply: (image) => toTensor(needPixels(image, "ToTensor")),
};

/**
 * Tensors here are float32 already, so they stay; pixels become what torchvision's PILToTensor and
 * ConvertImageDtype together make of them, which equals ToTensor.
 */
export const ConvertImageDtype: TransformKind = {
	isRandom: never,
	outputShape: channelsFirst,
	apply(image, params) {
		if (params.dtype !== "float32")
			throw new Error(`internal: ConvertImageDtype to ${params.dtype}`);
		return isPixels(image) ? toTensor(image) : image;
	},
};

/** Normalize's parameters as the plan completes them: from the weights, or the user's own. */
export function normalization(params: Params): Normalization {
	const { channels } = params;
	if (channels !== "RGB" && channels !== "BGR")
		throw new Error(`internal: Normalize has channels ${channels}`);
	return {
		mean: numbersParam(params, "mean"),
		std: numbersParam(params, "std"),
		scale: numberParam(params, "scale"),
		channels,
	};
}

/** torchvision.transforms.Normalize. */
export const Normalize: TransformKind = {
	isRandom: never,
	outputShape: sameShape,
	apply: (image, params) =>
		normalize(needTensor(image, "Normalize"), normalization(params)),
};

function flip(turn: (image: Image) => Image): TransformKind {
	return {
		isRandom: (params) => isChance(numberParam(params, "p")),
		outputShape: sameShape,
		apply: (image, params, random) =>
			random.uniform() < numberParam(params, "p") ? turn(image) : image,
	};
}

/** torchvision.transforms.RandomHorizontalFlip. */
export const RandomHorizontalFlip = flip(flipHorizontal);
/** torchvision.transforms.RandomVerticalFlip. */
export const RandomVerticalFlip = flip(flipVertical);
