import { isAbsolute, join, normalize } from "node:path";
import { RunError } from "../diagnostic.ts";
import { sha256 } from "../fingerprint.ts";
import { syncFiles, writeWhole } from "../write-whole.ts";
import { type Journal, writeFix } from "./journal.ts";
import type { RunRecord } from "./types.ts";

/** What a file of weights was made of. */
export type ArtifactOf = Pick<
	RunRecord["artifacts"][number],
	"step" | "epoch" | "metrics"
>;

/**
 * Writes a file of the run's folder under a temporary name, renames it and journals its sha256: a reader
 * sees the whole file or none, and what the journal names is there.
 * `of`: of weights, the optimizer step and the epoch that they are from.
 * `durable`: on the disk when it returns; else `syncFiles` is to follow.
 * `name` is relative to the folder, forward slashes; answers the absolute path.
 * @throws RunError "artifact-write"
 */
export function writeArtifact(
	folder: string,
	journal: Journal,
	name: string,
	bytes: Uint8Array | string,
	of: ArtifactOf = {},
	durable = true,
): string {
	if (isAbsolute(name) || normalize(name).startsWith(".."))
		throw new Error(`internal: artifact "${name}" lies outside its run`);
	const data = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
	const path = join(folder, name);
	try {
		writeWhole(path, data, { durable });
	} catch (error) {
		throw unwritable(path, error);
	}
	journal.append({
		type: "artifact",
		path: name,
		sha256: sha256(data),
		bytes: data.length,
		...of,
	});
	return path;
}

/** Puts artifacts onto the disk that were written without `durable`. @throws RunError "artifact-write" */
export async function syncArtifacts(paths: readonly string[]): Promise<void> {
	try {
		await syncFiles(paths);
	} catch (error) {
		throw unwritable((error as NodeJS.ErrnoException).path ?? "", error);
	}
}

function unwritable(path: string, error: unknown): RunError {
	return new RunError(
		"artifact-write",
		`cannot write ${path}: ${(error as Error).message}`,
		{ fix: writeFix(error), cause: error },
	);
}
