import { closeSync, openSync, readSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { sha256 } from "../fingerprint.ts";
import { sizeOf, typedArray } from "../model/dtypes.ts";
import type { Tensor } from "../model/types.ts";
import { parseHeader } from "../model/weights/safetensors.ts";
import { writeSafetensors } from "../model/weights/safetensors-write.ts";
import { fromHalves, toHalves } from "./half.ts";

/** What rows are kept in. Readers get float32. */
export type ShardDtype = "float32" | "float16";

/**
 * A shard: some rows of features in one .safetensors file, named by the sha256 of its own bytes, so that
 * any damage shows and equal shards of two processes are one file.
 *
 *   <sha256 of the file>.safetensors
 *     features   float32 or float16 [n, …shape]
 *     metadata   photos: the n sha256s of the rows' photos, joined by commas
 */
export interface Shard {
	/** Photo of each row. */
	readonly photos: readonly string[];
	/** float32 [n, …shape]. */
	readonly features: Float32Array;
}

/** What a shard's name looks like. */
export const SHARD_NAME = /^[0-9a-f]{64}\.safetensors$/;

/**
 * A shard's file name and bytes. Rows are sorted by photo, so that the same rows give the same file.
 * @throws RunError "feature-overflow" for numbers that are no float16.
 */
export function encodeShard(
	rows: ReadonlyMap<string, Float32Array>,
	shape: readonly number[],
	dtype: ShardDtype = "float32",
): { readonly name: string; readonly bytes: Uint8Array } {
	const photos = [...rows.keys()].sort();
	const length = sizeOf(shape);
	const data = new Float32Array(photos.length * length);
	photos.forEach((photo, row) => {
		data.set(rows.get(photo) as Float32Array, row * length);
	});
	const features: Tensor = {
		dtype,
		shape: [photos.length, ...shape],
		data: dtype === "float16" ? toHalves(data) : data,
	};
	const bytes = writeSafetensors(new Map([["features", features]]), {
		photos: photos.join(","),
	});
	return { name: `${sha256(bytes)}.safetensors`, bytes };
}

/**
 * Reads and checks a shard.
 * @returns what is wrong with it, in words, if it is damaged or holds rows of another shape; undefined if it is gone.
 */
export async function readShard(
	path: string,
	shape: readonly number[],
	dtype: ShardDtype = "float32",
): Promise<Shard | { readonly damage: string } | undefined> {
	let bytes: Buffer;
	try {
		bytes = await readFile(path);
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		return code === "ENOENT" ? undefined : { damage: message };
	}
	if (!path.endsWith(`${sha256(bytes)}.safetensors`))
		return { damage: "its bytes do not have the checksum in its name" };
	const length = Number(bytes.readBigUInt64LE(0));
	const header = parseHeader(
		bytes.subarray(8, 8 + length),
		bytes.length - 8 - length,
		path,
	);
	const [entry] = header.entries;
	const photos = photosOf(header.metadata);
	const expected = [photos.length, ...shape];
	if (
		header.entries.length !== 1 ||
		entry.dtype !== dtype ||
		entry.shape.join() !== expected.join()
	)
		return {
			damage: `it holds ${entry?.dtype} [${entry?.shape}], expected ${dtype} [${expected}]`,
		};
	const start = bytes.byteOffset + header.dataOffset;
	const size = sizeOf(expected);
	if (entry.dtype === "float16") {
		const halves = typedArray(
			"float16",
			bytes.subarray(header.dataOffset),
			size,
		);
		return { photos, features: fromHalves(halves as Uint16Array) };
	}
	const features =
		start % 4 === 0
			? new Float32Array(bytes.buffer, start, size)
			: new Float32Array(bytes.buffer.slice(start, start + 4 * size));
	return { photos, features };
}

/** The photos of a shard and its rows' shape, by its header alone, which is not checked; undefined if it cannot be read. */
export function peekShard(path: string):
	| {
			readonly photos: readonly string[];
			readonly shape: readonly number[];
			readonly dtype: ShardDtype;
	  }
	| undefined {
	let file: number | undefined;
	try {
		file = openSync(path, "r");
		const first = new Uint8Array(8);
		readSync(file, first, 0, 8, 0);
		const length = Number(new DataView(first.buffer).getBigUint64(0, true));
		const { size } = statSync(path);
		if (length > size - 8) return undefined;
		const text = new Uint8Array(length);
		readSync(file, text, 0, length, 8);
		const { entries, metadata } = parseHeader(text, size - 8 - length, path);
		const [, ...shape] = entries[0]?.shape ?? [];
		const dtype = entries[0]?.dtype === "float16" ? "float16" : "float32";
		return { photos: photosOf(metadata), shape, dtype };
	} catch {
		return undefined;
	} finally {
		if (file !== undefined) closeSync(file);
	}
}

function photosOf(
	metadata: Readonly<Record<string, string>>,
): readonly string[] {
	return metadata.photos ? metadata.photos.split(",") : [];
}
