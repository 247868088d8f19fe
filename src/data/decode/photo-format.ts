/** What kind of file some bytes are, by how they begin; names and endings are not trusted. */

/** Formats that are decoded. */
export type PhotoFormat =
	| "JPEG"
	| "PNG"
	| "WebP"
	| "GIF"
	| "TIFF"
	| "AVIF"
	| "BMP"
	| "PNM";

/** Formats that cannot be decoded but are worth a name in the error. */
const FOREIGN: readonly (readonly [pattern: RegExp, name: string])[] = [
	[/^....ftyp(heic|heix|mif1|msf1|hevc)/s, "a HEIC photo"],
	[/^version https:\/\/git-lfs/, "a Git LFS pointer, not the photo itself"],
	[/^\s*(<!doctype html|<html)/i, "an HTML page"],
	[/^\s*(<\?xml|<svg)/i, "an XML or SVG file"],
	[/^\s*[[{]/, "a JSON file"],
	[/^%PDF/, "a PDF file"],
	[/^PK/, "a ZIP archive"],
	[/^Rar!/, "a RAR archive"],
	[/^8BPS/, "a Photoshop file"],
];

/** The format, or undefined where it is none that can be decoded. */
export function photoFormat(bytes: Uint8Array): PhotoFormat | undefined {
	const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
	if (head.startsWith("\xff\xd8\xff")) return "JPEG";
	if (head.startsWith("\x89PNG\r\n\x1a\n")) return "PNG";
	if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "GIF";
	if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "WebP";
	if (/^(II\*\0|MM\0\*|II\+\0|MM\0\+)/.test(head)) return "TIFF";
	if (/^....ftypavi[fs]/s.test(head)) return "AVIF";
	if (head.startsWith("BM")) return "BMP";
	if (/^P[1-6]\s/.test(head)) return "PNM";
	return undefined;
}

/** "it is an HTML page" where that can be told, else how the file begins. */
export function describeForeign(bytes: Uint8Array): string {
	const head = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
	const known = FOREIGN.find(([pattern]) => pattern.test(head));
	if (known) return `it is ${known[1]}`;
	const start = head.slice(0, 12);
	const shown = /^[\x20-\x7e\s]*$/.test(start)
		? JSON.stringify(start)
		: `bytes ${Buffer.from(bytes.subarray(0, 8)).toString("hex")}`;
	return `it is not an image: it starts with ${shown}`;
}

/**
 * How many components a JPEG has: 1 grey, 3 colour, 4 CMYK or YCCK; 0 where no frame header was found.
 * Reads the segments up to the frame header (ITU T.81, B.2).
 */
export function jpegComponents(bytes: Uint8Array): number {
	let at = 2;
	while (at + 9 < bytes.length && bytes[at] === 0xff) {
		const marker = bytes[at + 1];
		if (marker === 0xff) {
			at++;
			continue;
		}
		const isTable = marker === 0xc4 || marker === 0xc8 || marker === 0xcc;
		if (marker >= 0xc0 && marker <= 0xcf && !isTable) return bytes[at + 9];
		at += 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
	}
	return 0;
}

/**
 * A copy of a GIF whose first frame has no transparent colour. Pillow drops transparency and keeps the
 * palette's colour; libvips would give black there.
 */
export function withoutGifTransparency(bytes: Uint8Array): Uint8Array {
	const tableBytes = (flags: number) =>
		flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
	let at = 13 + tableBytes(bytes[10]);
	while (bytes[at] === 0x21) {
		if (bytes[at + 1] === 0xf9 && bytes[at + 3] & 1) {
			const copy = Uint8Array.from(bytes);
			copy[at + 3] &= ~1;
			return copy;
		}
		at += 2;
		while (at < bytes.length && bytes[at] !== 0) at += bytes[at] + 1;
		at++;
	}
	return bytes;
}
