import type { FloatImage, Pixels } from "./types.ts";

/** Pixels picked out of an image by row and column. */

/** Whether the indices are start, start + 1, … without a gap or an outside. */
function isRun(indices: Int32Array): boolean {
	if (indices.length === 0 || indices[0] < 0) return false;
	return indices.every((index, at) => index === indices[0] + at);
}

function gatherRows<T extends Uint8Array | Float32Array>(
	source: T,
	target: T,
	width: number,
	step: number,
	rows: Int32Array,
	columns: Int32Array,
	fill: readonly number[],
): void {
	const run = isRun(columns);
	const line = columns.length * step;
	for (let y = 0; y < rows.length; y++) {
		const from = rows[y] * width;
		const out = y * line;
		if (run && rows[y] >= 0) {
			const start = (from + columns[0]) * step;
			target.set(source.subarray(start, start + line), out);
			continue;
		}
		for (let x = 0; x < columns.length; x++) {
			const to = out + x * step;
			if (rows[y] >= 0 && columns[x] >= 0) {
				const at = (from + columns[x]) * step;
				target[to] = source[at];
				if (step === 3) {
					target[to + 1] = source[at + 1];
					target[to + 2] = source[at + 2];
				}
			} else
				for (let part = 0; part < step; part++) target[to + part] = fill[part];
		}
	}
}

/**
 * The image whose pixel (y, x) is the input's pixel (rows[y], columns[x]), or `fill` (one value a channel)
 * where an index is negative: crops, pads, flips and nearest-neighbour resizing are all of this kind.
 */
export function gather(
	image: Pixels,
	rows: Int32Array,
	columns: Int32Array,
	fill?: readonly number[],
): Pixels;
export function gather(
	image: FloatImage,
	rows: Int32Array,
	columns: Int32Array,
	fill?: readonly number[],
): FloatImage;
export function gather(
	image: Pixels | FloatImage,
	rows: Int32Array,
	columns: Int32Array,
	fill?: readonly number[],
): Pixels | FloatImage;
export function gather(
	image: Pixels | FloatImage,
	rows: Int32Array,
	columns: Int32Array,
	fill: readonly number[] = new Array(image.channels).fill(0),
): Pixels | FloatImage {
	const { channels, width } = image;
	const [height, newWidth] = [rows.length, columns.length];
	if (image.data instanceof Uint8Array) {
		const data = new Uint8Array(height * newWidth * channels);
		gatherRows(image.data, data, width, channels, rows, columns, fill);
		return { ...image, data, height, width: newWidth } as Pixels;
	}
	const plane = height * newWidth;
	const inPlane = image.height * width;
	const data = new Float32Array(plane * channels);
	for (let channel = 0; channel < channels; channel++) {
		const from = image.data.subarray(
			channel * inPlane,
			(channel + 1) * inPlane,
		);
		const to = data.subarray(channel * plane, (channel + 1) * plane);
		gatherRows(from, to, width, 1, rows, columns, [fill[channel]]);
	}
	return { data, channels, height, width: newWidth };
}
