import { BadPickle } from "./faults.ts";

/** Reads a pickle's bytes one after the other; every length is held against what is left. */
export interface Cursor {
	/** Where the next byte is. */
	readonly position: () => number;
	readonly u8: () => number;
	readonly u16: () => number;
	readonly u32: () => number;
	readonly i32: () => number;
	/** 8 bytes as a length. */
	readonly u64: () => number;
	/** Big-endian, as BINFLOAT has it. */
	readonly float64: () => number;
	readonly take: (length: number) => Uint8Array;
	/** UTF-8. */
	readonly text: (length: number) => string;
	/** Up to the next line end, which is passed. */
	readonly line: () => string;
	/** A little-endian two's complement number of so many bytes. */
	readonly long: (length: number) => number | bigint;
}

/** Lines and integers in files of weights are short; a long one would only cost time. */
const MAX_LINE = 4096;

/** @param start of the first byte to read. */
export function cursorOf(bytes: Uint8Array, start = 0): Cursor {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let at = start;

	function forward(length: number): number {
		if (!(length >= 0 && length <= bytes.length - at))
			throw new BadPickle(
				`its pickle ends at byte ${bytes.length}, ${length} more bytes were expected at byte ${at}`,
			);
		at += length;
		return at - length;
	}
	function take(length: number): Uint8Array {
		const from = forward(length);
		return bytes.subarray(from, from + length);
	}
	function text(length: number): string {
		try {
			return new TextDecoder("utf-8", { fatal: true }).decode(take(length));
		} catch (cause) {
			if (cause instanceof BadPickle) throw cause;
			throw new BadPickle(`a text at byte ${at} is not UTF-8`);
		}
	}
	function line(): string {
		const end = bytes.indexOf(10, at);
		if (end < 0 || end - at > MAX_LINE)
			throw new BadPickle(`a line at byte ${at} has no end`);
		const read = text(end - at);
		at++;
		return read;
	}
	function long(length: number): number | bigint {
		if (length > MAX_LINE)
			throw new BadPickle(`a number at byte ${at} has ${length} bytes`);
		const digits = Buffer.from(take(length)).reverse().toString("hex");
		if (digits === "") return 0;
		return narrowed(BigInt.asIntN(8 * length, BigInt(`0x${digits}`)));
	}
	return {
		position: () => at,
		u8: () => view.getUint8(forward(1)),
		u16: () => view.getUint16(forward(2), true),
		u32: () => view.getUint32(forward(4), true),
		i32: () => view.getInt32(forward(4), true),
		u64: () => Number(view.getBigUint64(forward(8), true)),
		float64: () => view.getFloat64(forward(8)),
		take,
		text,
		line,
		long,
	};
}

/** As a number, where that holds it exactly. */
export function narrowed(value: bigint): number | bigint {
	const number = Number(value);
	return Number.isSafeInteger(number) ? number : value;
}
