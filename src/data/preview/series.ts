import { readFile } from "node:fs/promises";
import sharp, { type Sharp } from "sharp";
import { decodePhoto } from "../decode.ts";
import { canvas, fit, paste } from "./canvas.ts";
import { LINE_HEIGHT } from "./font.ts";
import { type Policy, previewRow } from "./panels.ts";
import { drawAnyText, pngPreview } from "./png.ts";

/** One picture of a series: a PNG of few colours to look at closely, and a small WebP for a grid of many. */
export interface SeriesImage {
	readonly png: Uint8Array;
	readonly webp: Uint8Array;
}

/** A photo before and after its transforms; undefined where it cannot be read. */
export async function transformedPhoto(
	root: string,
	photo: string,
	policies: readonly Policy[],
	options: {
		readonly exif: "apply" | "ignore";
		readonly seed: number;
		readonly draws: number;
	},
): Promise<SeriesImage | undefined> {
	const row = await previewRow(root, photo, policies, options);
	if (row.groups.length === 0) return undefined;
	return encoded(sharp(await pngPreview([row], policies)));
}

/** Longest side of a photo over its caption, in pixels: room for 28 letters. */
const CAPTIONED_SIDE = 336;

/** A photo with lines of text below. @throws what decoding throws, and ENOENT */
export async function captionedPhoto(
	path: string,
	exif: "apply" | "ignore",
	lines: readonly string[],
): Promise<SeriesImage> {
	const pixels = await decodePhoto(await readFile(path), { exif });
	const photo = fit(pixels, CAPTIONED_SIDE, true);
	const height = photo.height + 4 + lines.length * LINE_HEIGHT;
	const target = canvas(height, CAPTIONED_SIDE);
	paste(target, photo, 0, 0);
	for (const [index, line] of lines.entries()) {
		const y = photo.height + 4 + index * LINE_HEIGHT;
		await drawAnyText(target, line, 2, y, CAPTIONED_SIDE - 4);
	}
	const { data, width, channels } = target;
	return encoded(sharp(data, { raw: { width, height, channels } }));
}

async function encoded(image: Sharp): Promise<SeriesImage> {
	const [png, webp] = await Promise.all([
		image.clone().png({ palette: true, quality: 90, effort: 3 }).toBuffer(),
		image.clone().webp({ quality: 75, effort: 2 }).toBuffer(),
	]);
	return { png, webp };
}
