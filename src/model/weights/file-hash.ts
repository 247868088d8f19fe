import { createHash } from "node:crypto";
import { createReadStream, statSync, utimesSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../../fingerprint.ts";
import { writeWhole } from "../../write-whole.ts";

interface Remembered {
	readonly size: number;
	readonly mtimeMs: number;
	readonly ino: number;
	readonly sha256: string;
}

/**
 * sha256 of a file, remembered in `<cache>/file-hashes/` under its path with size, time and inode, so that a
 * plan need not read half a gigabyte of weights again. The file must exist.
 */
export async function fileSha256(path: string, cache: string): Promise<string> {
	const { size, mtimeMs, ino } = await stat(path);
	const known = await readMemo(memoOf(path, cache));
	if (known?.size === size && known.mtimeMs === mtimeMs && known.ino === ino) {
		noteUse(path, cache);
		return known.sha256;
	}
	const hash = createHash("sha256");
	for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
		hash.update(chunk as Buffer);
	const digest = hash.digest("hex");
	remember(path, cache, { size, mtimeMs, ino, sha256: digest });
	return digest;
}

/** Remembers the sum of a file whose bytes have just been hashed on their way. */
export async function rememberSha256(
	path: string,
	cache: string,
	digest: string,
): Promise<void> {
	const { size, mtimeMs, ino } = await stat(path);
	remember(path, cache, { size, mtimeMs, ino, sha256: digest });
}

/** When the sum of a file was last asked for, which is when it was last used; undefined: never. */
export function usedAt(path: string, cache: string): Date | undefined {
	return statSync(memoOf(path, cache), { throwIfNoEntry: false })?.mtime;
}

function noteUse(path: string, cache: string): void {
	try {
		const now = new Date();
		utimesSync(memoOf(path, cache), now, now);
	} catch {
		// As in `remember`.
	}
}

function remember(path: string, cache: string, known: Remembered): void {
	try {
		writeWhole(memoOf(path, cache), JSON.stringify(known));
	} catch {
		// A cache that cannot be written costs time, not the result.
	}
}

function memoOf(path: string, cache: string): string {
	return join(cache, "file-hashes", `${sha256(path)}.json`);
}

async function readMemo(path: string): Promise<Remembered | undefined> {
	try {
		const value: unknown = JSON.parse(await readFile(path, "utf8"));
		const memo = value as Remembered;
		return /^[0-9a-f]{64}$/.test(memo.sha256) ? memo : undefined;
	} catch {
		return undefined;
	}
}
