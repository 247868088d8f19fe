import { RunError } from "../diagnostic.ts";
import { writeWhole } from "../write-whole.ts";

/** Writes the file that `--out` names, whole or not at all. @throws RunError "out-not-writable" */
export function writeOut(path: string, bytes: Uint8Array): void {
	try {
		writeWhole(path, bytes);
	} catch (cause) {
		throw new RunError(
			"out-not-writable",
			`cannot write ${path}: ${(cause as Error).message}`,
			{ fix: "name a file in a folder that you may write to", cause },
		);
	}
}
