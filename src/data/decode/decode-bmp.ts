import { CorruptPhoto } from "../corrupt-photo.ts";
import type { Pixels } from "../types.ts";
import { checkPixelCount } from "./pixel-limit.ts";

/** Windows bitmaps without compression: 1, 4 and 8 bits by palette, 24 and 32 bits; libvips reads none. */

interface Head {
	readonly width: number;
	readonly height: number;
	readonly bottomUp: boolean;
	readonly bits: number;
	/** Byte where the rows begin. */
	readonly pixels: number;
	/** RGB of each palette entry; empty at 24 and 32 bits. */
	readonly palette: Uint8Array;
}

const BITFIELDS = 3;
/** Where red, green and blue lie in 32 bits; the order that nearly all files have. */
const USUAL_MASKS = [0xff0000, 0xff00, 0xff];

function readHead(bytes: Uint8Array): Head {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (bytes.length < 30) throw new CorruptPhoto("the BMP is truncated");
	const headerBytes = view.getUint32(14, true);
	const old = headerBytes === 12;
	if (!old && (headerBytes < 40 || bytes.length < 54))
		throw new CorruptPhoto("the BMP has a header of an unknown kind");
	const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
	const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
	const bits = view.getUint16(old ? 24 : 28, true);
	const compression = old ? 0 : view.getUint32(30, true);
	const height = Math.abs(signedHeight);
	checkPixelCount(width, height);
	const usual =
		compression === 0 ||
		(compression === BITFIELDS &&
			bits === 32 &&
			bytes.length > 66 &&
			USUAL_MASKS.every(
				(mask, i) => view.getUint32(54 + 4 * i, true) === mask,
			));
	if (!usual || ![1, 4, 8, 24, 32].includes(bits))
		throw new CorruptPhoto(
			`the BMP has ${bits} bits and compression ${compression}, which cannot be read`,
		);
	const entryBytes = old ? 3 : 4;
	const named = old ? 0 : view.getUint32(46, true);
	const entries = bits > 8 ? 0 : Math.min(named || 2 ** bits, 2 ** bits);
	const start = 14 + headerBytes;
	const palette = new Uint8Array(2 ** Math.min(bits, 8) * 3);
	for (let entry = 0; entry < entries; entry++)
		for (let channel = 0; channel < 3; channel++)
			palette[entry * 3 + channel] =
				bytes[start + entry * entryBytes + 2 - channel];
	const pixels = view.getUint32(10, true);
	return { width, height, bottomUp: signedHeight > 0, bits, pixels, palette };
}

/**
 * A BMP's pixels, RGB uint8 [h, w, 3].
 *
 * @throws CorruptPhoto where it is truncated, or of a kind that cannot be read.
 */
export function decodeBmp(bytes: Uint8Array): Pixels {
	const { width, height, bottomUp, bits, pixels, palette } = readHead(bytes);
	const stride = Math.ceil((width * bits) / 32) * 4;
	if (bytes.length < pixels + stride * height)
		throw new CorruptPhoto(
			`the BMP is truncated: ${bytes.length} bytes of ${pixels + stride * height}`,
		);
	const data = new Uint8Array(width * height * 3);
	for (let y = 0; y < height; y++) {
		const row = pixels + (bottomUp ? height - 1 - y : y) * stride;
		for (let x = 0; x < width; x++) {
			const out = (y * width + x) * 3;
			if (bits > 8) {
				const from = row + (x * bits) / 8;
				for (let channel = 0; channel < 3; channel++)
					data[out + channel] = bytes[from + 2 - channel];
			} else {
				const bit = x * bits;
				const shift = 8 - bits - (bit % 8);
				const index = (bytes[row + (bit >> 3)] >> shift) & (2 ** bits - 1);
				for (let channel = 0; channel < 3; channel++)
					data[out + channel] = palette[index * 3 + channel];
			}
		}
	}
	return { data, height, width, channels: 3 };
}
