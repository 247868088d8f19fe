import { resize } from "../resample.ts";
import type { Box } from "../transforms/random-crop.ts";
import type { Pixels } from "../types.ts";

/** Drawing on RGB pixels in memory. */

/** 0 … 255 each. */
export type Color = readonly [red: number, green: number, blue: number];

/** Text. */
export const INK: Color = [34, 34, 34];
/** Text beside what matters. */
export const FAINT: Color = [120, 120, 120];

/** Frames of the draws, told apart by people who do not see red and green as well. */
export const FRAMES: readonly Color[] = [
	[0, 114, 178],
	[213, 94, 0],
	[0, 158, 115],
	[204, 121, 167],
	[230, 159, 0],
	[86, 180, 233],
];

/** A white picture to draw on. */
export function canvas(height: number, width: number): Pixels {
	const data = new Uint8Array(height * width * 3).fill(255);
	return { data, height, width, channels: 3 };
}

/** Copies an RGB image to (x, y). */
export function paste(
	target: Pixels,
	image: Pixels,
	x: number,
	y: number,
): void {
	const row = image.width * 3;
	for (let line = 0; line < image.height; line++)
		target.data.set(
			image.data.subarray(line * row, (line + 1) * row),
			((y + line) * target.width + x) * 3,
		);
}

/** Fills a box, as far as it lies on the canvas. */
export function fillBox(target: Pixels, box: Box, color: Color): void {
	const bottom = Math.min(target.height, box.top + box.height);
	const right = Math.min(target.width, box.left + box.width);
	for (let y = Math.max(0, box.top); y < bottom; y++)
		for (let x = Math.max(0, box.left); x < right; x++)
			target.data.set(color, (y * target.width + x) * 3);
}

/** A frame of `thickness` pixels inside the box. */
export function frameBox(
	target: Pixels,
	{ top, left, height, width }: Box,
	color: Color,
	thickness: number,
): void {
	const flat = { left, width, height: thickness };
	fillBox(target, { ...flat, top }, color);
	fillBox(target, { ...flat, top: top + height - thickness }, color);
	const upright = { top, height, width: thickness };
	fillBox(target, { ...upright, left }, color);
	fillBox(target, { ...upright, left: left + width - thickness }, color);
}

/** Fades all that lies outside the box towards light grey. */
export function dimOutside(target: Pixels, box: Box): void {
	const { data, height, width } = target;
	for (let y = 0; y < height; y++) {
		const rowInside = y >= box.top && y < box.top + box.height;
		for (let x = 0; x < width; x++) {
			if (rowInside && x >= box.left && x < box.left + box.width) continue;
			const at = (y * width + x) * 3;
			for (let channel = 0; channel < 3; channel++)
				data[at + channel] = data[at + channel] * 0.3 + 205 * 0.7;
		}
	}
}

/** A copy that fits in a square of `side` pixels; small images are enlarged only where asked. */
export function fit(image: Pixels, side: number, enlarge = false): Pixels {
	const full = side / Math.max(image.height, image.width);
	const scale = enlarge ? full : Math.min(1, full);
	const height = Math.max(1, Math.round(image.height * scale));
	const width = Math.max(1, Math.round(image.width * scale));
	const small = resize(image, height, width, "bilinear");
	return small === image
		? { ...image, data: Uint8Array.from(image.data) }
		: small;
}
