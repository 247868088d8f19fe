import type { Pixels } from "../types.ts";
import { blendByte } from "./color.ts";

const { fround } = Math;

const SIDE = fround(1 / 13);
const MIDDLE = fround(5 / 13);

/**
 * Pillow's ImageFilter.SMOOTH: 3 x 3, the middle weighing 5 of 13, borders kept; float32 sums in the order of
 * src/libImaging/Filter.c, ImagingFilter3x3.
 */
export function smooth(image: Pixels): Pixels {
	const { data: source, height, width, channels } = image;
	const data = Uint8Array.from(source);
	if (height < 3 || width < 3) return { ...image, data };
	const row = width * channels;
	const line = (at: number, middle: number) =>
		fround(
			fround(
				fround(source[at - channels] * SIDE) + fround(source[at] * middle),
			) + fround(source[at + channels] * SIDE),
		);
	for (let y = 1; y < height - 1; y++) {
		const end = (y + 1) * row - channels;
		for (let at = y * row + channels; at < end; at++) {
			let sum = fround(0.5 + line(at + row, SIDE));
			sum = fround(sum + line(at, MIDDLE));
			sum = fround(sum + line(at - row, SIDE));
			data[at] = sum > 255 ? 255 : Math.trunc(sum);
		}
	}
	return { ...image, data };
}

/** functional.adjust_sharpness: 0 is smooth, 1 the image itself, 2 sharper. */
export function adjustSharpness(image: Pixels, factor: number): Pixels {
	const blurred = smooth(image).data;
	const data = new Uint8Array(image.data.length);
	for (let at = 0; at < data.length; at++)
		data[at] = blendByte(blurred[at], image.data[at], factor);
	return { ...image, data };
}
