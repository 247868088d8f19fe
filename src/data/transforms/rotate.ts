import type { Pixels } from "../types.ts";
import { affine, type Matrix, type WarpInterpolation } from "./affine.ts";
import { flipHorizontal, flipVertical } from "./crop.ts";

/** functional.rotate and functional.affine on PIL images. */

/** Swaps rows and columns. */
function transpose(image: Pixels): Pixels {
	const { channels, height, width } = image;
	const data = new Uint8Array(image.data.length);
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width; x++)
			for (let channel = 0; channel < channels; channel++)
				data[(x * height + y) * channels + channel] =
					image.data[(y * width + x) * channels + channel];
	return { data, height: width, width: height, channels };
}

/** Python's round(value, 15) for cosines and sines. */
function round15(value: number): number {
	return Number(value.toFixed(15));
}

/** What torchvision.transforms.functional.rotate is given. */
export interface Rotation {
	/** Degrees, counterclockwise. */
	readonly angle: number;
	readonly interpolation: WarpInterpolation;
	/** Makes the output large enough to hold the whole rotated image. */
	readonly expand: boolean;
	/** [x, y] of the point that stays; undefined: the image's centre. */
	readonly center: readonly [number, number] | undefined;
	/** One value a channel, for what lies outside the image. */
	readonly fill: readonly number[];
}

function apply(matrix: Matrix, x: number, y: number): [number, number] {
	const [a, b, c, d, e, f] = matrix;
	return [a * x + b * y + c, d * x + e * y + f];
}

/** Pillow's Image.rotate, with its short cuts for multiples of 90 degrees. */
export function rotate(image: Pixels, rotation: Rotation): Pixels {
	const { interpolation, expand, center, fill } = rotation;
	const angle = ((rotation.angle % 360) + 360) % 360;
	let { height, width } = image;
	if (!center) {
		if (angle === 0) return image;
		if (angle === 180) return flipVertical(flipHorizontal(image));
		const turned = expand || width === height;
		if (angle === 90 && turned) return flipVertical(transpose(image));
		if (angle === 270 && turned) return flipHorizontal(transpose(image));
	}
	const radians = -(angle * (Math.PI / 180));
	const cos = round15(Math.cos(radians));
	const sin = round15(Math.sin(radians));
	const turn: Matrix = [cos, sin, 0, round15(-Math.sin(radians)), cos, 0];
	const [cx, cy] = center ?? [width / 2, height / 2];
	const [shiftX, shiftY] = apply(turn, -cx, -cy);
	let matrix: Matrix = [
		turn[0],
		turn[1],
		shiftX + cx,
		turn[3],
		turn[4],
		shiftY + cy,
	];
	if (expand) {
		const corners = [
			[0, 0],
			[width, 0],
			[width, height],
			[0, height],
		].map(([x, y]) => apply(matrix, x, y));
		const extent = (axis: 0 | 1) => {
			const values = corners.map((corner) => corner[axis]);
			return Math.ceil(Math.max(...values)) - Math.floor(Math.min(...values));
		};
		const [newWidth, newHeight] = [extent(0), extent(1)];
		const [x, y] = apply(
			matrix,
			-(newWidth - width) / 2,
			-(newHeight - height) / 2,
		);
		matrix = [matrix[0], matrix[1], x, matrix[3], matrix[4], y];
		[height, width] = [newHeight, newWidth];
	}
	return affine(image, matrix, height, width, interpolation, fill);
}

/**
 * torchvision's _get_inverse_affine_matrix for shears and shifts without rotation or scaling.
 * Shears are in degrees, translations in pixels.
 */
function inverseMatrix(
	[cx, cy]: readonly [number, number],
	[tx, ty]: readonly [number, number],
	[shearX, shearY]: readonly [number, number],
): Matrix {
	const radians = Math.PI / 180;
	const [sx, sy] = [shearX * radians, shearY * radians];
	const a = Math.cos(-sy) / Math.cos(sy);
	const b = (-Math.cos(-sy) * Math.tan(sx)) / Math.cos(sy) - 0;
	const c = Math.sin(-sy) / Math.cos(sy);
	const d = (-Math.sin(-sy) * Math.tan(sx)) / Math.cos(sy) + 1;
	const x = 0 + (d * (-cx - tx) + -b * (-cy - ty)) + cx;
	const y = 0 + (-c * (-cx - tx) + a * (-cy - ty)) + cy;
	return [d, -b, x, -c, a, y];
}

/** What torchvision.transforms.functional.affine is given, scale and angle aside. */
export interface Shear {
	/** [x, y] in degrees. */
	readonly shear: readonly [number, number];
	/** [x, y] in pixels. */
	readonly translate: readonly [number, number];
	/** [x, y]; undefined: the image's centre. */
	readonly center: readonly [number, number] | undefined;
	readonly interpolation: WarpInterpolation;
	readonly fill: readonly number[];
}

/** functional.affine with angle 0 and scale 1, as the augmentation policies use it. */
export function shearAndTranslate(image: Pixels, shear: Shear): Pixels {
	const { height, width } = image;
	const center = shear.center ?? ([width * 0.5, height * 0.5] as const);
	const matrix = inverseMatrix(center, shear.translate, shear.shear);
	return affine(image, matrix, height, width, shear.interpolation, shear.fill);
}
