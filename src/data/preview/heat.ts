import sharp from "sharp";
import type { Pixels } from "../types.ts";
import { encodePng } from "./html.ts";

/** Where a network looked, as a picture: nothing where it found nothing, violet, red, and yellow where it found most. */

/** Values on a grid, row-major, 0 and up; only their ratios count. */
export interface HeatGrid {
	readonly values: Float32Array;
	readonly height: number;
	readonly width: number;
}

/** Sides of a picture in pixels. */
interface Sides {
	readonly height: number;
	readonly width: number;
}

/** Opaqueness of the greatest value, 0 … 1: what is beneath must still be seen. */
const STRONGEST = 0.68;

/** A page of many maps stays small. */
const LONGEST_SIDE = 112;

/** A transparent PNG in the shape of `view`, at most 112 pixels long, to be laid over it. */
export async function heatPng(
	heat: HeatGrid,
	view: Sides,
): Promise<Uint8Array> {
	const scale = Math.min(1, LONGEST_SIDE / Math.max(view.height, view.width));
	const height = Math.max(1, Math.round(view.height * scale));
	const width = Math.max(1, Math.round(view.width * scale));
	const shares = sharesOf(heat, height, width);
	const data = new Uint8Array(4 * shares.length);
	shares.forEach((share, at) => {
		data.set([...colourOf(share), Math.round(255 * alphaOf(share))], 4 * at);
	});
	return sharp(data, { raw: { width, height, channels: 4 } })
		.png({ palette: true, compressionLevel: 9 })
		.toBuffer();
}

/** The view with its heat over it, as the bytes of a PNG file. */
export async function heatOver(
	view: Pixels,
	heat: HeatGrid,
): Promise<Uint8Array> {
	const { height, width, channels } = view;
	const shares = sharesOf(heat, height, width);
	const data = new Uint8Array(3 * height * width);
	shares.forEach((share, at) => {
		const alpha = alphaOf(share);
		const colour = colourOf(share);
		for (let channel = 0; channel < 3; channel++) {
			const below = view.data[at * channels + (channels === 3 ? channel : 0)];
			data[3 * at + channel] = Math.round(
				(1 - alpha) * (below ?? 0) + alpha * (colour[channel] ?? 0),
			);
		}
	});
	return encodePng({ data, height, width, channels: 3 });
}

/** Bilinear between the centres of the grid's places, as a share of the greatest value; all 0 where nothing is above 0. */
function sharesOf(
	{ values, height: rows, width: columns }: HeatGrid,
	height: number,
	width: number,
): Float32Array {
	const most = values.reduce((most, value) => Math.max(most, value), 0);
	const shares = new Float32Array(height * width);
	if (!(most > 0) || !Number.isFinite(most)) return shares;
	const at = (row: number, column: number) =>
		(values[row * columns + column] ?? 0) / most;
	for (let y = 0; y < height; y++) {
		const [top, bottom, down] = between(y, height, rows);
		for (let x = 0; x < width; x++) {
			const [left, right, across] = between(x, width, columns);
			const above = at(top, left) * (1 - across) + at(top, right) * across;
			const below =
				at(bottom, left) * (1 - across) + at(bottom, right) * across;
			shares[y * width + x] = above * (1 - down) + below * down;
		}
	}
	return shares;
}

/** The two places that a pixel lies between, and how far it is on its way from the first to the second. */
function between(
	pixel: number,
	pixels: number,
	places: number,
): readonly [number, number, number] {
	const position = ((pixel + 0.5) * places) / pixels - 0.5;
	const inside = Math.min(Math.max(position, 0), places - 1);
	const first = Math.floor(inside);
	return [first, Math.min(first + 1, places - 1), inside - first];
}

function alphaOf(share: number): number {
	return STRONGEST * Math.min(1, Math.max(0, (share - 0.1) / 0.9)) ** 0.8;
}

/** matplotlib's plasma at 0, 1/4 … 1: brightness grows all the way, and its way leads through colours that photos seldom have. */
const PLASMA = [
	[13, 8, 135],
	[126, 3, 168],
	[204, 71, 120],
	[248, 149, 64],
	[240, 249, 33],
] as const;

function colourOf(share: number): readonly number[] {
	const position = Math.min(1, Math.max(0, share)) * (PLASMA.length - 1);
	const first = Math.min(Math.floor(position), PLASMA.length - 2);
	const way = position - first;
	const [from, to] = [PLASMA[first], PLASMA[first + 1]];
	return [0, 1, 2].map((channel) =>
		Math.round((from?.[channel] ?? 0) * (1 - way) + (to?.[channel] ?? 0) * way),
	);
}
