import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../make-folder.ts";
import { decodeNumber, encodeJson } from "../runs/json.ts";
import { writeWhole } from "../write-whole.ts";
import { attempt, makeOnce, readJson } from "./folder.ts";
import type { TrialFailure, TrialResult } from "./types.ts";

/** What became of the trials: results/ and failures/. */

/**
 * Makes a trial finished. Of two finishers the second gets false: its run is one too many.
 * @throws RunError "sweep-folder"
 */
export function claimResult(folder: string, result: TrialResult): boolean {
	const path = fileOf(folder, "results", result.trial);
	return attempt(folder, () => {
		makeFolder(join(folder, "results"));
		const isMine = makeOnce(path, `${encodeJson(result, 2)}\n`, {
			durable: true,
		});
		rmSync(fileOf(folder, "failures", result.trial), { force: true });
		return isMine;
	});
}

/** Whether a trial is finished. */
export function hasResult(folder: string, trial: string): boolean {
	return existsSync(fileOf(folder, "results", trial));
}

/** By trial id, those of earlier starts included. @throws RunError "sweep-damaged" */
export function readResults(folder: string): ReadonlyMap<string, TrialResult> {
	const results = readAll(folder, "results") as TrialResult[];
	return new Map(
		results.map((result) => [result.trial, withNumbers(result)] as const),
	);
}

/** Reads what has come since it was asked last: the results of a sweep that goes on, each file once. */
export function resultsReader(
	folder: string,
): () => ReadonlyMap<string, TrialResult> {
	const known = new Map<string, TrialResult>();
	return () => {
		for (const trial of trialsIn(folder, "results")) {
			if (known.has(trial)) continue;
			const path = fileOf(folder, "results", trial);
			known.set(trial, withNumbers(readJson(path) as TrialResult));
		}
		return known;
	};
}

/** Trials of which something is noted, by the names of the files. */
export function trialsIn(
	folder: string,
	kind: "results" | "failures",
): readonly string[] {
	return namesIn(join(folder, kind))
		.filter((name) => name.endsWith(".json"))
		.map((name) => name.slice(0, -".json".length));
}

/** Notes why a trial failed, over what was noted before. @throws RunError "sweep-folder" */
export function writeFailure(folder: string, failure: TrialFailure): void {
	const path = fileOf(folder, "failures", failure.trial);
	attempt(folder, () => writeWhole(path, `${encodeJson(failure, 2)}\n`));
}

/** The last failure of a trial; undefined where it never failed, or is finished now. */
export function readFailure(
	folder: string,
	trial: string,
): TrialFailure | undefined {
	const path = fileOf(folder, "failures", trial);
	return existsSync(path) ? (readJson(path) as TrialFailure) : undefined;
}

/** By trial id. @throws RunError "sweep-damaged" */
export function readFailures(
	folder: string,
): ReadonlyMap<string, TrialFailure> {
	const failures = readAll(folder, "failures") as TrialFailure[];
	return new Map(failures.map((failure) => [failure.trial, failure] as const));
}

function fileOf(folder: string, kind: string, trial: string): string {
	return join(folder, kind, `${trial}.json`);
}

/** Every whole file of a folder; temporary ones of processes that ended end in .tmp. */
function readAll(folder: string, kind: "results" | "failures"): unknown[] {
	return trialsIn(folder, kind).map((trial) =>
		readJson(fileOf(folder, kind, trial)),
	);
}

/** What a folder holds, sorted; nothing where it is missing. */
export function namesIn(folder: string): string[] {
	try {
		return readdirSync(folder).sort();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
		throw error;
	}
}

/** NaN and infinities are texts in JSON. */
function withNumbers(result: TrialResult): TrialResult {
	const metrics = Object.entries(result.metrics).map(
		([key, value]) => [key, decodeNumber(value) ?? Number.NaN] as const,
	);
	return { ...result, metrics: Object.fromEntries(metrics) };
}
