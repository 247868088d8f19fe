import { createHash } from "node:crypto";
import { readFile, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { fileSha256 } from "./file-hash.ts";
import type { FoundWeights, HubSource } from "./hub.ts";
import { isCommit, type LockEntry } from "./lock.ts";
import { isThere } from "./remote/fetch-file.ts";
import type { Env } from "./remote/proxy.ts";
import type { RemoteSource } from "./remote/source.ts";

/**
 * Weights that Python has fetched already: torch.hub's checkpoints, and the snapshots of huggingface_hub. They are
 * used where they are once their sums are right; nothing is written there, and what is damaged is passed over.
 */

/** What is wanted, and the sums that are known of it. */
export interface Elsewhere {
	readonly cache: string;
	readonly locked: LockEntry | undefined;
	readonly env: Env;
}

/** Where torch.hub keeps checkpoints (torch/hub.py, `_get_torch_home`). */
export function torchCheckpoints(env: Env): string {
	const home = env.TORCH_HOME || join(userCache(env), "torch");
	return join(home, "hub", "checkpoints");
}

/** Where huggingface_hub keeps repositories (huggingface_hub/constants.py). */
export function hubCache(env: Env): string {
	if (env.HF_HUB_CACHE) return env.HF_HUB_CACHE;
	return join(env.HF_HOME || join(userCache(env), "huggingface"), "hub");
}

function userCache(env: Env): string {
	return env.XDG_CACHE_HOME || join(env.HOME || homedir(), ".cache");
}

/** torch.hub's file of an address, whose sum must be known beforehand: by its name, or by weights.lock.json. */
export async function locateInTorch(
	source: Extract<RemoteSource, { readonly kind: "url" }>,
	{ cache, locked, env }: Elsewhere,
): Promise<FoundWeights | undefined> {
	const name = basename(source.url.pathname);
	const wanted = Object.values(locked?.files ?? {})[0]?.sha256;
	const prefix = wanted ?? source.sha256Prefix;
	const path = join(torchCheckpoints(env), name);
	if (prefix === undefined || name === "" || !(await isThere(path)))
		return undefined;
	const sum = await fileSha256(path, cache).catch(() => undefined);
	return sum?.startsWith(prefix) ? { files: [{ name, path }] } : undefined;
}

/**
 * huggingface_hub's snapshot: models--OWNER--NAME/refs/REVISION → COMMIT, snapshots/COMMIT/FILE → blobs/SUM.
 * @param names of the first file, of which one is enough
 * @param shardsOf the other files that one names
 */
export async function locateInHubCache(
	{ repo, revision }: HubSource,
	names: readonly string[],
	shardsOf: (name: string, path: string) => Promise<readonly string[]>,
	{ cache, locked, env }: Elsewhere,
): Promise<FoundWeights | undefined> {
	const home = join(hubCache(env), `models--${repo.replaceAll("/", "--")}`);
	const commit =
		locked?.revision ??
		(/^[0-9a-f]{40}$/.test(revision)
			? revision
			: await readText(join(home, "refs", ...revision.split("/"))));
	if (commit === undefined || !isCommit(commit)) return undefined;
	const folder = join(home, "snapshots", commit);
	for (const name of names) {
		const path = join(folder, name);
		if (!(await isThere(path))) continue;
		if (!(await isWhole(path, cache))) return undefined;
		const files = [{ name, path }];
		for (const shard of await shardsOf(name, path)) {
			const own = { name: shard, path: join(folder, shard) };
			if (!(await isThere(own.path)) || !(await isWhole(own.path, cache)))
				return undefined;
			files.push(own);
		}
		return { revision: commit, files };
	}
	return undefined;
}

/** A blob is named by its sum: a large file's sha256, a small one's git hash, sha1("blob LENGTH\0" + bytes). */
async function isWhole(path: string, cache: string): Promise<boolean> {
	try {
		const name = basename(await realpath(path));
		if (/^[0-9a-f]{64}$/.test(name))
			return (await fileSha256(path, cache)) === name;
		if (!/^[0-9a-f]{40}$/.test(name) || (await stat(path)).size > 64 << 20)
			return false;
		const bytes = await readFile(path);
		const head = `blob ${bytes.length}\0`;
		return createHash("sha1").update(head).update(bytes).digest("hex") === name;
	} catch {
		return false;
	}
}

async function readText(path: string): Promise<string | undefined> {
	return readFile(path, "utf8").then(
		(text) => text.trim(),
		() => undefined,
	);
}
