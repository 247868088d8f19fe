import type { FileHandle } from "node:fs/promises";
import { readFully } from "../read-fully.ts";
import { crc32 } from "./crc32.ts";
import { BadPickle } from "./faults.ts";

/**
 * Reader of zip archives as torch.save writes them (APPNOTE.TXT 6.3): entries stored without compression, zip64
 * where needed. No number in it is trusted.
 */
export interface ZipEntry {
	readonly name: string;
	readonly size: number;
	readonly crc32: number;
	/** 0: stored. */
	readonly method: number;
	readonly headerOffset: number;
}

const END = 0x06054b50;
const END64_LOCATOR = 0x07064b50;
const END64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/** Of the end record, with the longest comment. */
const END_BYTES = 22;
const MAX_TAIL = END_BYTES + 0xffff;
/** 65,536 tensors with long names stay far below. */
const MAX_DIRECTORY_BYTES = 64 << 20;

/** The archive's directory, by name. @throws BadPickle. */
export async function readZipDirectory(
	file: FileHandle,
	size: number,
): Promise<ReadonlyMap<string, ZipEntry>> {
	const { offset, bytes, count } = await findDirectory(file, size);
	if (bytes > MAX_DIRECTORY_BYTES || offset + bytes > size)
		throw new BadPickle(
			`its directory claims ${bytes} bytes from byte ${offset} on, the file has ${size}`,
		);
	const view = await viewOf(file, offset, bytes);
	const entries = new Map<string, ZipEntry>();
	let at = 0;
	for (let index = 0; index < count; index++) {
		if (at + 46 > bytes || view.getUint32(at, true) !== CENTRAL)
			throw new BadPickle(`entry ${index} of its directory is damaged`);
		const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) =>
			view.getUint16(at + field, true),
		) as [number, number, number];
		const end = at + 46 + nameBytes + extraBytes + commentBytes;
		if (end > bytes)
			throw new BadPickle(`entry ${index} of its directory is cut off`);
		const entry = entryOf(view, at, nameBytes, extraBytes);
		if (entries.has(entry.name))
			throw new BadPickle(`it holds "${entry.name}" twice`);
		entries.set(entry.name, entry);
		at = end;
	}
	return entries;
}

function entryOf(
	view: DataView,
	at: number,
	nameBytes: number,
	extraBytes: number,
): ZipEntry {
	const nameAt = at + 46;
	const name = new TextDecoder().decode(
		new Uint8Array(view.buffer, view.byteOffset + nameAt, nameBytes),
	);
	const packed = view.getUint32(at + 20, true);
	const plain = view.getUint32(at + 24, true);
	const local = view.getUint32(at + 42, true);
	const wide = wideFields(view, nameAt + nameBytes, extraBytes);
	// The extra field holds only what does not fit, in this order.
	const size = plain === 0xffffffff ? wide() : plain;
	const stored = packed === 0xffffffff ? wide() : packed;
	const headerOffset = local === 0xffffffff ? wide() : local;
	const method = view.getUint16(at + 10, true);
	if (view.getUint16(at + 8, true) & 1)
		throw new BadPickle(`"${name}" is encrypted`);
	if (method === 0 && stored !== size)
		throw new BadPickle(`"${name}" has two sizes, ${stored} and ${size}`);
	return {
		name,
		size,
		headerOffset,
		method,
		crc32: view.getUint32(at + 16, true),
	};
}

/** The 8-byte numbers of the zip64 extra field, one after the other. */
function wideFields(
	view: DataView,
	start: number,
	bytes: number,
): () => number {
	let at = start;
	let end = start;
	for (let field = start; field + 4 <= start + bytes; ) {
		const length = view.getUint16(field + 2, true);
		if (view.getUint16(field, true) === 1) {
			at = field + 4;
			end = Math.min(at + length, start + bytes);
		}
		field += 4 + length;
	}
	return () => {
		if (at + 8 > end) throw new BadPickle("a zip64 entry lacks its sizes");
		at += 8;
		return Number(view.getBigUint64(at - 8, true));
	};
}

interface Directory {
	readonly offset: number;
	readonly bytes: number;
	readonly count: number;
}

async function findDirectory(
	file: FileHandle,
	size: number,
): Promise<Directory> {
	const tail = Math.min(size, MAX_TAIL);
	const view = await viewOf(file, size - tail, tail);
	let at = tail - END_BYTES;
	while (at >= 0 && view.getUint32(at, true) !== END) at--;
	if (at < 0)
		throw new BadPickle("the end of its archive is missing (it was cut off)");
	const locator = at - 20;
	if (locator >= 0 && view.getUint32(locator, true) === END64_LOCATOR) {
		const where = Number(view.getBigUint64(locator + 8, true));
		if (where + 56 > size) throw new BadPickle("its zip64 end is damaged");
		const end = await viewOf(file, where, 56);
		if (end.getUint32(0, true) !== END64)
			throw new BadPickle("its zip64 end is damaged");
		return {
			count: Number(end.getBigUint64(32, true)),
			bytes: Number(end.getBigUint64(40, true)),
			offset: Number(end.getBigUint64(48, true)),
		};
	}
	return {
		count: view.getUint16(at + 10, true),
		bytes: view.getUint32(at + 12, true),
		offset: view.getUint32(at + 16, true),
	};
}

/** Where an entry's bytes begin in the file; all of them are there. @throws BadPickle. */
export async function locateZipEntry(
	file: FileHandle,
	fileSize: number,
	{ name, size, headerOffset }: ZipEntry,
): Promise<number> {
	if (headerOffset + 30 > fileSize)
		throw new BadPickle(`"${name}" begins behind the end of the file`);
	const header = await viewOf(file, headerOffset, 30);
	if (header.getUint32(0, true) !== LOCAL)
		throw new BadPickle(`"${name}" has no header`);
	const start =
		headerOffset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
	if (start + size > fileSize)
		throw new BadPickle(
			`"${name}" claims ${size} bytes, the file has ${Math.max(0, fileSize - start)} there`,
		);
	return start;
}

/** An entry's bytes, in memory that threads share, its CRC checked. @throws BadPickle. */
export async function readZipEntry(
	file: FileHandle,
	fileSize: number,
	entry: ZipEntry,
): Promise<Uint8Array<SharedArrayBuffer>> {
	const { name, size, method, crc32: expected } = entry;
	if (method !== 0)
		throw new BadPickle(`"${name}" is compressed, which torch.save never does`);
	const start = await locateZipEntry(file, fileSize, entry);
	const bytes = new Uint8Array(new SharedArrayBuffer(size));
	if ((await readFully(file, bytes, start)) < size)
		throw new BadPickle(`the file ended within "${name}"`);
	if (crc32(bytes) !== expected)
		throw new BadPickle(`"${name}" is damaged: its CRC-32 differs`);
	return bytes;
}

async function viewOf(
	file: FileHandle,
	position: number,
	length: number,
): Promise<DataView> {
	const bytes = new Uint8Array(length);
	if ((await readFully(file, bytes, position)) < length)
		throw new BadPickle(`the file ended behind byte ${position}`);
	return new DataView(bytes.buffer);
}
