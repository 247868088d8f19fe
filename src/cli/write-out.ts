import { RunError } from "../diagnostic.ts";
import { writeWhole } from "../write-whole.ts";

/** Writes the file that `--out` names, whole or not at all. @throws RunError "out-not-writable" */
export function writeOut(path: string, content: Uint8Array | string): void {
	try {
		writeWhole(path, content);
	} catch (cause) {
		throw new RunError(
			"out-not-writable",
			`cannot write ${path}: ${(cause as Error).message}`,
			{ fix: "name a file in a folder that you may write to", cause },
		);
	}
}
