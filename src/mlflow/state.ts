import {
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { sha256 } from "../fingerprint.ts";
import { JOURNAL_FILE } from "../runs/journal.ts";
import type { Replayed } from "./replay.ts";
import type { Artifact, RunContents } from "./types.ts";

/**
 * Where a run went: `mlflow.json` beside its journal, server → place. Only a note that saves asking the
 * server for everything again: without it, the run is found by its tags.
 */
export interface Sent {
	readonly experiment_id: string;
	readonly run_id: string;
	readonly url: string;
	/** Everything was there when it was last asked for. */
	readonly complete: boolean;
	/** Size of the journal then. */
	readonly journal_bytes: number;
	/** Path → sha256 of each file as it was sent. */
	readonly files?: Readonly<Record<string, string>>;
	/** Name in the registry that the model has a version of. */
	readonly registered?: string;
}

const STATE_FILE = "mlflow.json";

/** What is known of a run on a server; undefined where it was never sent, or the file is damaged. */
export function readSent(folder: string, uri: string): Sent | undefined {
	return readAll(folder)[uri];
}

/** Bytes of a run's journal now. */
export function journalBytes(folder: string): number {
	return (
		statSync(join(folder, JOURNAL_FILE), { throwIfNoEntry: false })?.size ?? 0
	);
}

/** The server tells sizes only: marks the files that are not what was sent last. */
export function markChanged(
	contents: RunContents,
	known: Sent | undefined,
): RunContents {
	const before = known?.files;
	if (before === undefined) return contents;
	const artifacts = contents.artifacts.map((artifact) => {
		const hash = before[artifact.path];
		return hash === undefined || hash === hashOf(artifact)
			? artifact
			: { ...artifact, isChanged: true };
	});
	return { ...contents, artifacts };
}

function hashOf({ content }: Artifact): string {
	return sha256(
		"file" in content ? readFileSync(content.file) : Buffer.from(content.text),
	);
}

/** Written beside and renamed; a folder that cannot be written is no failure. */
export function writeSent(
	folder: string,
	uri: string,
	{ target, url, isComplete, registered }: Replayed,
	bytes: number,
	{ artifacts }: RunContents,
): void {
	if (target === undefined || url === undefined) return;
	const all = readAll(folder);
	// What is still to be sent keeps its old mark, so that it is sent again.
	const files = isComplete
		? Object.fromEntries(artifacts.map((one) => [one.path, hashOf(one)]))
		: all[uri]?.files;
	const sent: Sent = {
		experiment_id: target.experimentId,
		run_id: target.runId,
		url,
		complete: isComplete,
		journal_bytes: bytes,
		...(files !== undefined && { files }),
		...(registered !== undefined && { registered }),
	};
	const text = JSON.stringify({ ...all, [uri]: sent }, null, 2);
	const temporary = join(folder, `${STATE_FILE}.${process.pid}.tmp`);
	try {
		writeFileSync(temporary, `${text}\n`);
		renameSync(temporary, join(folder, STATE_FILE));
	} catch {
		rmSync(temporary, { force: true });
	}
}

function readAll(folder: string): Readonly<Record<string, Sent>> {
	try {
		const value: unknown = JSON.parse(
			readFileSync(join(folder, STATE_FILE), "utf8"),
		);
		return typeof value === "object" && value !== null
			? (value as Record<string, Sent>)
			: {};
	} catch {
		return {};
	}
}
