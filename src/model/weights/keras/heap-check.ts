/**
 * HDF5 keeps texts of any length in global heaps; on a damaged one the library (2.0.0) goes round in circles for ever.
 * So every heap is looked over before the library sees it (HDF5 File Format Specification 4.0, III.E):
 *
 *   GCOL │ version 1, 3 bytes │ size u64 │ objects: index u16, references u16, 4 bytes, size u64, data to a multiple of 8
 */
const SIGNATURE = Buffer.from("GCOL");
const HEAD_BYTES = 16;
const OBJECT_BYTES = 16;
/** Larger reads are of data. */
const MAX_METADATA_BYTES = 1 << 20;
const MAX_HEAP_BYTES = 64 << 20;

/** Bytes of the file from `position` on; fewer at its end. */
export type ReadBytes = (position: number, length: number) => Buffer;

/** Answers for a read that the library has asked for whether a damaged heap begins in it. */
export function heapCheck(
	read: ReadBytes,
): (bytes: Uint8Array, position: number) => boolean {
	const good = new Set<number>();
	return (bytes, position) => {
		if (bytes.length > MAX_METADATA_BYTES) return false;
		const seen = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
		for (
			let at = seen.indexOf(SIGNATURE);
			at >= 0;
			at = seen.indexOf(SIGNATURE, at + 1)
		) {
			const place = position + at;
			if (place % 8 !== 0 || good.has(place)) continue;
			if (!isWhole(read, place)) return true;
			good.add(place);
		}
		return false;
	};
}

function isWhole(read: ReadBytes, place: number): boolean {
	const head = read(place, HEAD_BYTES);
	if (head.length < HEAD_BYTES || head[4] !== 1) return false;
	const size = Number(head.readBigUInt64LE(8));
	if (size > MAX_HEAP_BYTES) return false;
	const heap = read(place, size);
	if (heap.length < size) return false;
	for (let at = HEAD_BYTES; at + OBJECT_BYTES <= size; ) {
		const bytes = Number(heap.readBigUInt64LE(at + 8));
		// Object 0 is the free space up to the end.
		if (heap.readUInt16LE(at) === 0) return at + bytes === size;
		at += OBJECT_BYTES + Math.ceil(bytes / 8) * 8;
		if (at > size) return false;
	}
	return true;
}
