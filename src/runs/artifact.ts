import { isAbsolute, join, normalize } from "node:path";
import { RunError } from "../diagnostic.ts";
import { sha256 } from "../fingerprint.ts";
import { writeWhole } from "../write-whole.ts";
import { type Journal, writeFix } from "./journal.ts";

/**
 * Writes a file of the run's folder under a temporary name, renames it and journals its sha256: a reader
 * sees the whole file or none, and what the journal names is there.
 * `step`: of weights, the optimizer step that they are from.
 * `name` is relative to the folder, forward slashes; answers the absolute path.
 * @throws RunError "artifact-write"
 */
export function writeArtifact(
	folder: string,
	journal: Journal,
	name: string,
	bytes: Uint8Array | string,
	step?: number,
): string {
	if (isAbsolute(name) || normalize(name).startsWith(".."))
		throw new Error(`internal: artifact "${name}" lies outside its run`);
	const data = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
	const path = join(folder, name);
	try {
		writeWhole(path, data, { durable: true });
	} catch (error) {
		throw new RunError(
			"artifact-write",
			`cannot write ${path}: ${(error as Error).message}`,
			{ fix: writeFix(error), cause: error },
		);
	}
	journal.append({
		type: "artifact",
		path: name,
		sha256: sha256(data),
		bytes: data.length,
		...(step !== undefined && { step }),
	});
	return path;
}
