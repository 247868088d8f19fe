import { RunError } from "../../diagnostic.ts";
import { resize, type Window } from "../resample.ts";
import { centerCropBox } from "./crop.ts";
import { extentOf, type Image, type Shape, withSize } from "./image.ts";
import { needPixels, never, type TransformKind } from "./kind.ts";
import {
	interpolationParam,
	numbersParam,
	type Params,
	squareParam,
} from "./params.ts";

/**
 * [height, width] that torchvision's _compute_resized_output_size gives: a pair as it is; a single number for
 * the shorter side, the longer one cut to an integer; `max_size` bounds the longer side.
 *
 * @throws RunError photo-too-thin where a side would vanish.
 */
export function resizedSize(
	height: number,
	width: number,
	size: readonly number[],
	maxSize: number | null,
): readonly [number, number] {
	if (size.length === 2) return [size[0], size[1]];
	const portrait = width <= height;
	const [short, long] = portrait ? [width, height] : [height, width];
	let newShort = size[0];
	let newLong = Math.trunc((size[0] * long) / short);
	if (maxSize !== null && newLong > maxSize) {
		newShort = Math.trunc((maxSize * newShort) / newLong);
		newLong = maxSize;
	}
	if (newShort < 1)
		throw new RunError(
			"photo-too-thin",
			`a photo of ${width} x ${height} pixels has no pixels left where its longer side becomes ${newLong}`,
			{ fix: "leave the photo out, or raise max_size of Resize" },
		);
	return portrait ? [newLong, newShort] : [newShort, newLong];
}

function maxSizeParam(params: Params): number | null {
	return params.max_size === null || params.max_size === undefined
		? null
		: numbersParam(params, "max_size")[0];
}

function sizeFor(
	image: { readonly height: number; readonly width: number },
	params: Params,
): readonly [number, number] {
	const size = numbersParam(params, "size");
	return resizedSize(image.height, image.width, size, maxSizeParam(params));
}

/**
 * Resize followed by CenterCrop in one step: only what the crop keeps is computed, the same bytes. Undefined
 * where the crop is larger than the resized photo.
 */
export function resizeAndCrop(
	image: Image,
	resizeParams: Params,
	cropParams: Params,
): Image | undefined {
	const pixels = needPixels(image, "Resize");
	const [height, width] = sizeFor(pixels, resizeParams);
	const [cropHeight, cropWidth] = squareParam(cropParams, "size");
	if (cropHeight > height || cropWidth > width) return undefined;
	const box = centerCropBox({ height, width }, cropHeight, cropWidth);
	const window: Window = {
		top: box.top,
		left: box.left,
		height: cropHeight,
		width: cropWidth,
	};
	const interpolation = interpolationParam(resizeParams);
	return resize(pixels, height, width, interpolation, window);
}

/** torchvision.transforms.Resize on a Pillow image. */
export const Resize: TransformKind = {
	isRandom: never,
	outputShape(shape, params) {
		const { height, width } = extentOf(shape);
		const size = numbersParam(params, "size");
		if (size.length === 2) return withSize(shape, size[0], size[1]);
		if (height === "?" || width === "?") return withSize(shape, "?", "?");
		const [h, w] = resizedSize(height, width, size, maxSizeParam(params));
		return withSize(shape, h, w) satisfies Shape;
	},
	apply(image, params) {
		const pixels = needPixels(image, "Resize");
		const [height, width] = sizeFor(pixels, params);
		return resize(pixels, height, width, interpolationParam(params));
	},
};
