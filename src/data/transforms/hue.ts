import type { Pixels } from "../types.ts";

/** functional.adjust_hue: to Pillow's 8-bit HSV and back (src/libImaging/Convert.c), to the last bit. */

const { fround } = Math;

/** rgb2hsv_row: the hue of one pixel, 0 … 255, where its brightest and darkest channel differ. */
function hueOf(r: number, g: number, b: number, max: number, range: number) {
	const rc = fround((max - r) / range);
	const gc = fround((max - g) / range);
	const bc = fround((max - b) / range);
	let h: number;
	if (r === max) h = fround(bc - gc);
	else if (g === max) h = fround(2 + rc - bc);
	else h = fround(4 + gc - rc);
	// Adding one turn keeps the hue from going negative; float32 where Pillow has a float.
	return Math.trunc(fround((h / 6 + 1) % 1) * 255);
}

function round(value: number): number {
	return Math.floor(value + 0.5);
}

/** hsv2rgb of one pixel that is not grey. */
function writeRgb(
	data: Uint8Array,
	at: number,
	h: number,
	s: number,
	v: number,
): void {
	const sixth = Math.floor((h * 6) / 255);
	const f = fround((h * 6) / 255 - sixth);
	const fs = fround(s / 255);
	const p = round(v * (1 - fs));
	const q = round(v * (1 - fround(fs * f)));
	const t = round(v * (1 - fs * (1 - f)));
	const sector = sixth % 6;
	data[at] =
		sector === 0 || sector === 5 ? v : sector === 1 ? q : sector === 4 ? t : p;
	data[at + 1] =
		sector === 1 || sector === 2 ? v : sector === 0 ? t : sector === 3 ? q : p;
	data[at + 2] =
		sector === 3 || sector === 4 ? v : sector === 2 ? t : sector === 5 ? q : p;
}

/** Turns the hue by `factor` of the whole circle, -0.5 … 0.5; grey images stay. */
export function adjustHue(image: Pixels, factor: number): Pixels {
	if (image.channels === 1) return image;
	const source = image.data;
	const data = new Uint8Array(source.length);
	const shift = Math.trunc(factor * 255);
	for (let at = 0; at < data.length; at += 3) {
		const r = source[at];
		const g = source[at + 1];
		const b = source[at + 2];
		const max = r > g ? (r > b ? r : b) : g > b ? g : b;
		const min = r < g ? (r < b ? r : b) : g < b ? g : b;
		const range = max - min;
		const saturation = Math.trunc(fround(range / max) * 255);
		if (range === 0 || saturation === 0) {
			data[at] = max;
			data[at + 1] = max;
			data[at + 2] = max;
			continue;
		}
		const hue = (hueOf(r, g, b, max, range) + shift) & 255;
		writeRgb(data, at, hue, saturation, max);
	}
	return { ...image, data };
}
