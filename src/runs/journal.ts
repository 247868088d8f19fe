import {
	closeSync,
	fstatSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { makeFolder } from "../make-folder.ts";
import { encodeJson } from "./json.ts";
import { markProcess } from "./process-alive.ts";
import type { JournalEvent, NewEvent } from "./types.ts";

/** The journal: `runs/<run id>/journal.jsonl`, append-only, one event a line. */

/** Its name in the run's folder. */
export const JOURNAL_FILE = "journal.jsonl";

/** A journal that is open for writing. */
export interface Journal {
	/**
	 * Writes one event, with the time added, as one line in one write; an end event is on the disk when it returns.
	 * @throws RunError "journal-write" naming the file and the system's reason.
	 */
	readonly append: (event: NewEvent) => JournalEvent;
	readonly close: () => void;
}

/**
 * Makes the folder of a new run, named `base`, then `base`-2, -3 … where that exists. Making a folder is atomic, so two processes at once get different ids.
 * @throws RunError "runs-folder" when the folder cannot be made.
 */
export function createRun(
	runsFolder: string,
	base: string,
): { readonly runId: string; readonly folder: string } {
	try {
		makeFolder(runsFolder);
		for (let copy = 1; ; copy++) {
			const runId = copy === 1 ? base : `${base}-${copy}`;
			const folder = join(runsFolder, runId);
			if (isMade(folder)) return { runId, folder };
		}
	} catch (error) {
		throw new RunError(
			"runs-folder",
			`cannot make a run's folder in ${runsFolder}: ${(error as Error).message}`,
			{
				fix: "name a folder you may write to with --runs DIR or GRAFT_RUNS",
				cause: error,
			},
		);
	}
}

/** What a run's folder is called first: `<slug of name>-<first 8 hex of fingerprint>`. */
export function runIdOf(name: string, fingerprint: string): string {
	return `${slug(name)}-${fingerprint.slice(0, 8)}`;
}

/** False when something of that name is there already. */
function isMade(folder: string): boolean {
	try {
		mkdirSync(folder);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw error;
	}
}

/** Letters and digits of any script, lower-case, words joined by "-", at most 40 characters. */
export function slug(name: string): string {
	const words = name
		.normalize("NFC")
		.toLowerCase()
		.match(/[\p{L}\p{M}\p{N}_]+/gu);
	const short = [...(words ?? []).join("-")].slice(0, 40).join("");
	return short.replace(/-+$/, "") || "run";
}

/**
 * Opens a run's journal for appending; makes it where it is missing.
 * @throws RunError "journal-write"
 */
export function openJournal(folder: string): Journal {
	const path = join(folder, JOURNAL_FILE);
	const file = attempt(path, () => openSync(path, "a+"));
	let isOpen = true;
	let endsInLine = attempt(path, () => endsWithoutNewline(file));
	const append = (event: NewEvent): JournalEvent => {
		const whole = {
			time: new Date().toISOString(),
			...event,
			...(event.type === "start" ? markProcess(event.pid) : {}),
		} as JournalEvent;
		// A half line that a full disk or a killed process left is closed first, so that it damages no other.
		const line = Buffer.from(`${endsInLine ? "\n" : ""}${encodeJson(whole)}\n`);
		attempt(path, () => {
			// The system may have given the number of a closed file to another one.
			if (!isOpen) throw new Error("EBADF: it is closed");
			endsInLine = true;
			const written = writeSync(file, line);
			if (written < line.length)
				throw new Error(
					`ENOSPC: only ${written} of ${line.length} bytes were taken`,
				);
			endsInLine = false;
			if (event.type === "end") fsyncSync(file);
		});
		return whole;
	};
	const close = () => {
		if (isOpen) closeSync(file);
		isOpen = false;
	};
	return { append, close };
}

/** True when the last byte is not a newline. Devices and empty files: false. */
function endsWithoutNewline(file: number): boolean {
	const { size } = fstatSync(file);
	if (size === 0) return false;
	const last = Buffer.alloc(1);
	readSync(file, last, 0, 1, size - 1);
	return last[0] !== 0x0a;
}

function attempt<T>(path: string, action: () => T): T {
	try {
		return action();
	} catch (error) {
		throw new RunError(
			"journal-write",
			`cannot write the journal ${path}: ${(error as Error).message}`,
			{ fix: writeFix(error), cause: error },
		);
	}
}

/** What to do about a failed write. */
export function writeFix(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	if (code === "ENOSPC" || code === "EDQUOT" || message.startsWith("ENOSPC"))
		return "free space on that disk, or name another folder with --runs DIR or GRAFT_RUNS";
	return "name a folder you may write to with --runs DIR or GRAFT_RUNS";
}
