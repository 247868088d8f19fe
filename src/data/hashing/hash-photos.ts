import { createHash } from "node:crypto";
import {
	type BigIntStats,
	createReadStream,
	realpathSync,
	stat,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { RunError } from "../../diagnostic.ts";
import { sha256 } from "../../fingerprint.ts";
import { type DataDiagnostic, dataWarning, nameSome } from "../diagnose.ts";
import { type FileStamp, openHashIndex } from "./hash-index.ts";

/** Files larger than this are hashed piece by piece. */
const LARGE_BYTES = 32 * 2 ** 20;
/** Files looked at at once: enough for a network file system, little memory. */
const AT_ONCE = 16;

const statBigInt = promisify(
	(path: string, done: (error: Error | null, stats: BigIntStats) => void) =>
		stat(path, { bigint: true }, done),
);

/** Hashes of all photos, in the order asked for. */
export interface Hashed {
	/** 64 hex digits each, in the order of the paths. */
	readonly sha256s: readonly string[];
	readonly warnings: readonly DataDiagnostic[];
}

/**
 * sha256 of the bytes of each photo, from the index where nothing changed since the last time.
 * @param paths relative to root.
 * @throws RunError "photo-unreadable" naming the files.
 */
export async function hashPhotos(
	root: string,
	paths: readonly string[],
	cacheFolder: string,
): Promise<Hashed> {
	const index = openHashIndex(cacheFolder, realpathSync.native(root));
	const sha256s = new Array<string>(paths.length);
	const failures: { path: string; message: string }[] = [];
	let next = 0;

	async function work(): Promise<void> {
		while (next < paths.length) {
			const at = next++;
			const path = paths[at];
			try {
				sha256s[at] = await hashOne(path);
			} catch (error) {
				failures.push({ path, message: (error as Error).message });
			}
		}
	}

	async function hashOne(path: string): Promise<string> {
		const file = join(root, path);
		const stamp = stampOf(await statBigInt(file));
		const known = index.find(path, stamp);
		if (known !== undefined) return known;
		const nowNs = BigInt(Date.now()) * 1_000_000n;
		const hash = await hashFile(file, stamp.size);
		const after = stampOf(await statBigInt(file));
		if (after.mtimeNs === stamp.mtimeNs && after.size === stamp.size)
			index.remember(path, stamp, hash, nowNs);
		return hash;
	}

	await Promise.all(Array.from({ length: AT_ONCE }, work));
	if (failures.length > 0) throw unreadable(root, failures);
	try {
		index.save();
	} catch (error) {
		return { sha256s, warnings: [notSaved(cacheFolder, error as Error)] };
	}
	return { sha256s, warnings: [] };
}

function stampOf(stats: BigIntStats): FileStamp {
	return {
		size: Number(stats.size),
		mtimeNs: stats.mtimeNs,
		ctimeNs: stats.ctimeNs,
		inode: stats.ino,
	};
}

async function hashFile(file: string, size: number): Promise<string> {
	if (size <= LARGE_BYTES) return sha256(await readFile(file));
	const hash = createHash("sha256");
	for await (const chunk of createReadStream(file)) hash.update(chunk);
	return hash.digest("hex");
}

function unreadable(
	root: string,
	failures: readonly { path: string; message: string }[],
): RunError {
	const sorted = [...failures].sort((a, b) => (a.path < b.path ? -1 : 1));
	const lines = sorted
		.slice(0, 10)
		.map(({ path, message }) => `  ${path}: ${message}`);
	if (sorted.length > 10) lines.push(`  and ${sorted.length - 10} more`);
	return new RunError(
		"photo-unreadable",
		`${sorted.length} of the photos in ${root} cannot be read:\n${lines.join("\n")}`,
		{ fix: "check the files' permissions, or remove them" },
	);
}

function notSaved(cacheFolder: string, error: Error): DataDiagnostic {
	return dataWarning(
		["data", "root"],
		"cache-not-writable",
		`the photos' hashes cannot be kept in ${nameSome([cacheFolder])}: ${error.message}`,
		{
			reason: "the next run has to read all photos again",
			fix: "give a folder that can be written: --cache DIR or GRAFT_CACHE",
		},
	);
}
