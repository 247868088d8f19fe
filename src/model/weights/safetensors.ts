import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { RunError } from "../../diagnostic.ts";
import { dtypeOfSafetensors, KINDS, sizeOf, typedArray } from "../dtypes.ts";
import type { DType, Tensor, Weights } from "../types.ts";
import { readFully } from "./read-fully.ts";

/**
 * Reader of .safetensors files (https://github.com/huggingface/safetensors#format):
 *
 *   8 bytes: N, little-endian │ N bytes: JSON header │ data, offsets counted from here
 *
 * The header is not trusted: it is read first and every number in it is checked against the file.
 */

/** The format's own limit, so that a wrong first word cannot ask for gigabytes. */
const MAX_HEADER_BYTES = 100_000_000;

/** One tensor of the header. */
export interface SafetensorsEntry {
	readonly name: string;
	readonly dtype: DType;
	readonly shape: readonly number[];
	/** First and one past the last byte, counted from the end of the header. */
	readonly begin: number;
	readonly end: number;
}

/** A header, checked. */
export interface SafetensorsHeader {
	readonly entries: readonly SafetensorsEntry[];
	readonly metadata: Readonly<Record<string, string>>;
	/** Where the data begins in the file. */
	readonly dataOffset: number;
}

/** A whole file. */
export interface SafetensorsFile {
	/** In the order of their bytes. */
	readonly tensors: Weights;
	readonly metadata: Readonly<Record<string, string>>;
	/** Of the whole file. */
	readonly sha256: string;
}

/** Reads a whole file, into memory that threads share. @throws RunError "weights-unreadable". */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
	const { start, data, ...read } = await readTensors(path);
	const sha256 = createHash("sha256").update(start).update(data).digest("hex");
	return { ...read, sha256 };
}

/** The same without the sum, which takes longer than the reading: for files whose sum is known. */
export async function readTensors(path: string): Promise<
	Omit<SafetensorsFile, "sha256"> & {
		/** Bytes of the header and of what follows it. */
		readonly start: Uint8Array;
		readonly data: Uint8Array;
	}
> {
	const file = await openFile(path);
	try {
		const { size } = await file.stat();
		const header = await headerOf(file, size, path);
		const start = new Uint8Array(header.dataOffset);
		await readWhole(file, start, 0, path);
		const data = new Uint8Array(
			new SharedArrayBuffer(size - header.dataOffset),
		);
		await readWhole(file, data, header.dataOffset, path);
		const tensors = new Map<string, Tensor>();
		for (const { name, dtype, shape, begin, end } of header.entries)
			tensors.set(name, {
				dtype,
				shape,
				data: typedArray(dtype, data.subarray(begin, end), sizeOf(shape)),
			});
		return { tensors, metadata: header.metadata, start, data };
	} finally {
		await file.close();
	}
}

/** Names, types and shapes without the data. @throws RunError "weights-unreadable". */
export async function readSafetensorsHeader(
	path: string,
): Promise<SafetensorsHeader> {
	const file = await openFile(path);
	try {
		return await headerOf(file, (await file.stat()).size, path);
	} finally {
		await file.close();
	}
}

async function openFile(path: string): Promise<FileHandle> {
	try {
		const file = await open(path, "r");
		if ((await file.stat()).isFile()) return file;
		await file.close();
	} catch (cause) {
		throw new RunError("weights-unreadable", `${path}: cannot be opened`, {
			fix: "check the path of the weights file and its permissions",
			cause,
		});
	}
	throw unreadable(path, "a .safetensors file was expected, this is a folder");
}

async function headerOf(
	file: FileHandle,
	size: number,
	path: string,
): Promise<SafetensorsHeader> {
	if (size < 8)
		throw unreadable(path, `the file ends after ${size} of its first 8 bytes`);
	const first = new Uint8Array(8);
	await readWhole(file, first, 0, path);
	const length = Number(new DataView(first.buffer).getBigUint64(0, true));
	if (length > MAX_HEADER_BYTES || length > size - 8)
		throw unreadable(
			path,
			`its header claims ${length} bytes, the file has ${size - 8} after the first word`,
		);
	const text = new Uint8Array(length);
	await readWhole(file, text, 8, path);
	return parseHeader(text, size - 8 - length, path);
}

/** A header's checked contents; `dataBytes` is how much data follows it. @throws RunError "weights-unreadable". */
export function parseHeader(
	text: Uint8Array,
	dataBytes: number,
	path: string,
): SafetensorsHeader {
	const json = parseJson(text, path);
	const entries: SafetensorsEntry[] = [];
	let metadata: Record<string, string> = {};
	for (const [name, value] of Object.entries(json)) {
		if (name === "__metadata__") metadata = metadataOf(value, path);
		else entries.push(entryOf(name, value, path));
	}
	entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
	let expected = 0;
	for (const entry of entries) {
		if (entry.begin !== expected)
			throw unreadable(
				path,
				`tensor "${entry.name}" begins at byte ${entry.begin} of the data, ${expected} was expected (no gaps, no overlaps)`,
			);
		expected = entry.end;
	}
	if (expected !== dataBytes)
		throw unreadable(
			path,
			`its header describes ${expected} bytes of data, the file has ${dataBytes}`,
		);
	return { entries, metadata, dataOffset: 8 + text.length };
}

function parseJson(text: Uint8Array, path: string): Record<string, unknown> {
	let value: unknown;
	try {
		value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
	} catch (cause) {
		throw unreadable(path, "its header is not JSON", cause);
	}
	if (!isRecord(value)) throw unreadable(path, "its header is no JSON object");
	return value;
}

function metadataOf(value: unknown, path: string): Record<string, string> {
	if (
		isRecord(value) &&
		Object.values(value).every((text) => typeof text === "string")
	)
		return value as Record<string, string>;
	throw unreadable(path, "__metadata__ must map names to texts");
}

function entryOf(name: string, value: unknown, path: string): SafetensorsEntry {
	const {
		dtype: word,
		shape,
		data_offsets: offsets,
	} = isRecord(value) ? value : {};
	const dtype = dtypeOfSafetensors(String(word));
	if (dtype === undefined)
		throw unreadable(path, `tensor "${name}" has the unknown dtype ${word}`);
	if (
		!isSizes(shape) ||
		!Number.isSafeInteger(sizeOf(shape)) ||
		!isSizes(offsets) ||
		offsets.length !== 2
	)
		throw unreadable(
			path,
			`tensor "${name}" needs a shape and two data_offsets of whole numbers`,
		);
	const [begin, end] = offsets as [number, number];
	const bytes = sizeOf(shape) * KINDS[dtype].bytes;
	if (end - begin !== bytes)
		throw unreadable(
			path,
			`tensor "${name}" (${word} [${shape}]) needs ${bytes} bytes, its data_offsets span ${end - begin}`,
		);
	return { name, dtype, shape, begin, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
	return (
		Array.isArray(value) &&
		value.every((item) => Number.isSafeInteger(item) && item >= 0)
	);
}

/** @throws RunError "weights-unreadable" where the file ends too early. */
async function readWhole(
	file: FileHandle,
	into: Uint8Array,
	position: number,
	path: string,
): Promise<void> {
	const done = await readFully(file, into, position);
	if (done < into.length)
		throw unreadable(
			path,
			`it ended at byte ${position + done}, ${into.length - done} more were expected`,
		);
}

function unreadable(path: string, what: string, cause?: unknown): RunError {
	return new RunError(
		"weights-unreadable",
		`${path} is not a whole .safetensors file: ${what}`,
		{ fix: "fetch or write the weights file again", cause },
	);
}
