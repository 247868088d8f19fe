import { randomUUID } from "node:crypto";
import {
	existsSync,
	linkSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { sha256 } from "../fingerprint.ts";
import { makeFolder } from "../make-folder.ts";
import { slug, writeFix } from "../runs/journal.ts";
import { encodeJson } from "../runs/json.ts";
import { writeWhole } from "../write-whole.ts";
import type { Manifest, StoredTrial } from "./types.ts";

/** A sweep's folder as drawn in types.ts: every file is written whole or made once. */

const MANIFEST_FILE = "sweep.json";
const TRIALS_FILE = "trials.jsonl";
const CANCEL_FILE = "cancel";

/**
 * `<slug of name>-s<7 hex of a hash of the name and the file's base name>`: the same when the grid is edited or the
 * project moves, and never a run's id, which ends in hex digits only.
 */
export function sweepIdOf(name: string, file: string): string {
	const hash = sha256(`${name}\0${basename(file)}`);
	return `${slug(name)}-s${hash.slice(0, 7)}`;
}

/** Whether a folder holds a sweep. */
export function isSweep(folder: string): boolean {
	return existsSync(join(folder, MANIFEST_FILE));
}

/** Where the runs of a sweep are: a runs folder of its own. */
export function trialsFolder(sweepFolder: string): string {
	return join(sweepFolder, "trials");
}

/** Where a task's processes say what they have to say. */
export function logFile(sweepFolder: string, taskId: string): string {
	return join(sweepFolder, "logs", `${taskId}.log`);
}

/**
 * Writes what this start asks for. Trials of earlier starts keep their lines in trials.jsonl, after the asked ones, for
 * another runner may still be working on them.
 * @throws RunError "sweep-folder"
 */
export function writeSweep(
	folder: string,
	manifest: Manifest,
	trials: readonly StoredTrial[],
): void {
	attempt(folder, () => {
		for (const name of ["trials", "results", "failures", "leases", "logs"])
			makeFolder(join(folder, name));
		const asked = new Set(trials.map(({ id }) => id));
		const older = existsSync(join(folder, TRIALS_FILE))
			? readTrials(folder).filter(({ id }) => !asked.has(id))
			: [];
		const lines = [...trials, ...older].map((trial) => encodeJson(trial));
		writeWhole(join(folder, TRIALS_FILE), `${lines.join("\n")}\n`, {
			durable: true,
		});
		writeWhole(join(folder, MANIFEST_FILE), `${encodeJson(manifest, 2)}\n`, {
			durable: true,
		});
	});
}

/** @throws RunError "sweep-damaged" where it is missing or no JSON. */
export function readManifest(folder: string): Manifest {
	return readJson(join(folder, MANIFEST_FILE)) as Manifest;
}

/** All trials that were ever asked for, those of the last start first, in its order. @throws RunError "sweep-damaged" */
export function readTrials(folder: string): readonly StoredTrial[] {
	const path = join(folder, TRIALS_FILE);
	const lines = readText(path)
		.split("\n")
		.filter((line) => line !== "");
	return lines.map((line) => parse(line, path) as StoredTrial);
}

/** Asks every runner and every task of the sweep to end; `askToGoOn` takes it back. @throws RunError "sweep-folder" */
export function askToEnd(folder: string): void {
	attempt(folder, () =>
		writeWhole(join(folder, CANCEL_FILE), `${new Date().toISOString()}\n`),
	);
}

/** @throws RunError "sweep-folder" */
export function askToGoOn(folder: string): void {
	attempt(folder, () => rmSync(join(folder, CANCEL_FILE), { force: true }));
}

/** Whether `graft sweep cancel` was called since the last start. */
export function isAskedToEnd(folder: string): boolean {
	return existsSync(join(folder, CANCEL_FILE));
}

/**
 * Makes a file that must not be there yet, whole: of several processes, exactly one gets true (link(2)).
 * The folder must exist.
 * @param options.durable on the disk when it returns.
 */
export function makeOnce(
	path: string,
	content: string,
	options: { readonly durable?: boolean } = {},
): boolean {
	// Process ids alone are not unique: two machines or containers may share the folder.
	const temporary = `${path}.${randomUUID()}.tmp`;
	try {
		writeFileSync(temporary, content, { flush: options.durable === true });
		linkSync(temporary, path);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		// NFS may have made the link and lost the answer: then the file has two names (open(2), O_EXCL).
		return statSync(temporary).nlink === 2;
	} finally {
		rmSync(temporary, { force: true });
	}
}

/** Reads a JSON file. @throws RunError "sweep-damaged" */
export function readJson(path: string): unknown {
	return parse(readText(path), path);
}

function readText(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch (cause) {
		throw damaged(path, cause);
	}
}

function parse(text: string, path: string): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw damaged(path, cause);
	}
}

function damaged(path: string, cause: unknown): RunError {
	return new RunError(
		"sweep-damaged",
		`cannot read ${path}: ${(cause as Error).message}`,
		{ fix: "graft run FILE writes it again; finished trials are kept", cause },
	);
}

/** Runs a step that writes into a sweep's folder. @throws RunError "sweep-folder" with the system's reason. */
export function attempt<T>(folder: string, action: () => T): T {
	try {
		return action();
	} catch (cause) {
		if (cause instanceof RunError) throw cause;
		throw new RunError(
			"sweep-folder",
			`cannot write into the sweep's folder ${folder}: ${(cause as Error).message}`,
			{ fix: writeFix(cause), cause },
		);
	}
}
