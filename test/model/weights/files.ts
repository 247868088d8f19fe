import { crc32 } from "../../../src/model/weights/pth/crc32.ts";
import { LEGACY_START } from "../../../src/model/weights/pth/legacy.ts";

/** Files of weights made by hand, for what torch itself does not write. */

/** Bytes of texts (latin1) and numbers. */
export function bytes(
	...parts: readonly (string | number | Uint8Array)[]
): Uint8Array {
	return Buffer.concat(
		parts.map((part) =>
			typeof part === "number"
				? Buffer.from([part])
				: typeof part === "string"
					? Buffer.from(part, "latin1")
					: part,
		),
	);
}

/** 4 bytes, little-endian. */
export function u32(value: number): Uint8Array {
	const four = Buffer.alloc(4);
	four.writeUInt32LE(value);
	return four;
}

/** 8 bytes, little-endian. */
export function u64(value: number | bigint): Uint8Array {
	const eight = Buffer.alloc(8);
	eight.writeBigUInt64LE(BigInt(value));
	return eight;
}

/** A legacy .pth file whose object is this pickle. */
export function legacyFile(
	pickle: Uint8Array,
	keys: Uint8Array = bytes("\x80\x02]."),
	storages: Uint8Array = bytes(),
): Uint8Array {
	return bytes(
		Uint8Array.from(LEGACY_START),
		"\x80\x02M\xe9\x03.",
		"\x80\x02}.",
		pickle,
		keys,
		storages,
	);
}

/** How an archive is spoilt. */
export interface ZipFaults {
	readonly method?: number;
	/** Sizes and offset in zip64 fields. */
	readonly wide?: boolean;
	readonly crc?: number;
}

/** A zip archive of stored entries. */
export function zipFile(
	entries: Readonly<Record<string, Uint8Array>>,
	{ method = 0, wide = false, crc }: ZipFaults = {},
): Uint8Array {
	const body: Uint8Array[] = [];
	const directory: Uint8Array[] = [];
	let at = 0;
	for (const [name, data] of Object.entries(entries)) {
		const small = (value: number) => u32(wide ? 0xffffffff : value);
		const sums = bytes(
			u32(crc ?? crc32(data)),
			small(data.length),
			small(data.length),
		);
		const extra = wide
			? bytes(1, 0, 24, 0, u64(data.length), u64(data.length), u64(at))
			: bytes();
		const lengths = bytes(name.length, 0, extra.length, 0);
		const head = bytes(45, 0, 0, 0, method, 0, 0, 0, 0, 0);
		const local = bytes(
			u32(0x04034b50),
			head,
			sums,
			lengths,
			name,
			extra,
			data,
		);
		directory.push(
			bytes(
				u32(0x02014b50),
				45,
				0,
				head,
				sums,
				lengths,
				u32(0),
				u32(0),
				0,
				0,
				small(at),
				name,
				extra,
			),
		);
		body.push(local);
		at += local.length;
	}
	const list = bytes(...directory);
	const count = directory.length;
	const end64 = wide
		? bytes(
				bytes(u32(0x06064b50), u64(44), 45, 0, 45, 0, u32(0), u32(0)),
				bytes(u64(count), u64(count), u64(list.length), u64(at)),
				bytes(u32(0x07064b50), u32(0), u64(at + list.length), u32(1)),
			)
		: bytes();
	const total = wide ? bytes(255, 255, 255, 255) : bytes(count, 0, count, 0);
	const [length, where] = wide ? [0xffffffff, 0xffffffff] : [list.length, at];
	return bytes(
		...body,
		list,
		end64,
		u32(0x06054b50),
		u32(0),
		total,
		u32(length),
		u32(where),
		0,
		0,
	);
}
