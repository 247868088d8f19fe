import type { Interpolation } from "../experiment/types.ts";
import { gather } from "./gather.ts";
import {
	type Coefficients,
	coefficients,
	type Filter,
	PRECISION_BITS,
} from "./resample/resample-coefficients.ts";
import {
	type Axis,
	inputRange,
	resampleAcross,
	resampleDown,
} from "./resample/resample-kernel.ts";
import type { Pixels } from "./types.ts";

/** Pillow's Image.resize: antialiased, 8-bit fixed point, equal to the last bit. */

/** A part of the resized image, in its pixels: what a crop that follows keeps. */
export interface Window {
	readonly top: number;
	readonly left: number;
	readonly height: number;
	readonly width: number;
}

/** One axis in plain loops: `lines` sequences of pixels, `step` bytes apart from pixel to pixel. */
function resampleAxis(
	source: Uint8Array,
	target: Uint8Array,
	axis: { coefficients: Coefficients; start: number; length: number },
	layout: {
		readonly lines: number;
		readonly sourceLine: number;
		readonly sourceStep: number;
		readonly targetLine: number;
		readonly targetStep: number;
	},
): void {
	const { first, count, taps, weights } = axis.coefficients;
	for (let out = 0; out < axis.length; out++) {
		const index = axis.start + out;
		for (let line = 0; line < layout.lines; line++) {
			let at = line * layout.sourceLine + first[index] * layout.sourceStep;
			let sum = 1 << (PRECISION_BITS - 1);
			for (let tap = 0; tap < count[index]; tap++) {
				sum = (sum + source[at] * weights[index * taps + tap]) | 0;
				at += layout.sourceStep;
			}
			const value = sum >> PRECISION_BITS;
			target[line * layout.targetLine + out * layout.targetStep] =
				value < 0 ? 0 : value > 255 ? 255 : value;
		}
	}
}

/** resampleAcross for any number of channels, in plain JavaScript; grey images are rare. */
function plainAcross(image: Pixels, axis: Axis): Pixels {
	const { channels, height } = image;
	const data = new Uint8Array(height * axis.length * channels);
	for (let channel = 0; channel < channels; channel++)
		resampleAxis(image.data.subarray(channel), data.subarray(channel), axis, {
			lines: height,
			sourceLine: image.width * channels,
			sourceStep: channels,
			targetLine: axis.length * channels,
			targetStep: channels,
		});
	return { data, height, width: axis.length, channels };
}

function plainDown(image: Pixels, axis: Axis): Pixels {
	const { channels, width } = image;
	const row = width * channels;
	const data = new Uint8Array(axis.length * row);
	resampleAxis(image.data, data, axis, {
		lines: row,
		sourceLine: 1,
		sourceStep: row,
		targetLine: 1,
		targetStep: row,
	});
	return { data, height: axis.length, width, channels };
}

/**
 * Both passes in plain JavaScript, an undefined axis keeping its size: for grey images, and what the
 * WebAssembly kernel is tested against.
 */
export function resamplePlain(
	image: Pixels,
	across: Axis | undefined,
	down: Axis | undefined,
	downFirst: boolean,
): Pixels {
	const wide = across && !downFirst ? plainAcross(image, across) : image;
	const tall = down ? plainDown(wide, down) : wide;
	return across && downFirst ? plainAcross(tall, across) : tall;
}

function resampleRgb(
	image: Pixels,
	across: Axis | undefined,
	down: Axis | undefined,
	downFirst: boolean,
): Pixels {
	if (across && down && downFirst)
		return resampleAcross(resampleDown(image, down), across);
	if (across && down) {
		const rows = inputRange(down);
		return resampleDown(resampleAcross(image, across, rows), down, rows[0]);
	}
	if (across) return resampleAcross(image, across);
	return down ? resampleDown(image, down) : image;
}

/** Which input pixel each output pixel takes: Pillow's ImagingScaleAffine, steps added one by one. */
function nearestTable(inSize: number, outSize: number): Int32Array {
	const step = inSize / outSize;
	const table = new Int32Array(outSize);
	let at = step * 0.5;
	for (let out = 0; out < outSize; out++) {
		table[out] = Math.min(inSize - 1, Math.trunc(at));
		at += step;
	}
	return table;
}

function part(table: Int32Array, start: number, length: number): Int32Array {
	return table.subarray(start, start + length);
}

/**
 * Resizes to height x width with Pillow's arithmetic (src/libImaging/Resample.c): always antialiased, as
 * torchvision's Resize on PIL images; `nearest` and `nearest-exact` are both Pillow's NEAREST there.
 * With a window, only that part of the result is computed and returned, bit for bit what a crop would keep.
 * Only the input rows that the result needs are read.
 */
export function resize(
	image: Pixels,
	height: number,
	width: number,
	interpolation: Interpolation,
	window: Window = { top: 0, left: 0, height, width },
): Pixels {
	const whole = window.height === height && window.width === width;
	if (image.height === height && image.width === width && whole) return image;
	if (interpolation === "nearest" || interpolation === "nearest-exact")
		return gather(
			image,
			part(nearestTable(image.height, height), window.top, window.height),
			part(nearestTable(image.width, width), window.left, window.width),
		);
	const filter: Filter = interpolation;
	const axis = (
		from: number,
		to: number,
		start: number,
		length: number,
	): Axis => ({ coefficients: coefficients(from, to, filter), start, length });
	const across =
		image.width === width && window.width === width
			? undefined
			: axis(image.width, width, window.left, window.width);
	const down =
		image.height === height && window.height === height
			? undefined
			: axis(image.height, height, window.top, window.height);
	// Since Pillow 13 the vertical pass comes first where the height shrinks by more than twice the width.
	const shrunk = image.height - height;
	const downFirst = shrunk > 0 && shrunk > (image.width - width) * 2;
	const resample = image.channels === 3 ? resampleRgb : resamplePlain;
	return resample(image, across, down, downFirst);
}
