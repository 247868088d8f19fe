import { rmSync } from "node:fs";
import { rename } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { dirname } from "node:path";
import { RunError } from "../../../diagnostic.ts";
import { makeFolder } from "../../../make-folder.ts";
import type { DownloadProgress } from "../../types.ts";
import { type AskOptions, askOnce, repeated } from "./ask.ts";
import type { Asked } from "./errors.ts";
import { dropPart, markPart, openPart, type Part, startOver } from "./part.ts";
import { shown } from "./proxy.ts";

/**
 * One file, fetched to `target`:
 *
 *   target.part  what has come so far ─ Range: bytes=N- ─ … whole, sha256 right ─ rename ─ target
 *   target.part.json  of which version of the file (ETag) these bytes are
 */
export interface Expected {
	/** Hex; the whole sum or its first digits. */
	readonly sha256?: string | undefined;
	readonly bytes?: number | undefined;
	/** Who says so: "its name", "weights.lock.json", "the hub". */
	readonly saidBy: string;
}

/** @see AskOptions */
export interface DownloadOptions extends AskOptions {
	readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** A file that has come. */
export interface Downloaded {
	readonly sha256: string;
	readonly bytes: number;
}

/**
 * Fetches a file, from where an earlier attempt (of this process or one that was killed) broke off.
 * @param name for progress
 * @throws RunError "download-denied", "download-not-found", "download-busy", "download-broken", "download-stalled",
 * "download-wrong", "cache-not-writable".
 */
export async function download(
	url: URL,
	target: string,
	name: string,
	expected: Expected,
	options: DownloadOptions,
): Promise<Downloaded> {
	const path = `${target}.part`;
	try {
		makeFolder(dirname(target));
		const resumed = await fetchPart(url, path, name, expected, options);
		const wrong = wrongness(resumed, expected);
		if (wrong === undefined) return await settle(path, target, resumed);
		dropPart(path);
		if (!resumed.isJoined) throw wrongError(url, wrong, expected);
		// Bytes of two versions may have come together; from the start, they are of one.
		const fresh = await fetchPart(url, path, name, expected, options);
		const still = wrongness(fresh, expected);
		if (still === undefined) return await settle(path, target, fresh);
		dropPart(path);
		throw wrongError(url, still, expected);
	} catch (error) {
		throw diskError(error, target);
	}
}

async function settle(
	path: string,
	target: string,
	{ sha256, bytes }: Downloaded,
): Promise<Downloaded> {
	await rename(path, target);
	rmSync(`${path}.json`, { force: true });
	return { sha256, bytes };
}

async function fetchPart(
	url: URL,
	path: string,
	name: string,
	expected: Expected,
	options: DownloadOptions,
): Promise<Downloaded & { readonly isJoined: boolean }> {
	const part = await openPart(path, url);
	const { token, repo } = options;
	const asked: Asked = { url, repo, hasToken: token !== undefined };
	try {
		await repeated(
			asked,
			options,
			() => attempt(url, part, path, name, expected, options),
			() => part.done,
		);
		await part.file.sync();
		const { hash, done: bytes, isJoined } = part;
		return { sha256: hash.digest("hex"), bytes, isJoined };
	} finally {
		await part.file.close();
	}
}

/** One request for what is missing. */
async function attempt(
	url: URL,
	part: Part,
	path: string,
	name: string,
	expected: Expected,
	options: DownloadOptions,
): Promise<{ readonly value: true } | { readonly no: IncomingMessage }> {
	// A server that does not say which version it sends is trusted only where the sum will tell.
	if (part.done > 0 && part.validator === undefined && !expected.sha256)
		await startOver(part);
	const range: Record<string, string> =
		part.done > 0
			? {
					range: `bytes=${part.done}-`,
					...(part.validator && { "if-range": part.validator }),
				}
			: {};
	const answer = await askOnce("GET", url, range, options);
	const { statusCode, headers } = answer;
	if (statusCode === 416 && part.done > 0) {
		answer.destroy();
		const [, whole] = /\/(\d+)$/.exec(headers["content-range"] ?? "") ?? [];
		if (Number(whole) === part.done) return { value: true };
		await startOver(part);
		return attempt(url, part, path, name, expected, options);
	}
	if (statusCode !== 200 && statusCode !== 206) return { no: answer };
	refuseOther(url, answer);
	if (statusCode === 206) {
		const [, from] = /^bytes (\d+)-/.exec(headers["content-range"] ?? "") ?? [];
		if (Number(from) !== part.done) {
			answer.destroy();
			await startOver(part);
			return attempt(url, part, path, name, expected, options);
		}
		part.isJoined = true;
	} else if (part.done > 0) await startOver(part);
	part.validator = validatorOf(answer);
	markPart(path, { url: url.href, validator: part.validator });
	await receive(answer, part, expected.bytes, (done, total) =>
		options.onProgress?.({ name, done, total: total ?? expected.bytes }),
	);
	return { value: true };
}

/** A strong ETag, or the time of the last change. */
function validatorOf({ headers }: IncomingMessage): string | undefined {
	const { etag } = headers;
	return etag && !etag.startsWith("W/") ? etag : headers["last-modified"];
}

function refuseOther(url: URL, answer: IncomingMessage): void {
	const { "content-type": type = "", "content-encoding": encoding } =
		answer.headers;
	const isPage = /^text\/html/i.test(type);
	const isPacked = encoding !== undefined && encoding !== "identity";
	if (!isPage && !isPacked) return;
	answer.destroy();
	throw new RunError(
		"download-wrong",
		`${shown(url)} answers with ${isPage ? "a web page" : `its bytes packed (${encoding})`}, a file of weights was expected`,
		{
			fix: "check the address in model.weights; a proxy or a login page may have answered in its place",
		},
	);
}

async function receive(
	answer: IncomingMessage,
	part: Part,
	/** Bytes that are known to be all; what comes beyond them is not kept waiting for. */
	most: number | undefined,
	onProgress: (done: number, total: number | undefined) => void,
): Promise<unknown> {
	const length = answer.headers["content-length"];
	const total = length === undefined ? undefined : part.done + Number(length);
	onProgress(part.done, total);
	for await (const chunk of answer) {
		const bytes = chunk as Buffer;
		await part.file.write(bytes, 0, bytes.length, part.done);
		part.hash.update(bytes);
		part.done += bytes.length;
		onProgress(part.done, total);
		if (most !== undefined && part.done > most) return answer.destroy();
	}
}

/** What came instead; undefined where it is what was expected. */
function wrongness(
	{ sha256, bytes }: Downloaded,
	expected: Expected,
): string | undefined {
	if (expected.bytes !== undefined && expected.bytes !== bytes)
		return `${bytes} bytes came, ${expected.bytes} were expected`;
	if (expected.sha256 && !sha256.startsWith(expected.sha256))
		return `the sha256 of its ${bytes} bytes is ${sha256.slice(0, 16)}…, ${expected.sha256.slice(0, 16)}${expected.sha256.length > 16 ? "…" : ""} was expected`;
	return undefined;
}

function wrongError(url: URL, wrong: string, { saidBy }: Expected): RunError {
	return new RunError(
		"download-wrong",
		`${shown(url)} sent other bytes than ${saidBy} says: ${wrong}; they were thrown away`,
		{
			fix:
				saidBy === "weights.lock.json"
					? "if the weights were changed on purpose, delete their entry from weights.lock.json; otherwise they were damaged or exchanged on the way"
					: "run again; if it stays so, a proxy or mirror on the way changes the file",
		},
	);
}

/** A fault of the disk as one of the cache folder; any other error is passed on. */
export function diskError(error: unknown, target: string): unknown {
	const { code, syscall } = error as NodeJS.ErrnoException;
	if (error instanceof RunError || syscall === undefined) return error;
	if (
		![
			"ENOSPC",
			"EACCES",
			"EPERM",
			"EROFS",
			"EDQUOT",
			"ENOTDIR",
			"EEXIST",
		].includes(code ?? "")
	)
		return error;
	return new RunError(
		"cache-not-writable",
		`${target} cannot be written: ${(error as Error).message}`,
		{
			fix: "free some space, or give another folder: --cache DIR or GRAFT_CACHE",
			cause: error,
		},
	);
}
