import { bytesOf, KINDS } from "../dtypes.ts";
import type { Weights } from "../types.ts";

/**
 * The bytes of a .safetensors file: header padded with spaces to a multiple of 8, tensors in the order
 * of element width (widest first, so that all are aligned), then of their names. The same input gives the same bytes.
 */
export function writeSafetensors(
	tensors: Weights,
	metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
	const parts = safetensorsParts(tensors, metadata);
	const file = new Uint8Array(
		parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
	);
	let position = 0;
	for (const part of parts) {
		file.set(part, position);
		position += part.byteLength;
	}
	return file;
}

/** The same in pieces, which are not copied: the start with the header, then each tensor. */
export function safetensorsParts(
	tensors: Weights,
	metadata: Readonly<Record<string, string>> = {},
): readonly Uint8Array[] {
	const sorted = [...tensors].sort(([nameA, a], [nameB, b]) => {
		const byWidth = KINDS[b.dtype].bytes - KINDS[a.dtype].bytes;
		return byWidth !== 0 ? byWidth : nameA < nameB ? -1 : 1;
	});
	const header: Record<string, unknown> = {};
	if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
	let end = 0;
	for (const [name, { dtype, shape, data }] of sorted) {
		header[name] = {
			dtype: KINDS[dtype].safetensors,
			shape,
			data_offsets: [end, end + data.byteLength],
		};
		end += data.byteLength;
	}
	const text = new TextEncoder().encode(JSON.stringify(header));
	const headerBytes = Math.ceil(text.length / 8) * 8;
	const start = new Uint8Array(8 + headerBytes);
	new DataView(start.buffer).setBigUint64(0, BigInt(headerBytes), true);
	start.fill(0x20, 8);
	start.set(text, 8);
	return [start, ...sorted.map(([, { data }]) => bytesOf(data))];
}
