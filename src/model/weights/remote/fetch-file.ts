import { stat } from "node:fs/promises";
import { RunError } from "../../../diagnostic.ts";
import { rememberSha256 } from "../file-hash.ts";
import {
	type DownloadOptions,
	diskError,
	download,
	type Expected,
} from "./download.ts";
import { withFileLock } from "./file-lock.ts";
import { shown } from "./proxy.ts";

/** What fetching needs besides the source. */
export interface FetchOptions extends DownloadOptions {
	/** Graft's cache folder. */
	readonly cache: string;
	/** Once, when another process fetches the same file. */
	readonly onWait?: ((message: string) => void) | undefined;
	/** Name of the variable that forbids to fetch. */
	readonly offline?: string | undefined;
}

/** A file and where it is kept. */
export interface RemoteFile {
	readonly name: string;
	readonly url: URL;
	readonly target: string;
	readonly expected: Expected;
}

/** Whether a file is there whole: a download has its final name only at its end. */
export async function isThere(path: string): Promise<boolean> {
	return stat(path).then(
		(found) => found.isFile(),
		() => false,
	);
}

/** Fetches a file unless it is there. Of several processes that want it one downloads, the others wait. */
export async function fetchFile(
	{ name, url, target, expected }: RemoteFile,
	options: FetchOptions,
): Promise<void> {
	if (await isThere(target)) return;
	if (options.offline !== undefined)
		throw offlineError(name, url, target, options.offline);
	const work = async () => {
		if (await isThere(target)) return;
		const { sha256 } = await download(url, target, name, expected, options);
		await rememberSha256(target, options.cache, sha256);
	};
	const onWait = (holder: string) =>
		options.onWait?.(`${name} is being downloaded by ${holder}: waiting`);
	try {
		await withFileLock(`${target}.lock`, work, onWait, options.signal);
	} catch (error) {
		throw diskError(error, target);
	}
}

/** "weights-offline" */
export function offlineError(
	name: string,
	url: URL,
	target: string | undefined,
	variable: string,
): RunError {
	return new RunError(
		"weights-offline",
		`${name} is not on this machine, and ${variable} forbids to fetch it from ${shown(url)}`,
		{
			fix: `unset ${variable} once${target === undefined ? "" : `, or put the file there yourself: ${target}`}`,
		},
	);
}
