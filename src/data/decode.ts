import sharp from "sharp";
import { CorruptPhoto } from "./corrupt-photo.ts";
import { decodeBmp } from "./decode/decode-bmp.ts";
import { decodePnm } from "./decode/decode-pnm.ts";
import {
	describeForeign,
	jpegComponents,
	type PhotoFormat,
	photoFormat,
	withoutGifTransparency,
} from "./decode/photo-format.ts";
import { PIXEL_LIMIT } from "./decode/pixel-limit.ts";
import type { Pixels } from "./types.ts";

/**
 * Bytes of a photo to pixels, bit for bit what `Image.open(f).convert("RGB")` of Pillow 13 gives, which is
 * what torchvision's ImageFolder loads:
 *
 *   - colour profiles and gamma are ignored; alpha is dropped, not composited;
 *   - inks of a CMYK JPEG are taken as stored inverted, Adobe's way, then mixed as Pillow does;
 *   - of more than 8 bits the high byte is kept. For grey this differs on purpose: Pillow clips 16-bit grey
 *     at 255, which turns almost every such photo white;
 *   - the first frame of a GIF, the first page of a TIFF.
 *
 * Decoding is done by one thread per call: parallel work is the business of whoever calls.
 */

sharp.concurrency(1);
sharp.cache(false);

type Exif = "apply" | "ignore";

interface Raw {
	readonly data: Buffer;
	readonly info: {
		readonly width: number;
		readonly height: number;
		readonly channels: number;
	};
}

/** round(a * b / 255) in integers: Pillow's MULDIV255. */
function multiply255(a: number, b: number): number {
	const product = a * b + 128;
	return ((product >> 8) + product) >> 8;
}

/** Pillow's cmyk2rgb (src/libImaging/Convert.c). */
function cmykToRgb(inks: Uint8Array): Uint8Array {
	const data = new Uint8Array((inks.length / 4) * 3);
	for (let from = 0, to = 0; from < inks.length; from += 4, to += 3) {
		const light = 255 - inks[from + 3];
		for (let channel = 0; channel < 3; channel++)
			data[to + channel] = light - multiply255(inks[from + channel], light);
	}
	return data;
}

function greyToRgb(grey: Uint8Array): Uint8Array {
	const data = new Uint8Array(grey.length * 3);
	for (let from = 0, to = 0; from < grey.length; from++, to += 3)
		data[to] = data[to + 1] = data[to + 2] = grey[from];
	return data;
}

/** What libvips said, in plain words. */
function reasonOf(format: PhotoFormat, error: unknown, bytes: number): string {
	const text = error instanceof Error ? error.message : String(error);
	if (/pixel limit/i.test(text))
		return `it has more pixels than the limit of ${PIXEL_LIMIT}`;
	const early = /premature end|end of gif|read error at scanline|truncated/i;
	const parse = /unable to parse image/i;
	if (early.test(text) || (format === "WebP" && parse.test(text)))
		return `the ${format} is truncated: it ends early, after ${bytes} bytes`;
	if (/libpng read error/.test(text))
		return `the PNG is truncated or damaged (${bytes} bytes)`;
	const [first] = text.split("\n");
	return `the ${format} is damaged: ${first.replace(/^Input buffer has corrupt header: /, "")}`;
}

async function decodeBySharp(
	bytes: Uint8Array,
	format: PhotoFormat,
	exif: Exif,
): Promise<Pixels> {
	const input = format === "GIF" ? withoutGifTransparency(bytes) : bytes;
	let photo = sharp(input, {
		ignoreIcc: true,
		// Pillow applies a TIFF's orientation while loading it, asked or not.
		autoOrient: exif === "apply" || format === "TIFF",
		// What Pillow refuses: missing data; not what libjpeg only warns of.
		failOn: "error",
		limitInputPixels: PIXEL_LIMIT,
	});
	const inks =
		(format === "JPEG" && jpegComponents(bytes) === 4) ||
		(format === "TIFF" && (await photo.metadata()).space === "cmyk");
	photo = inks
		? photo.pipelineColourspace("cmyk").toColourspace("cmyk")
		: photo.removeAlpha();
	const { data, info }: Raw = await photo
		.raw()
		.toBuffer({ resolveWithObject: true });
	const { width, height, channels } = info;
	const raw = new Uint8Array(data.buffer, data.byteOffset, data.length);
	if (inks && channels === 4)
		return { data: cmykToRgb(raw), height, width, channels: 3 };
	if (channels === 1)
		return { data: greyToRgb(raw), height, width, channels: 3 };
	if (channels === 3) return { data: raw, height, width, channels };
	throw new Error(`internal: a ${format} decoded to ${channels} channels`);
}

/**
 * The pixels of a photo, RGB uint8 [h, w, 3]. With `exif: "apply"` it is turned upright as its orientation
 * tag says (PIL.ImageOps.exif_transpose).
 *
 * @throws CorruptPhoto where the bytes are no photo, damaged, truncated or too large.
 */
export async function decodePhoto(
	bytes: Uint8Array,
	options: { readonly exif: Exif },
): Promise<Pixels> {
	if (bytes.length === 0)
		throw new CorruptPhoto("the file is empty (zero bytes)");
	const format = photoFormat(bytes);
	if (!format) throw new CorruptPhoto(describeForeign(bytes));
	if (format === "BMP") return decodeBmp(bytes);
	if (format === "PNM") return decodePnm(bytes);
	try {
		return await decodeBySharp(bytes, format, options.exif);
	} catch (error) {
		if (error instanceof Error && error.message.startsWith("internal:"))
			throw error;
		throw new CorruptPhoto(reasonOf(format, error, bytes.length), {
			cause: error,
		});
	}
}
