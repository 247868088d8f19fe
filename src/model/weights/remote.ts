import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { RunError } from "../../diagnostic.ts";
import { sha256 } from "../../fingerprint.ts";
import type { FetchTalk } from "../types.ts";
import { fileSha256 } from "./file-hash.ts";
import { endpointFrom, type FoundWeights, fetchHub, locateHub } from "./hub.ts";
import {
	LOCK_FILE,
	type LockEntry,
	type LockedFile,
	pin,
	readLock,
} from "./lock.ts";
import { type Elsewhere, locateInTorch } from "./other-caches.ts";
import { patienceFrom } from "./remote/ask.ts";
import { type FetchOptions, fetchFile, isThere } from "./remote/fetch-file.ts";
import type { Env } from "./remote/proxy.ts";
import {
	offlineBy,
	type RemoteSource,
	sourceKey,
	urlPlace,
	weightsFolder,
} from "./remote/source.ts";

/** Weights that a source names, in the cache or yet to be fetched. */

/** Where they are kept and pinned. */
export interface RemotePlace {
	readonly cache: string;
	/** Path of weights.lock.json; undefined: nothing is pinned. */
	readonly lockFile: string | undefined;
}

/** What is known of a source without asking anybody; it may lie in another program's cache. */
export interface LocatedWeights {
	/** What is to be opened; undefined where it must be fetched first. */
	readonly path: string | undefined;
	/** Whether weights.lock.json has them, or is not wanted. */
	readonly isPinned: boolean;
}

/**
 * Looks in the cache, and holds what is there against weights.lock.json.
 * @throws RunError "weights-lock".
 */
export async function locateWeights(
	source: RemoteSource,
	{ cache, lockFile }: RemotePlace,
	env: Env = process.env,
): Promise<LocatedWeights> {
	const key = sourceKey(source);
	const locked = lockFile ? readLock(lockFile)[key] : undefined;
	const isPinned = locked !== undefined || lockFile === undefined;
	const found = await locate(source, { locked, cache, env });
	if (found === undefined) return { path: undefined, isPinned };
	if (source.kind === "url" && source.sha256Prefix !== undefined)
		await checkPrefix(source.sha256Prefix, found, cache);
	if (locked) {
		const here = await entryOf(found, cache);
		for (const [name, { sha256: wanted }] of Object.entries(locked.files)) {
			const { sha256: got } = here.files[name] ?? {};
			if (got !== wanted) throw lockError(key, name, got, wanted, found);
		}
	}
	return { path: found.files[0]?.path, isPinned };
}

/**
 * Fetches what is missing and pins it.
 * @throws RunError "download-*", "weights-offline", "weights-lock", "weights-lock-unwritable", "cache-not-writable".
 */
export async function fetchWeights(
	source: RemoteSource,
	{ cache, lockFile }: RemotePlace,
	talk: FetchTalk = {},
	env: Env = process.env,
	patience = patienceFrom(env),
): Promise<void> {
	const key = sourceKey(source);
	const locked = lockFile ? readLock(lockFile)[key] : undefined;
	if ((await locate(source, { locked, cache, env })) === undefined) {
		const options: FetchOptions = {
			...talk,
			...{ cache, env, patience, offline: offlineBy(source, env) },
		};
		if (source.kind === "hub")
			await fetchHub(source, locked, {
				...options,
				repo: source.repo,
				token: env.HF_TOKEN || undefined,
			});
		else
			await fetchUrl(source, locked, {
				...options,
				// A file of the hub by its whole address is the hub's, too.
				...(source.url.host === new URL(endpointFrom(env)).host && {
					token: env.HF_TOKEN || undefined,
				}),
			});
	}
	if (locked !== undefined || lockFile === undefined) return;
	const found = await locate(source, { locked, cache, env });
	if (found === undefined)
		throw new Error("internal: weights that were fetched are not there");
	const guard = join(
		weightsFolder(cache),
		`pin-${sha256(lockFile).slice(0, 16)}.lock`,
	);
	await pin(lockFile, key, await entryOf(found, cache), guard);
}

/** A file that was put into the cache by hand may be cut off. */
async function checkPrefix(
	prefix: string,
	{ files: [file] }: FoundWeights,
	cache: string,
): Promise<void> {
	const { path = "", name = "" } = file ?? {};
	const got = await fileSha256(path, cache);
	if (got.startsWith(prefix)) return;
	throw new RunError(
		"weights-changed",
		`${path} has the sha256 ${got.slice(0, 16)}…, its name ${name} says ${prefix}…`,
		{ fix: "delete the file: the next run fetches it again" },
	);
}

/** In Graft's own cache, else in those of torch and huggingface_hub. */
async function locate(
	source: RemoteSource,
	wanted: Elsewhere,
): Promise<FoundWeights | undefined> {
	const { locked, cache } = wanted;
	if (source.kind === "hub") return locateHub(source, locked, cache, wanted);
	const path = urlPlace(source.url, cache);
	const name = basename(path);
	if (await isThere(path)) return { files: [{ name, path }] };
	const found = await locateInTorch(source, wanted);
	// Under the name that weights.lock.json has.
	return found && { files: found.files.map((file) => ({ ...file, name })) };
}

async function fetchUrl(
	source: Extract<RemoteSource, { readonly kind: "url" }>,
	locked: LockEntry | undefined,
	options: FetchOptions,
): Promise<void> {
	const target = urlPlace(source.url, options.cache);
	const name = basename(target);
	const pinned = locked?.files[name];
	const expected = pinned
		? { ...pinned, saidBy: LOCK_FILE }
		: { sha256: source.sha256Prefix, saidBy: "its name" };
	await fetchFile({ name, url: source.url, target, expected }, options);
}

async function entryOf(
	{ revision, files }: FoundWeights,
	cache: string,
): Promise<LockEntry> {
	const known: Record<string, LockedFile> = {};
	for (const { name, path } of files)
		known[name] = {
			sha256: await fileSha256(path, cache),
			bytes: (await stat(path)).size,
		};
	return { ...(revision !== undefined && { revision }), files: known };
}

function lockError(
	key: string,
	name: string,
	got: string | undefined,
	wanted: string,
	{ files }: FoundWeights,
): RunError {
	const { path = "" } = files.find((file) => file.name === name) ?? {};
	return new RunError(
		"weights-lock",
		got === undefined
			? `${LOCK_FILE} pins ${name} of ${key}, which is no longer part of it`
			: `${name} of ${key} has the sha256 ${got.slice(0, 16)}…, ${LOCK_FILE} says ${wanted.slice(0, 16)}…`,
		{
			fix: `if these other weights are meant, delete the entry from ${LOCK_FILE}; if not, delete ${path || "the file from the cache"}, and it is fetched again`,
		},
	);
}
