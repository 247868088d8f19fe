import {
	closeSync,
	existsSync,
	openSync,
	readdirSync,
	rmSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import type { Json } from "../fingerprint.ts";
import { makeFolder } from "../make-folder.ts";
import { sizeOf } from "../model/dtypes.ts";
import { writeWhole } from "../write-whole.ts";
import {
	encodeShard,
	peekShard,
	readShard,
	SHARD_NAME,
	type ShardDtype,
} from "./shard.ts";

/**
 * Rows of features on disk, by the sha256 of the photo: no labels, no splits, no paths.
 *
 *   <cache>/features/<feature key>/
 *     key.json                  what the key is made of, for people
 *     <sha256>.safetensors      shards (shard.ts)
 *     last-used                 its time says when
 *
 * Every file is written beside and then renamed, and never changed afterwards. Processes at once write
 * shards of their own; a reader takes the union. Rows that two of them computed are equal, and either will do.
 */
export interface FeatureCache {
	/** The folder of this key. */
	readonly folder: string;
	/**
	 * Copies the rows that are there into `target`, float32 [n, …shape]: the row of photo p to index rowOf(p).
	 * Damaged shards are reported by `onDamage` and removed.
	 * @returns the photos that are missing, in the order of `rowOf`.
	 */
	readonly read: (
		rowOf: ReadonlyMap<string, number>,
		target: Float32Array,
	) => Promise<readonly string[]>;
	/**
	 * Writes rows, each float32 [...shape], as one shard.
	 * @throws RunError "cache-not-writable", "feature-overflow".
	 */
	readonly append: (rows: ReadonlyMap<string, Float32Array>) => void;
	/** Finds out before work begins whether rows can be kept. @throws RunError "cache-not-writable". */
	readonly prepare: () => void;
}

/** What is said of a key, and to whom. */
export interface FeatureCacheOptions {
	/** What the key is made of: goes into key.json. */
	readonly madeOf?: Json;
	/** What rows are kept in; undefined: float32. */
	readonly dtype?: ShardDtype;
	/** A damaged shard was found (and removed, its rows to be computed again). */
	readonly onDamage?: (message: string) => void;
}

/** The folder of all feature keys. */
export function featuresFolder(cacheFolder: string): string {
	return join(cacheFolder, "features");
}

/** The rows kept under `key`, float32 of this shape each. Nothing is read or written yet. */
export function openFeatureCache(
	cacheFolder: string,
	key: string,
	shape: readonly number[],
	options: FeatureCacheOptions = {},
): FeatureCache {
	const folder = join(featuresFolder(cacheFolder), key);
	const length = sizeOf(shape);

	async function read(
		rowOf: ReadonlyMap<string, number>,
		target: Float32Array,
	): Promise<readonly string[]> {
		const missing = new Set(rowOf.keys());
		for (const name of shardNames(folder)) {
			if (missing.size === 0) break;
			const path = join(folder, name);
			const peeked = peekShard(path);
			if (peeked && !peeked.photos.some((photo) => missing.has(photo)))
				continue;
			const shard = await readShard(path, shape, options.dtype);
			if (shard === undefined) continue;
			if ("damage" in shard) {
				const gone = remove(path) ? " It was removed;" : "";
				options.onDamage?.(
					`the cached features in ${path} are damaged: ${shard.damage}.${gone} its rows are computed again`,
				);
				continue;
			}
			shard.photos.forEach((photo, row) => {
				const at = rowOf.get(photo);
				if (at === undefined || !missing.delete(photo)) return;
				const from = row * length;
				target.set(shard.features.subarray(from, from + length), at * length);
			});
		}
		if (missing.size < rowOf.size) touch(folder);
		return [...missing];
	}

	function prepare(): void {
		writing(folder, () => {
			makeFolder(folder);
			const probe = join(folder, `${process.pid}.tmp`);
			writeFileSync(probe, "");
			rmSync(probe);
			if (existsSync(join(folder, "key.json"))) return;
			const made = { format: "graft features 1", key, shape };
			const { dtype = "float32", madeOf } = options;
			const content = { ...made, dtype, madeOf };
			const text = `${JSON.stringify(content, null, "\t")}\n`;
			writeWhole(join(folder, "key.json"), text, { durable: true });
		});
	}

	function append(rows: ReadonlyMap<string, Float32Array>): void {
		if (rows.size === 0) return;
		prepare();
		const { name, bytes } = encodeShard(rows, shape, options.dtype);
		writing(folder, () =>
			writeWhole(join(folder, name), bytes, { durable: true }),
		);
		touch(folder);
	}

	return { folder, read, append, prepare };
}

/** Names of a key's shards, sorted. */
export function shardNames(folder: string): readonly string[] {
	try {
		return readdirSync(folder)
			.filter((name) => SHARD_NAME.test(name))
			.sort();
	} catch {
		return [];
	}
}

function writing(folder: string, work: () => void): void {
	try {
		work();
	} catch (cause) {
		const isFull = (cause as NodeJS.ErrnoException).code === "ENOSPC";
		const other = "give another folder: --cache DIR or GRAFT_CACHE";
		throw new RunError(
			"cache-not-writable",
			`features cannot be written to ${folder}: ${(cause as Error).message}`,
			{
				fix: isFull ? `free some space (graft cache gc), or ${other}` : other,
				cause,
			},
		);
	}
}

/** Says when the key was last used; whoever may not write need not say it. */
function touch(folder: string): void {
	const path = join(folder, "last-used");
	try {
		if (!existsSync(path)) closeSync(openSync(path, "a"));
		const now = new Date();
		utimesSync(path, now, now);
	} catch {
		// A shared cache that this user may only read.
	}
}

function remove(path: string): boolean {
	try {
		rmSync(path);
		return true;
	} catch {
		return false;
	}
}
