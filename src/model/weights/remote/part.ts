import { createHash, type Hash } from "node:crypto";
import { createReadStream, existsSync, rmSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { writeWhole } from "../../../write-whole.ts";

/** The part of a file that has come so far, beside a note of which version of the file it is of. */
export interface Part {
	readonly file: FileHandle;
	hash: Hash;
	done: number;
	/** ETag or Last-Modified of the bytes in the file. */
	validator: string | undefined;
	/** Whether the bytes came in more than one answer. */
	isJoined: boolean;
}

/** Throws both away. */
export function dropPart(path: string): void {
	rmSync(path, { force: true });
	rmSync(`${path}.json`, { force: true });
}

/** The bytes of an earlier attempt, if they are of the same address; they are hashed again. */
export async function openPart(path: string, url: URL): Promise<Part> {
	const known = await readMark(path);
	const isSame = known?.url === url.href && existsSync(path);
	if (!isSame) dropPart(path);
	const hash = createHash("sha256");
	let done = 0;
	if (isSame)
		for await (const chunk of createReadStream(path, {
			highWaterMark: 1 << 20,
		})) {
			hash.update(chunk as Buffer);
			done += (chunk as Buffer).length;
		}
	const file = await open(path, isSame ? "r+" : "w");
	const validator = isSame ? known.validator : undefined;
	return { file, hash, done, validator, isJoined: done > 0 };
}

/** Which version of which file. */
export interface Mark {
	readonly url: string;
	readonly validator: string | undefined;
}

async function readMark(path: string): Promise<Mark | undefined> {
	try {
		const mark = JSON.parse(await readFile(`${path}.json`, "utf8")) as Mark;
		return typeof mark.url === "string" ? mark : undefined;
	} catch {
		return undefined;
	}
}

/** As if nothing had come. */
export async function startOver(part: Part): Promise<void> {
	await part.file.truncate(0);
	part.hash = createHash("sha256");
	part.done = 0;
	part.validator = undefined;
	part.isJoined = false;
}

/** Notes which version the bytes are of, before they come. */
export function markPart(path: string, mark: Mark): void {
	writeWhole(`${path}.json`, JSON.stringify(mark));
}
