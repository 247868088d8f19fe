import {
	type Dirent,
	existsSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
} from "node:fs";
import { join } from "node:path";
import { featuresFolder, shardNames } from "./cache.ts";
import { peekShard, readShard } from "./shard.ts";

/** What `graft cache ls | gc | verify` do with the feature keys of a cache folder. */

/** What is kept under one feature key. */
export interface CacheEntry {
	/** The feature key, 64 hex digits. */
	readonly key: string;
	/** Different photos that have a row. */
	readonly rows: number;
	/** Of one row, without the batch dimension; empty where there is none. */
	readonly shape: readonly number[];
	readonly shards: number;
	/** Of all files. */
	readonly bytes: number;
	readonly lastUsed: Date;
	/** What the key is made of, from key.json; undefined where that is missing. */
	readonly madeOf: unknown;
}

/** All feature keys, the last used first. */
export function listCache(cacheFolder: string): readonly CacheEntry[] {
	return keys(cacheFolder)
		.map((key) => entryOf(join(featuresFolder(cacheFolder), key), key))
		.sort((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
}

/** Which keys are to go. */
export interface GcOptions {
	/** Remove the least recently used keys until the rest is no larger. */
	readonly maxBytes?: number;
	/** Remove keys that were not used for so long. */
	readonly olderThanDays?: number;
}

/** Removes whole keys, and what crashed processes left half-written. Others that read a key meanwhile compute its rows again. */
export function gcCache(
	cacheFolder: string,
	options: GcOptions,
): readonly CacheEntry[] {
	const entries = listCache(cacheFolder);
	const oldest =
		options.olderThanDays === undefined
			? Number.NEGATIVE_INFINITY
			: Date.now() - options.olderThanDays * 86_400_000;
	let kept = 0;
	const removed = entries.filter((entry) => {
		const unwanted =
			entry.lastUsed.getTime() < oldest ||
			(options.maxBytes !== undefined && kept + entry.bytes > options.maxBytes);
		if (!unwanted) kept += entry.bytes;
		return unwanted;
	});
	const all = featuresFolder(cacheFolder);
	for (const { key } of removed) {
		// Renamed first, so that nobody finds half of it.
		const doomed = join(all, `${key}.${process.pid}.tmp`);
		renameSync(join(all, key), doomed);
		rmSync(doomed, { recursive: true, force: true });
	}
	removeLeftovers(all);
	return removed;
}

/** A file whose bytes are not what was written. */
export interface DamagedShard {
	readonly path: string;
	/** What is wrong, in words. */
	readonly damage: string;
}

/** Reads every row and compares every checksum. */
export async function verifyCache(cacheFolder: string): Promise<{
	readonly shards: number;
	readonly rows: number;
	readonly damaged: readonly DamagedShard[];
}> {
	let shards = 0;
	let rows = 0;
	const damaged: DamagedShard[] = [];
	for (const key of keys(cacheFolder)) {
		const folder = join(featuresFolder(cacheFolder), key);
		for (const name of shardNames(folder)) {
			const path = join(folder, name);
			const peeked = peekShard(path);
			const shard = await readShard(path, peeked?.shape ?? [], peeked?.dtype);
			if (shard === undefined) continue;
			shards++;
			if ("damage" in shard) damaged.push({ path, damage: shard.damage });
			else rows += shard.photos.length;
		}
	}
	return { shards, rows, damaged };
}

function keys(cacheFolder: string): readonly string[] {
	return children(featuresFolder(cacheFolder))
		.filter((entry) => entry.isDirectory() && !entry.name.endsWith(".tmp"))
		.map(({ name }) => name);
}

function entryOf(folder: string, key: string): CacheEntry {
	const photos = new Set<string>();
	let shape: readonly number[] = [];
	const names = shardNames(folder);
	for (const name of names) {
		const shard = peekShard(join(folder, name));
		for (const photo of shard?.photos ?? []) photos.add(photo);
		shape = shard?.shape ?? shape;
	}
	let bytes = 0;
	for (const { name } of children(folder))
		bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
	const stamp = join(folder, "last-used");
	const { mtime } = statSync(existsSync(stamp) ? stamp : folder);
	return {
		key,
		rows: photos.size,
		shape,
		shards: names.length,
		bytes,
		lastUsed: mtime,
		madeOf: madeOf(join(folder, "key.json")),
	};
}

function madeOf(path: string): unknown {
	try {
		return (JSON.parse(readFileSync(path, "utf8")) as { madeOf?: unknown })
			.madeOf;
	} catch {
		return undefined;
	}
}

/** Temporary files and folders older than an hour: whoever wrote them is gone. */
function removeLeftovers(folder: string): void {
	for (const entry of children(folder)) {
		const path = join(folder, entry.name);
		if (!entry.name.endsWith(".tmp")) {
			if (entry.isDirectory()) removeLeftovers(path);
			continue;
		}
		const stat = statSync(path, { throwIfNoEntry: false });
		if (stat && Date.now() - stat.mtimeMs > 3_600_000)
			rmSync(path, { recursive: true, force: true });
	}
}

function children(folder: string): readonly Dirent[] {
	try {
		return readdirSync(folder, { withFileTypes: true });
	} catch {
		return [];
	}
}
