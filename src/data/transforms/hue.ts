import type { Pixels } from "../types.ts";

/** functional.adjust_hue: to Pillow's 8-bit HSV and back (src/libImaging/Convert.c), to the last bit. */

const { fround } = Math;

/** rgb2hsv_row: hue, saturation, value of one pixel, 0 … 255 each, written over it. */
function toHsv(data: Uint8Array, at: number): void {
	const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
	const max = Math.max(r, g, b);
	const min = Math.min(r, g, b);
	let hue = 0;
	let saturation = 0;
	if (max !== min) {
		const range = max - min;
		const rc = fround((max - r) / range);
		const gc = fround((max - g) / range);
		const bc = fround((max - b) / range);
		let h: number;
		if (r === max) h = fround(bc - gc);
		else if (g === max) h = fround(2 + rc - bc);
		else h = fround(4 + gc - rc);
		// The quotient keeps the hue from going negative; float32 where Pillow has a float.
		h = fround((h / 6 + 1) % 1);
		hue = Math.trunc(h * 255);
		saturation = Math.trunc(fround(range / max) * 255);
	}
	data[at] = hue;
	data[at + 1] = saturation;
	data[at + 2] = max;
}

function round(value: number): number {
	return Math.floor(value + 0.5);
}

/** hsv2rgb of one pixel. */
function toRgb(data: Uint8Array, at: number): void {
	const [h, s, v] = [data[at], data[at + 1], data[at + 2]];
	if (s === 0) {
		data[at] = v;
		data[at + 1] = v;
		return;
	}
	const sixth = Math.floor((h * 6) / 255);
	const f = fround((h * 6) / 255 - sixth);
	const fs = fround(s / 255);
	const p = round(v * (1 - fs));
	const q = round(v * (1 - fround(fs * f)));
	const t = round(v * (1 - fs * (1 - f)));
	const colors = [
		[v, t, p],
		[q, v, p],
		[p, v, t],
		[p, q, v],
		[t, p, v],
		[v, p, q],
	];
	data.set(colors[sixth % 6], at);
}

/** Turns the hue by `factor` of the whole circle, -0.5 … 0.5; grey images stay. */
export function adjustHue(image: Pixels, factor: number): Pixels {
	if (image.channels === 1) return image;
	const data = Uint8Array.from(image.data);
	const shift = Math.trunc(factor * 255);
	for (let at = 0; at < data.length; at += 3) {
		toHsv(data, at);
		data[at] += shift;
		toRgb(data, at);
	}
	return { ...image, data };
}
