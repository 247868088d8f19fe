import type { Random } from "../../random.ts";
import type { FloatImage, Pixels } from "../types.ts";
import { type Image, isPixels, type Shape } from "./image.ts";
import type { Params } from "./params.ts";

/** What there is to know about one of torchvision's transforms. */
export interface TransformKind {
	/** Whether two calls may differ. With `p: 0` or `p: 1` nothing is random. */
	readonly isRandom: (params: Params) => boolean;
	/** The output's shape; "?" where it varies from photo to photo or from draw to draw. */
	readonly outputShape: (shape: Shape, params: Params) => Shape;
	readonly apply: (image: Image, params: Params, random: Random) => Image;
}

/** The same for a photo each time. */
export const never = (): boolean => false;
/** Random whatever its parameters. */
export const always = (): boolean => true;
/** The output shape of a transform that keeps it. */
export const sameShape = (shape: Shape): Shape => shape;

/** Whether a probability leaves anything to chance. */
export function isChance(p: number): boolean {
	return p > 0 && p < 1;
}

/** @throws "internal:" where a transform of pixels meets a tensor. */
export function needPixels(image: Image, name: string): Pixels {
	if (isPixels(image)) return image;
	throw new Error(`internal: ${name} comes after ToTensor`);
}

/** @throws "internal:" where a transform of tensors meets pixels. */
export function needTensor(image: Image, name: string): FloatImage {
	if (!isPixels(image)) return image;
	throw new Error(`internal: ${name} comes before ToTensor`);
}

/** Uniform in [low, high). */
export function uniformIn(
	random: Random,
	[low, high]: readonly [number, number],
): number {
	return low + (high - low) * random.uniform();
}
