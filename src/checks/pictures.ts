import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodePhoto } from "../data/decode.ts";
import { resize } from "../data/resample.ts";

/** Small grey pictures, and whether two show the same. */

/** Side in pixels: small enough that compression does not show, large enough that the subject does. */
const SIDE = 40;

/** Grey values, float32 [SIDE, SIDE]. */
export type Picture = Float32Array;

/** @throws what decodePhoto throws, and the file system */
export async function readPicture(
	root: string,
	path: string,
	exif: "apply" | "ignore",
): Promise<Picture> {
	const pixels = await decodePhoto(readFileSync(join(root, path)), { exif });
	const small = resize(pixels, SIDE, SIDE, "bilinear");
	const grey = new Float32Array(SIDE * SIDE);
	for (let i = 0; i < grey.length; i++) {
		const at = i * small.channels;
		// ITU-R BT.601, as Pillow's convert("L").
		grey[i] =
			small.channels === 1
				? small.data[at]
				: 0.299 * small.data[at] +
					0.587 * small.data[at + 1] +
					0.114 * small.data[at + 2];
	}
	return grey;
}

/**
 * The best correlation of two pictures, -1 … 1, over mirroring and over moving and zooming one onto the other by up to
 * a tenth: what is left of a photo that was cropped a little, turned a little, resized, compressed or recoloured.
 */
export function samePicture(a: Picture, b: Picture): number {
	let best = -1;
	for (const mirrored of [false, true])
		for (const [outer, inner] of [
			[a, b],
			[b, a],
		] as const)
			for (const zoom of ZOOMS)
				for (const shift of shiftsOf(zoom))
					best = Math.max(
						best,
						correlation(outer, inner, mirrored, zoom, shift),
					);
	return best;
}

/** Share of the outer picture that the inner one shows. */
const ZOOMS = [1, 0.95, 0.9];

function shiftsOf(zoom: number): readonly (readonly [number, number])[] {
	if (zoom === 1) return [[0, 0]];
	const room = 1 - zoom;
	return [0, 0.5, 1].flatMap((y) =>
		[0, 0.5, 1].map((x) => [y * room, x * room] as const),
	);
}

/** Pearson's, over all pixels of `inner`, each with its place in `outer` (bilinear). */
function correlation(
	outer: Picture,
	inner: Picture,
	mirrored: boolean,
	zoom: number,
	[top, left]: readonly [number, number],
): number {
	let n = 0;
	let sumA = 0;
	let sumB = 0;
	let sumAA = 0;
	let sumBB = 0;
	let sumAB = 0;
	for (let y = 0; y < SIDE; y++)
		for (let x = 0; x < SIDE; x++) {
			const a = sample(
				outer,
				top * SIDE + (y + 0.5) * zoom - 0.5,
				left * SIDE + (x + 0.5) * zoom - 0.5,
			);
			const b = inner[y * SIDE + (mirrored ? SIDE - 1 - x : x)] as number;
			n++;
			sumA += a;
			sumB += b;
			sumAA += a * a;
			sumBB += b * b;
			sumAB += a * b;
		}
	const covariance = sumAB - (sumA * sumB) / n;
	const spread = (sumAA - sumA ** 2 / n) * (sumBB - sumB ** 2 / n);
	return spread > 0 ? covariance / Math.sqrt(spread) : 0;
}

function sample(picture: Picture, y: number, x: number): number {
	const y0 = Math.min(SIDE - 1, Math.max(0, Math.floor(y)));
	const x0 = Math.min(SIDE - 1, Math.max(0, Math.floor(x)));
	const y1 = Math.min(SIDE - 1, y0 + 1);
	const x1 = Math.min(SIDE - 1, x0 + 1);
	const v = Math.min(1, Math.max(0, y - y0));
	const u = Math.min(1, Math.max(0, x - x0));
	const upper = picture[y0 * SIDE + x0] * (1 - u) + picture[y0 * SIDE + x1] * u;
	const lower = picture[y1 * SIDE + x0] * (1 - u) + picture[y1 * SIDE + x1] * u;
	return upper * (1 - v) + lower * v;
}
