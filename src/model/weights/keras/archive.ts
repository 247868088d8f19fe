import { type FileHandle, open } from "node:fs/promises";
import { BadPickle } from "../pth/faults.ts";
import { locateZipEntry, readZipDirectory, readZipEntry } from "../pth/zip.ts";
import { type KerasLayerConfig, layersOfConfig } from "./config.ts";
import { BadKeras } from "./faults.ts";
import type { Hdf5Place } from "./hdf5.ts";

/**
 * Keras 3's .keras (keras/src/saving/saving_lib.py), a zip archive of stored entries:
 *
 *   metadata.json │ config.json │ model.weights.h5
 *
 * Nothing is unpacked: the weights are read where they lie, so the names of its entries lead nowhere.
 */
const CONFIG = "config.json";
const WEIGHTS = "model.weights.h5";
const MAX_CONFIG_BYTES = 64 << 20;

/** Where the weights lie in the archive, and the model's layers. @throws BadKeras. */
export async function readKerasArchive(path: string): Promise<{
	readonly weights: Hdf5Place;
	readonly config: readonly KerasLayerConfig[];
}> {
	const file = await open(path, "r");
	try {
		return await readEntries(file, path);
	} catch (error) {
		// The reader of archives is that of .pth files.
		throw error instanceof BadPickle ? new BadKeras(error.message) : error;
	} finally {
		await file.close();
	}
}

async function readEntries(file: FileHandle, path: string) {
	const { size } = await file.stat();
	const entries = await readZipDirectory(file, size);
	const [config, weights] = [CONFIG, WEIGHTS].map((name) => {
		const entry = entries.get(name);
		if (entry === undefined)
			throw new BadKeras(`it is a zip archive without ${name}`);
		if (entry.method !== 0)
			throw new BadKeras(
				`"${name}" is compressed, which Keras never does: it was packed again by another program`,
			);
		return entry;
	}) as [Entry, Entry];
	if (config.size > MAX_CONFIG_BYTES)
		throw new BadKeras(`its ${CONFIG} claims ${config.size} bytes`);
	const text = await readZipEntry(file, size, config);
	const offset = await locateZipEntry(file, size, weights);
	return {
		weights: { path, offset, size: weights.size },
		config: layersOfConfig(Buffer.from(text).toString()),
	};
}

type Entry = Parameters<typeof readZipEntry>[2];

/** Whether a zip archive is Keras's rather than torch's. */
export async function isKerasArchive(path: string): Promise<boolean> {
	const file = await open(path, "r");
	try {
		const entries = await readZipDirectory(file, (await file.stat()).size);
		return (
			entries.has(WEIGHTS) ||
			(entries.has(CONFIG) && entries.has("metadata.json"))
		);
	} catch {
		return false;
	} finally {
		await file.close();
	}
}
