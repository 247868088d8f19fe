/**
 * A photo without its EXIF data, for experiments with `exif: ignore`: browsers turn pictures as the tag says and
 * cannot be told not to (HTML Standard, ImageBitmapOptions: "none" was withdrawn). Bytes of other formats stay.
 */
export function withoutExif(bytes: Uint8Array<ArrayBuffer>): Blob {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (bytes[0] === 0xff && bytes[1] === 0xd8)
		return without(bytes, jpegExif(view));
	if (textAt(view, 1, 3) === "PNG") return without(bytes, pngExif(view));
	if (textAt(view, 0, 4) === "RIFF" && textAt(view, 8, 4) === "WEBP")
		return new Blob([renamedWebp(bytes, view)]);
	return new Blob([bytes]);
}

type Part = readonly [from: number, to: number];

function without(bytes: Uint8Array<ArrayBuffer>, parts: readonly Part[]): Blob {
	const kept: Uint8Array<ArrayBuffer>[] = [];
	let at = 0;
	for (const [from, to] of parts) {
		kept.push(bytes.subarray(at, from));
		at = to;
	}
	return new Blob([...kept, bytes.subarray(at)]);
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
			parts.push([at, end]);
		at = end;
	}
	return parts;
}

function pngExif(view: DataView): Part[] {
	const parts: Part[] = [];
	let at = 8;
	while (at + 12 <= view.byteLength) {
		const end = at + 12 + view.getUint32(at);
		if (textAt(view, at + 4, 4) === "eXIf") parts.push([at, end]);
		at = end;
	}
	return parts;
}

/** A chunk of an unknown name is passed over; cutting it out would want new sizes. */
function renamedWebp(
	bytes: Uint8Array<ArrayBuffer>,
	view: DataView,
): Uint8Array<ArrayBuffer> {
	const renamed = bytes.slice();
	let at = 12;
	while (at + 8 <= view.byteLength) {
		if (textAt(view, at, 4) === "EXIF") renamed.fill(0x58, at, at + 4);
		const size = view.getUint32(at + 4, true);
		at += 8 + size + (size % 2);
	}
	return renamed;
}

function textAt(view: DataView, at: number, length: number): string {
	const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
	return String.fromCharCode(...bytes);
}
