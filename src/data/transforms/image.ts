import type { FloatImage, Pixels } from "../types.ts";

/** What a chain of transforms passes on: pixels until ToTensor, a tensor after it. */
export type Image = Pixels | FloatImage;

/** A height, a width or a number of channels; "?" where it varies from photo to photo. */
export type Size = number | "?";
/** [h, w, c] of pixels, [c, h, w] of a tensor; "?" where it varies from photo to photo. */
export type Shape = readonly Size[];

/** Whether an image is still uint8 pixels, not yet a tensor. */
export function isPixels(image: Image): image is Pixels {
	return image.data instanceof Uint8Array;
}

/** A tensor's shape begins with its channels, that of pixels ends with them. */
export function isTensorShape(shape: Shape): boolean {
	const isChannels = (size: Size | undefined) => size === 1 || size === 3;
	return isChannels(shape[0]) && !isChannels(shape[2]);
}

/** Height and width of a shape, which is [h, w, c] of pixels, [c, h, w] of a tensor. */
export function extentOf(shape: Shape): { height: Size; width: Size } {
	return isTensorShape(shape)
		? { height: shape[1], width: shape[2] }
		: { height: shape[0], width: shape[1] };
}

/** The same shape with another height and width. */
export function withSize(shape: Shape, height: Size, width: Size): Shape {
	return isTensorShape(shape)
		? [shape[0], height, width]
		: [height, width, shape[2]];
}

/** Python's round() to an integer: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
	const floor = Math.floor(value);
	const rest = value - floor;
	if (rest !== 0.5) return Math.round(value);
	return floor % 2 === 0 ? floor : floor + 1;
}
