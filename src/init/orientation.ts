/**
 * The orientation tag of a JPEG, 1 … 8; undefined where it has none. Exif 2.32, 4.6.4: tag 0x0112 of the first directory of
 * the TIFF header in the APP1 segment.
 */
export function orientationOf(bytes: Uint8Array): number | undefined {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return undefined;
	for (let at = 2; at + 10 < bytes.length; ) {
		const marker = view.getUint16(at);
		// Anything but a segment: the picture begins, or the file is damaged.
		if (marker < 0xffc0 || marker === 0xffda) return undefined;
		const size = view.getUint16(at + 2);
		const isExif = marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966;
		if (isExif) return tagIn(view, at + 10, at + 2 + size);
		at += 2 + size;
	}
	return undefined;
}

const ORIENTATION = 0x0112;

function tagIn(view: DataView, start: number, end: number): number | undefined {
	const last = Math.min(end, view.byteLength);
	if (start + 8 > last) return undefined;
	const little = view.getUint16(start) === 0x4949;
	const directory = start + view.getUint32(start + 4, little);
	if (directory + 2 > last) return undefined;
	const entries = view.getUint16(directory, little);
	for (let entry = 0; entry < entries; entry++) {
		const at = directory + 2 + 12 * entry;
		if (at + 12 > last) return undefined;
		if (view.getUint16(at, little) === ORIENTATION)
			return view.getUint16(at + 8, little);
	}
	return undefined;
}
