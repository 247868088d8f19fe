import type { Pixels } from "../../../data/types.ts";

/** A photo without its EXIF data, and how that said the photo is to be turned. */
export interface Upright {
	readonly photo: Blob;
	/** 1 … 8 of EXIF's tag 0x0112; 1: as it is. */
	readonly orientation: number;
}

/**
 * Takes the EXIF data out: browsers turn a JPEG by it and a WebP not, and cannot be told otherwise (HTML Standard,
 * ImageBitmapOptions: "none" was withdrawn). Photos of other formats stay as they are.
 */
export function withoutExif(bytes: Uint8Array<ArrayBuffer>): Upright {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (bytes[0] === 0xff && bytes[1] === 0xd8)
		return without(bytes, view, jpegExif(view));
	if (textAt(view, 1, 3) === "PNG") return without(bytes, view, pngExif(view));
	if (textAt(view, 0, 4) === "RIFF" && textAt(view, 8, 4) === "WEBP")
		return renamed(bytes, view);
	return { photo: new Blob([bytes]), orientation: 1 };
}

/** Bytes from … to of a file, whose TIFF structure begins at `tiff`. */
interface Part {
	readonly from: number;
	readonly to: number;
	readonly tiff: number;
}

function without(
	bytes: Uint8Array<ArrayBuffer>,
	view: DataView,
	parts: readonly Part[],
): Upright {
	const kept: Uint8Array<ArrayBuffer>[] = [];
	let at = 0;
	for (const { from, to } of parts) {
		kept.push(bytes.subarray(at, from));
		at = to;
	}
	return {
		photo: new Blob([...kept, bytes.subarray(at)]),
		orientation: orientationIn(view, parts[0]),
	};
}

/** APP1 segments before the scan. */
function jpegExif(view: DataView): Part[] {
	const parts: Part[] = [];
	let at = 2;
	while (at + 10 < view.byteLength && view.getUint8(at) === 0xff) {
		const marker = view.getUint8(at + 1);
		if (marker === 0xda) break;
		const end = at + 2 + view.getUint16(at + 2);
		if (marker === 0xe1 && textAt(view, at + 4, 4) === "Exif")
			parts.push({ from: at, to: end, tiff: at + 10 });
		at = end;
	}
	return parts;
}

function pngExif(view: DataView): Part[] {
	const parts: Part[] = [];
	let at = 8;
	while (at + 12 <= view.byteLength) {
		const end = at + 12 + view.getUint32(at);
		if (textAt(view, at + 4, 4) === "eXIf")
			parts.push({ from: at, to: end, tiff: at + 8 });
		at = end;
	}
	return parts;
}

/** A WebP's chunk of an unknown name is passed over; cutting it out would want new sizes. */
function renamed(bytes: Uint8Array<ArrayBuffer>, view: DataView): Upright {
	const copy = bytes.slice();
	let exif: Part | undefined;
	let at = 12;
	while (at + 8 <= view.byteLength) {
		const size = view.getUint32(at + 4, true);
		if (textAt(view, at, 4) === "EXIF") {
			copy.fill(0x58, at, at + 4);
			const prefix = textAt(view, at + 8, 4) === "Exif" ? 6 : 0;
			exif = { from: at, to: at + 8 + size, tiff: at + 8 + prefix };
		}
		at += 8 + size + (size % 2);
	}
	return {
		photo: new Blob([copy]),
		orientation: orientationIn(view, exif),
	};
}

/** Of the first directory of a TIFF structure (TIFF 6.0, section 2); 1 where it is missing or damaged. */
function orientationIn(view: DataView, part: Part | undefined): number {
	if (part === undefined) return 1;
	const { tiff, to } = part;
	if (tiff + 8 > view.byteLength) return 1;
	const isLittle = textAt(view, tiff, 2) === "II";
	const directory = tiff + view.getUint32(tiff + 4, isLittle);
	if (directory + 2 > Math.min(to, view.byteLength)) return 1;
	const entries = view.getUint16(directory, isLittle);
	for (let entry = 0; entry < entries; entry++) {
		const at = directory + 2 + 12 * entry;
		if (at + 12 > view.byteLength) return 1;
		if (view.getUint16(at, isLittle) !== 0x0112) continue;
		const value = view.getUint16(at + 8, isLittle);
		return value >= 1 && value <= 8 ? value : 1;
	}
	return 1;
}

function textAt(view: DataView, at: number, length: number): string {
	if (at + length > view.byteLength) return "";
	const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
	return String.fromCharCode(...bytes);
}

/** PIL.ImageOps.exif_transpose. */
export function turned(image: Pixels, orientation: number): Pixels {
	if (orientation === 1) return image;
	const { data: source, height, width, channels } = image;
	const isSideways = orientation >= 5;
	const [h, w] = isSideways ? [width, height] : [height, width];
	const data = new Uint8Array(source.length);
	// Whether the photo's rows and columns are read from their ends.
	const fromBottom = [3, 4, 6, 7].includes(orientation);
	const fromRight = [2, 3, 7, 8].includes(orientation);
	let to = 0;
	for (let y = 0; y < h; y++)
		for (let x = 0; x < w; x++) {
			const [row, column] = isSideways ? [x, y] : [y, x];
			const sourceRow = fromBottom ? height - 1 - row : row;
			const sourceColumn = fromRight ? width - 1 - column : column;
			let from = (sourceRow * width + sourceColumn) * channels;
			for (let channel = 0; channel < channels; channel++)
				data[to++] = source[from++] as number;
		}
	return { data, height: h, width: w, channels };
}
