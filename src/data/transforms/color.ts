import type { Pixels } from "../types.ts";

/** Brightness, contrast, saturation, grey: PIL.ImageEnhance, to the last bit. */

const { fround } = Math;

/**
 * One byte of Image.blend(from, to, factor) (src/libImaging/Blend.c): float32 arithmetic, cut to an integer,
 * clipped where the factor extrapolates.
 */
export function blendByte(from: number, to: number, factor: number): number {
	const alpha = fround(factor);
	const value = fround(from + fround(alpha * (to - from)));
	if (alpha >= 0 && alpha <= 1) return Math.trunc(value);
	return value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
}

/** Every byte through a table of 256, or one table a channel where it has 256 times the channels. */
export function lookUp(image: Pixels, table: Uint8Array): Pixels {
	const { channels } = image;
	const data = new Uint8Array(image.data.length);
	if (table.length === 256)
		for (let at = 0; at < data.length; at++) data[at] = table[image.data[at]];
	else
		for (let at = 0; at < data.length; at += channels)
			for (let channel = 0; channel < channels; channel++)
				data[at + channel] = table[channel * 256 + image.data[at + channel]];
	return { ...image, data };
}

/** A table of 256 bytes from a function of integers, clipped at 255. */
export function tableOf(map: (value: number) => number): Uint8Array {
	return Uint8Array.from({ length: 256 }, (_, value) =>
		Math.min(255, map(value)),
	);
}

/** ITU-R 601-2 luma in integers: Pillow's L24. */
function luma(data: Uint8Array, at: number): number {
	const sum = data[at] * 19595 + data[at + 1] * 38470 + data[at + 2] * 7471;
	return (sum + 0x8000) >> 16;
}

/** functional.to_grayscale: Image.convert("L"), one channel, or the same three times. */
export function grayscale(image: Pixels, outputChannels: 1 | 3): Pixels {
	const { height, width, channels } = image;
	if (channels === 1 && outputChannels === 1) return image;
	const data = new Uint8Array(height * width * outputChannels);
	for (let pixel = 0; pixel < height * width; pixel++) {
		const grey =
			channels === 1 ? image.data[pixel] : luma(image.data, pixel * 3);
		const at = pixel * outputChannels;
		data[at] = grey;
		if (outputChannels === 3) {
			data[at + 1] = grey;
			data[at + 2] = grey;
		}
	}
	return { data, height, width, channels: outputChannels };
}

/** functional.adjust_brightness: blended with black. */
export function adjustBrightness(image: Pixels, factor: number): Pixels {
	return lookUp(
		image,
		tableOf((value) => blendByte(0, value, factor)),
	);
}

/** functional.adjust_contrast: blended with the mean grey of the image. */
export function adjustContrast(image: Pixels, factor: number): Pixels {
	const grey = grayscale(image, 1).data;
	let sum = 0;
	for (let at = 0; at < grey.length; at++) sum += grey[at];
	const mean = Math.trunc(sum / grey.length + 0.5);
	return lookUp(
		image,
		tableOf((value) => blendByte(mean, value, factor)),
	);
}

/** functional.adjust_saturation: blended with its own grey. */
export function adjustSaturation(image: Pixels, factor: number): Pixels {
	if (image.channels === 1) return image;
	const data = new Uint8Array(image.data.length);
	for (let at = 0; at < data.length; at += 3) {
		const grey = luma(image.data, at);
		for (let channel = 0; channel < 3; channel++)
			data[at + channel] = blendByte(grey, image.data[at + channel], factor);
	}
	return { ...image, data };
}
