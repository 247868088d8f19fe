import { existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { makeFolder, removeFolders } from "../make-folder.ts";

/** A folder that comes into being whole or not at all. */
export interface NewFolder {
	/** Where to write: beside the target, hidden. */
	readonly temporary: string;
	/** Takes all of it back, and the folders above that were made for it. */
	readonly remove: () => void;
}

/**
 * Makes a folder beside the target, to be renamed to it.
 * @throws RunError "export-not-writable"
 */
export function openNewFolder(target: string): NewFolder {
	const temporary = join(
		dirname(target),
		`.${basename(target)}.${process.pid}.tmp`,
	);
	let made: readonly string[] = [];
	const remove = () => {
		if (existsSync(temporary)) rmSync(temporary, { recursive: true });
		removeFolders(made);
	};
	try {
		made = makeFolder(dirname(target));
		mkdirSync(temporary);
	} catch (error) {
		remove();
		throw writeFailure(error, target);
	}
	return { temporary, remove };
}

/** A fault of the disk in the words of an export; any other error as it is. */
export function writeFailure(error: unknown, target: string): unknown {
	const { code, syscall, message } = error as NodeJS.ErrnoException;
	if (error instanceof RunError || syscall === undefined) return error;
	const isFull = code === "ENOSPC" || code === "EDQUOT";
	return new RunError(
		"export-not-writable",
		`${target} cannot be written: ${message}`,
		{
			fix: isFull
				? "free space on that disk, or name a folder of another one with --out"
				: "name a folder that you may write to with --out",
			cause: error,
		},
	);
}
