import type { Pixels } from "../types.ts";

/** One pixel between pixels: bilinear_filter32RGB and bicubic_filter32RGB of Pillow's Geometry.c. */

function clip(index: number, size: number): number {
	return index < 0 ? 0 : index < size ? index : size - 1;
}

/** Writes the pixel at (x, y) to target[at …], or leaves it where (x, y) lies outside the image. */
export function sampleBilinear(
	image: Pixels,
	x: number,
	y: number,
	target: Uint8Array,
	at: number,
): void {
	const { data, width, height, channels } = image;
	if (x < 0 || x >= width || y < 0 || y >= height) return;
	const left = Math.floor(x - 0.5);
	const top = Math.floor(y - 0.5);
	const dx = x - 0.5 - left;
	const dy = y - 0.5 - top;
	const x0 = clip(left, width) * channels;
	const x1 = clip(left + 1, width) * channels;
	const row = width * channels;
	const upper = clip(top, height) * row;
	const lower = top + 1 >= 0 && top + 1 < height ? (top + 1) * row : -1;
	for (let channel = 0; channel < channels; channel++) {
		const a = data[upper + x0 + channel];
		const first = a + (data[upper + x1 + channel] - a) * dx;
		let second = first;
		if (lower >= 0) {
			const b = data[lower + x0 + channel];
			second = b + (data[lower + x1 + channel] - b) * dx;
		}
		target[at + channel] = first + (second - first) * dy;
	}
}

function cubic(a: number, b: number, c: number, d: number, t: number): number {
	const p2 = -a + c;
	const p3 = 2 * (a - b) + c - d;
	const p4 = -a + b - c + d;
	return b + t * (p2 + t * (p3 + t * p4));
}

const rows = new Float64Array(4);

/** As sampleBilinear, by cubic convolution (a = -1 in Pillow's warping) of 4 x 4 pixels. */
export function sampleBicubic(
	image: Pixels,
	x: number,
	y: number,
	target: Uint8Array,
	at: number,
): void {
	const { data, width, height, channels } = image;
	if (x < 0 || x >= width || y < 0 || y >= height) return;
	const left = Math.floor(x - 0.5);
	const top = Math.floor(y - 0.5);
	const dx = x - 0.5 - left;
	const dy = y - 0.5 - top;
	const x0 = clip(left - 1, width) * channels;
	const x1 = clip(left, width) * channels;
	const x2 = clip(left + 1, width) * channels;
	const x3 = clip(left + 2, width) * channels;
	for (let channel = 0; channel < channels; channel++) {
		for (let part = 0; part < 4; part++) {
			const line = top - 1 + part;
			// The first row is clamped; a later one outside the image repeats the row before it.
			if (part > 0 && (line < 0 || line >= height)) {
				rows[part] = rows[part - 1];
				continue;
			}
			const from = clip(line, height) * width * channels + channel;
			rows[part] = cubic(
				data[from + x0],
				data[from + x1],
				data[from + x2],
				data[from + x3],
				dx,
			);
		}
		const value = cubic(rows[0], rows[1], rows[2], rows[3], dy);
		target[at + channel] = value <= 0 ? 0 : value >= 255 ? 255 : value;
	}
}
