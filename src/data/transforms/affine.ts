import type { Pixels } from "../types.ts";
import { sampleBicubic, sampleBilinear } from "./sample.ts";

/** Rotations, shears and shifts: Pillow's Image.transform(AFFINE) and Image.rotate, to the last bit. */

/** Maps output coordinates to input coordinates: x' = ax + by + c, y' = dx + ey + f. */
export type Matrix = readonly [number, number, number, number, number, number];

/** Modes that Pillow has for warping; the others of Resize do not exist here. */
export type WarpInterpolation = "nearest" | "bilinear" | "bicubic";

/** Copies pixel `from` of the image to pixel `to` of the output. */
type Copy = (to: number, x: number, y: number) => void;

/** Scaling and shifting alone: ImagingScaleAffine, steps added one by one. */
function scaleNearest(
	[a, , c, , e, f]: Matrix,
	height: number,
	width: number,
	copy: Copy,
): void {
	const coordinate = (value: number) => (value < 0 ? -1 : Math.trunc(value));
	let y = f + e * 0.5;
	for (let row = 0; row < height; row++) {
		let x = c + a * 0.5;
		for (let column = 0; column < width; column++) {
			copy(row * width + column, coordinate(x), coordinate(y));
			x += a;
		}
		y += e;
	}
}

/** 16.16 fixed point: affine_fixed. */
function fixedNearest(
	matrix: Matrix,
	height: number,
	width: number,
	copy: Copy,
): void {
	const [a, b, c, d, e, f] = matrix;
	const fix = (value: number) => Math.floor(value * 65536 + 0.5);
	const [stepX, stepY] = [fix(a), fix(d)];
	let startX = fix(c + a * 0.5 + b * 0.5);
	let startY = fix(f + d * 0.5 + e * 0.5);
	for (let row = 0; row < height; row++) {
		let [x, y] = [startX, startY];
		for (let column = 0; column < width; column++) {
			copy(row * width + column, x >> 16, y >> 16);
			x += stepX;
			y += stepY;
		}
		startX += fix(b);
		startY += fix(e);
	}
}

/** Beyond what 16.16 can say (photos of more than 32768 pixels): the loop in floating point. */
function floatNearest(
	[a, b, c, d, e, f]: Matrix,
	height: number,
	width: number,
	copy: Copy,
): void {
	const coordinate = (value: number) => (value < 0 ? -1 : Math.trunc(value));
	let startX = c + b * 0.5 + a * 0.5;
	let startY = f + e * 0.5 + d * 0.5;
	for (let row = 0; row < height; row++) {
		let [x, y] = [startX, startY];
		for (let column = 0; column < width; column++) {
			copy(row * width + column, coordinate(x), coordinate(y));
			x += a;
			y += d;
		}
		startX += b;
		startY += e;
	}
}

function fitsFixed(matrix: Matrix, height: number, width: number): boolean {
	const [a, b, c, d, e, f] = matrix;
	return [
		[0, 0],
		[width, height],
		[0, height],
		[width, 0],
	].every(
		([x, y]) =>
			Math.abs(x * a + y * b + c) < 32768 &&
			Math.abs(x * d + y * e + f) < 32768,
	);
}

/**
 * The image warped by a matrix, height x width, `fill` (one value a channel) where nothing of the input
 * comes to lie (src/libImaging/Geometry.c, ImagingTransformAffine).
 */
export function affine(
	image: Pixels,
	matrix: Matrix,
	height: number,
	width: number,
	interpolation: WarpInterpolation,
	fill: readonly number[],
): Pixels {
	const { channels } = image;
	const data = new Uint8Array(height * width * channels);
	for (let at = 0; at < data.length; at++) data[at] = fill[at % channels];
	const output: Pixels = { data, height, width, channels };
	if (interpolation !== "nearest") {
		const sample =
			interpolation === "bilinear" ? sampleBilinear : sampleBicubic;
		const [a, b, c, d, e, f] = matrix;
		for (let row = 0; row < height; row++) {
			for (let column = 0; column < width; column++) {
				const [x, y] = [column + 0.5, row + 0.5];
				const at = (row * width + column) * channels;
				sample(image, a * x + b * y + c, d * x + e * y + f, data, at);
			}
		}
		return output;
	}
	const copy: Copy = (to, x, y) => {
		if (x < 0 || x >= image.width || y < 0 || y >= image.height) return;
		const from = (y * image.width + x) * channels;
		for (let channel = 0; channel < channels; channel++)
			data[to * channels + channel] = image.data[from + channel];
	};
	if (matrix[1] === 0 && matrix[3] === 0)
		scaleNearest(matrix, height, width, copy);
	else if (fitsFixed(matrix, height, width))
		fixedNearest(matrix, height, width, copy);
	else floatNearest(matrix, height, width, copy);
	return output;
}
