import { RunError } from "../diagnostic.ts";
import type { Transform } from "../experiment/types.ts";
import type { Random } from "../random.ts";
import { RandAugment, TrivialAugmentWide } from "./transforms/augment.ts";
import { type Image, isPixels, type Shape } from "./transforms/image.ts";
import { isChance, type TransformKind } from "./transforms/kind.ts";
import { numberParam, transformsParam } from "./transforms/params.ts";
import { ColorJitter } from "./transforms/random-color.ts";
import { RandomCrop, RandomResizedCrop } from "./transforms/random-crop.ts";
import { RandomErasing } from "./transforms/random-erasing.ts";
import { RandomRotation } from "./transforms/random-rotation.ts";
import { Resize, resizeAndCrop } from "./transforms/resize.ts";
import {
	CenterCrop,
	ConvertImageDtype,
	CornerCrop,
	Grayscale,
	Normalize,
	normalization,
	Pad,
	RandomHorizontalFlip,
	RandomVerticalFlip,
	ToTensor,
} from "./transforms/simple.ts";
import { toTensor } from "./transforms/tensor.ts";

/**
 * The transforms by torchvision's names, with its parameters and its results on PIL images (torchvision 0.29,
 * Pillow 13). A chain passes on uint8 pixels [h, w, c] until ToTensor, float32 [c, h, w] after it.
 * Nothing here loads sharp: the plan asks for shapes and randomness alone.
 */

const RandomApply: TransformKind = {
	isRandom(params) {
		const p = numberParam(params, "p");
		return isChance(p) || (p > 0 && hasRandom(transformsParam(params)));
	},
	outputShape(shape, params) {
		const p = numberParam(params, "p");
		const changed = outputShape(shape, transformsParam(params));
		if (!isChance(p)) return p > 0 ? changed : shape;
		return changed.map((size, axis) => (size === shape[axis] ? size : "?"));
	},
	apply(image, params, random) {
		if (random.uniform() >= numberParam(params, "p")) return image;
		return applyTransforms(image, transformsParam(params), random);
	},
};

/** Everything that can stand in a list of transforms. */
export const TRANSFORMS: Readonly<Record<string, TransformKind>> = {
	Resize,
	CenterCrop,
	CornerCrop,
	Pad,
	Grayscale,
	ToTensor,
	ConvertImageDtype,
	Normalize,
	RandomResizedCrop,
	RandomCrop,
	RandomHorizontalFlip,
	RandomVerticalFlip,
	RandomRotation,
	ColorJitter,
	RandomErasing,
	RandomApply,
	TrivialAugmentWide,
	RandAugment,
};

function kindOf({ name }: Transform): TransformKind {
	const kind = TRANSFORMS[name];
	if (!kind) throw new Error(`internal: there is no transform ${name}`);
	return kind;
}

/** Whether two passes over the same photo may differ. */
export function hasRandom(transforms: readonly Transform[]): boolean {
	return transforms.some((transform) =>
		kindOf(transform).isRandom(transform.params),
	);
}

/**
 * The shape after the transforms: [h, w, c] of pixels or [c, h, w] of a tensor, "?" where a size varies from
 * photo to photo. A photo of any size is ["?", "?", 3].
 */
export function outputShape(
	shape: Shape,
	transforms: readonly Transform[],
): Shape {
	return transforms.reduce(
		(current, transform) =>
			kindOf(transform).outputShape(current, transform.params),
		shape,
	);
}

/** Two neighbours done in one pass, with the same bytes as one after the other; undefined where there are none. */
function fused(
	image: Image,
	first: Transform,
	second: Transform | undefined,
): Image | undefined {
	if (!second || !isPixels(image)) return undefined;
	if (first.name === "ToTensor" && second.name === "Normalize")
		return toTensor(image, normalization(second.params));
	if (first.name === "Resize" && second.name === "CenterCrop")
		return resizeAndCrop(image, first.params, second.params);
	return undefined;
}

/**
 * Runs a list of transforms over one image. `random` must be a stream of this photo and this pass alone, so
 * that results do not depend on the order of work; it is read only by random transforms.
 *
 * @throws RunError photo-too-small, photo-too-thin where a photo does not suffice for a transform, photo-too-large
 *   where what a transform makes of it does not fit into memory.
 */
export function applyTransforms(
	image: Image,
	transforms: readonly Transform[],
	random: Random,
): Image {
	let current = image;
	for (let index = 0; index < transforms.length; index++) {
		const transform = transforms[index];
		try {
			const both = fused(current, transform, transforms[index + 1]);
			if (both) index++;
			current =
				both ?? kindOf(transform).apply(current, transform.params, random);
		} catch (error) {
			throw error instanceof RangeError
				? tooLarge(current, transform, error)
				: error;
		}
	}
	return current;
}

/** An image that no array can hold: RangeError is what allocating one throws. */
function tooLarge(
	{ height, width }: Image,
	{ name }: Transform,
	cause: RangeError,
): RunError {
	return new RunError(
		"photo-too-large",
		`what ${name} makes of a photo of ${height} x ${width} pixels does not fit into memory (${cause.message})`,
		{ fix: `give ${name} a smaller size`, cause },
	);
}
