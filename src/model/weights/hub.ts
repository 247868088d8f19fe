import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RunError } from "../../diagnostic.ts";
import { writeWhole } from "../../write-whole.ts";
import type { LockEntry } from "./lock.ts";
import { isCommit } from "./lock.ts";
import { type Elsewhere, locateInHubCache } from "./other-caches.ts";
import { askOnce, repeated } from "./remote/ask.ts";
import {
	type FetchOptions,
	fetchFile,
	isThere,
	offlineError,
	type RemoteFile,
} from "./remote/fetch-file.ts";
import { type Env, shown } from "./remote/proxy.ts";
import { type RemoteSource, weightsFolder } from "./remote/source.ts";
import { weightMap } from "./sharded.ts";

/**
 * Weights on the Hugging Face Hub, as huggingface_hub fetches them:
 *
 *   HEAD ENDPOINT/owner/repo/resolve/REVISION/FILE → X-Repo-Commit, X-Linked-Etag (sha256), X-Linked-Size
 *   GET  ENDPOINT/owner/repo/resolve/COMMIT/FILE   → the bytes, mostly from another host
 *
 * Kept as weights/hf/owner/repo/COMMIT/FILE, with weights/hf/owner/repo/refs/REVISION naming the commit.
 */
export type HubSource = Extract<RemoteSource, { readonly kind: "hub" }>;

/** Weights in the cache. */
export interface FoundWeights {
	readonly revision?: string;
	/** What is opened first; names as in weights.lock.json. */
	readonly files: readonly { readonly name: string; readonly path: string }[];
}

/** What a repository of weights holds, one or the other. */
const USUAL = ["model.safetensors", "model.safetensors.index.json"] as const;

/** HF_ENDPOINT, else the hub itself. */
export function endpointFrom(env: Env): string {
	return (env.HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, "");
}

/** The weights in the cache, or in huggingface_hub's; undefined where one of their files is missing. Asks nobody. */
export async function locateHub(
	source: HubSource,
	locked: LockEntry | undefined,
	cache: string,
	elsewhere?: Elsewhere,
): Promise<FoundWeights | undefined> {
	return (
		(await locateOwn(source, locked, cache)) ??
		(elsewhere &&
			(await locateInHubCache(
				source,
				wantedFiles(source, locked),
				shardsOf,
				elsewhere,
			)))
	);
}

async function locateOwn(
	source: HubSource,
	locked: LockEntry | undefined,
	cache: string,
): Promise<FoundWeights | undefined> {
	const commit = locked?.revision ?? knownCommit(source, cache);
	if (commit === undefined) return undefined;
	const folder = join(repoFolder(source, cache), commit);
	for (const name of wantedFiles(source, locked)) {
		const path = join(folder, name);
		if (!(await isThere(path))) continue;
		const files = [{ name, path }];
		for (const shard of await shardsOf(name, path))
			files.push({ name: shard, path: join(folder, shard) });
		const all = await Promise.all(files.map((file) => isThere(file.path)));
		return all.every(Boolean) ? { revision: commit, files } : undefined;
	}
	return undefined;
}

/** Fetches what is missing. @throws RunError as `download`, "weights-offline". */
export async function fetchHub(
	source: HubSource,
	locked: LockEntry | undefined,
	options: FetchOptions,
): Promise<void> {
	const { cache, offline } = options;
	const asked = { ...source, revision: locked?.revision ?? source.revision };
	const [usual = ""] = wantedFiles(source, locked);
	if (offline !== undefined)
		throw offlineError(
			`hf:${source.repo}`,
			fileUrl(asked, usual, options.env),
			undefined,
			offline,
		);
	const first = await findFirst(asked, locked, options);
	const { commit, name } = first;
	const at = { ...source, revision: commit };
	const fileOf = async (file: string): Promise<RemoteFile> => ({
		name: file,
		url: fileUrl(at, file, options.env),
		target: join(repoFolder(source, cache), commit, file),
		expected:
			expectedOf(locked, file) ??
			(file === name ? first : await describeFile(at, file, options)).expected,
	});
	const main = await fileOf(name);
	await fetchFile(main, options);
	for (const shard of await shardsOf(name, main.target)) {
		const target = join(repoFolder(source, cache), commit, shard);
		if (!(await isThere(target))) await fetchFile(await fileOf(shard), options);
	}
	if (locked === undefined && source.revision !== commit)
		writeWhole(refPlace(source, cache), commit);
}

function expectedOf(locked: LockEntry | undefined, name: string) {
	const file = locked?.files[name];
	return file && { ...file, saidBy: "weights.lock.json" };
}

/** The first of the wanted files that the repository has. */
async function findFirst(
	source: HubSource,
	locked: LockEntry | undefined,
	options: FetchOptions,
): Promise<HubFile> {
	const names = wantedFiles(source, locked);
	for (const [index, name] of names.entries())
		try {
			return await describeFile(source, name, options);
		} catch (error) {
			const isNone =
				error instanceof RunError &&
				error.code === "download-not-found" &&
				!/RepoNotFound|RevisionNotFound/.test(error.message);
			if (!isNone || names.length === 1) throw error;
			if (index === names.length - 1)
				throw new RunError(
					"download-not-found",
					`${source.repo} (revision ${source.revision}) holds neither ${names.join(" nor ")}`,
					{
						fix: `name the file: hf:${source.repo}/FILE.safetensors; look what there is on ${endpointFrom(options.env)}/${source.repo}/tree/main`,
						cause: error,
					},
				);
		}
	throw new Error("internal: no file of the hub was asked for");
}

interface HubFile {
	readonly name: string;
	readonly commit: string;
	readonly expected: RemoteFile["expected"];
}

/** What the hub says of a file before it is fetched. */
async function describeFile(
	source: HubSource,
	name: string,
	options: FetchOptions,
): Promise<HubFile> {
	const url = fileUrl(source, name, options.env);
	const asked = {
		url,
		repo: source.repo,
		hasToken: options.token !== undefined,
	};
	return repeated(asked, options, async () => {
		const answer = await askOnce("HEAD", url, {}, options, false);
		const { statusCode = 0, headers } = answer;
		if (statusCode !== 200 && (statusCode < 301 || statusCode > 308))
			return { no: answer };
		answer.destroy();
		const commit = headers["x-repo-commit"] ?? source.revision;
		const [, sha256] =
			/^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(
				String(headers["x-linked-etag"] ?? headers.etag),
			) ?? [];
		const size =
			headers["x-linked-size"] ??
			(statusCode === 200 ? headers["content-length"] : undefined);
		if (!isCommit(commit))
			throw new RunError(
				"download-broken",
				`${shown(url)} does not say which commit it answers from`,
				{ fix: "check HF_ENDPOINT: what answers there is no Hugging Face Hub" },
			);
		return {
			value: {
				name,
				commit,
				expected: {
					saidBy: "the hub",
					...(sha256 !== undefined && { sha256 }),
					...(size !== undefined && { bytes: Number(size) }),
				},
			},
		};
	});
}

function wantedFiles(
	{ file }: HubSource,
	locked: LockEntry | undefined,
): readonly string[] {
	if (file !== undefined) return [file];
	return locked ? Object.keys(locked.files).slice(0, 1) : USUAL;
}

/** Paths of the shards in the repository. */
async function shardsOf(
	name: string,
	path: string,
): Promise<readonly string[]> {
	if (!name.endsWith(".json")) return [];
	const map = weightMap(await readFile(path, "utf8"), path);
	const folder = dirname(name);
	return [...new Set(map.values())]
		.sort()
		.map((shard) => (folder === "." ? shard : `${folder}/${shard}`));
}

function fileUrl({ repo, revision }: HubSource, file: string, env: Env): URL {
	return new URL(
		`${endpointFrom(env)}/${repo}/resolve/${encodeURIComponent(revision)}/${file}`,
	);
}

function repoFolder({ repo }: HubSource, cache: string): string {
	const steps = repo.split("/").map((step) => step.replace(/^\.+/, "_"));
	return join(weightsFolder(cache), "hf", ...steps);
}

function refPlace(source: HubSource, cache: string): string {
	const { revision } = source;
	return join(repoFolder(source, cache), "refs", encodeURIComponent(revision));
}

function knownCommit(source: HubSource, cache: string): string | undefined {
	if (/^[0-9a-f]{40}$/.test(source.revision)) return source.revision;
	try {
		const commit = readFileSync(refPlace(source, cache), "utf8").trim();
		return isCommit(commit) ? commit : undefined;
	} catch {
		return undefined;
	}
}
