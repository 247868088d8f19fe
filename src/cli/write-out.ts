import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { RunError } from "../diagnostic.ts";
import { makeFolder, removeFolders } from "../make-folder.ts";
import { writeWhole } from "../write-whole.ts";

/** Writes the file that `--out` names, whole or not at all. @throws RunError "out-not-writable" */
export function writeOut(path: string, content: Uint8Array | string): void {
	try {
		writeWhole(path, content);
	} catch (cause) {
		throw notWritable(path, cause);
	}
}

/** Whether `writeOut` could write there, asked before long work; leaves nothing behind. @throws RunError "out-not-writable" */
export function tryOut(path: string): void {
	let made: readonly string[] = [];
	const probe = `${path}.${process.pid}.tmp`;
	try {
		made = makeFolder(dirname(path));
		if (existsSync(path) && statSync(path).isDirectory())
			throw new Error("it is a folder");
		writeFileSync(probe, "");
		rmSync(probe);
	} catch (cause) {
		throw notWritable(path, cause);
	} finally {
		removeFolders(made);
	}
}

function notWritable(path: string, cause: unknown): RunError {
	return new RunError(
		"out-not-writable",
		`cannot write ${path}: ${(cause as Error).message}`,
		{ fix: "name a file in a folder that you may write to", cause },
	);
}
