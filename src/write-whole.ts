import {
	closeSync,
	fsyncSync,
	openSync,
	renameSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "./make-folder.ts";

/**
 * Writes a file, whole or in pieces, beside its place and renames it, so that a reader sees the whole file or none; makes its folder.
 * @param options.durable on the disk when it returns: a rename that survives a power cut must not name an empty file.
 * @throws what the system says; nothing half-written stays.
 */
export function writeWhole(
	path: string,
	content: string | Uint8Array | readonly Uint8Array[],
	options: { readonly durable?: boolean } = {},
): void {
	const temporary = `${path}.${process.pid}.tmp`;
	try {
		makeFolder(dirname(path));
		const file = openSync(temporary, "w");
		try {
			const parts = Array.isArray(content) ? content : [content];
			for (const part of parts) writeFileSync(file, part);
			if (options.durable) fsyncSync(file);
		} finally {
			closeSync(file);
		}
		renameSync(temporary, path);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw error;
	}
}

/**
 * Puts files that were written without `durable` onto the disk, side by side: together they take about as long as one.
 * @throws what the system says
 */
export async function syncFiles(paths: readonly string[]): Promise<void> {
	await Promise.all(
		paths.map(async (path) => {
			const file = await open(path, "r+");
			try {
				await file.sync();
			} finally {
				await file.close();
			}
		}),
	);
}
