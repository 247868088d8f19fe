import * as zlib from "node:zlib";

/** Node's own, from 20.15 on; the older ones take the table. */
const native = (
	zlib as unknown as {
		readonly crc32?: (bytes: Uint8Array) => number;
	}
).crc32;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
	let rest = byte;
	for (let bit = 0; bit < 8; bit++)
		rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
	return rest;
});

/** CRC-32 as zip has it (ISO 3309, reflected 0xedb88320). */
export function crc32(bytes: Uint8Array): number {
	return native ? native(bytes) : tableCrc32(bytes);
}

/** The same without Node's help. */
export function tableCrc32(bytes: Uint8Array): number {
	let rest = 0xffffffff;
	for (let index = 0; index < bytes.length; index++)
		rest =
			(rest >>> 8) ^ (TABLE[(rest ^ (bytes[index] as number)) & 255] as number);
	return (rest ^ 0xffffffff) >>> 0;
}
