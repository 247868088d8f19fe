import { existsSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../make-folder.ts";
import { writeWhole } from "../../write-whole.ts";
import { attempt, makeOnce, readJson } from "../folder.ts";
import { namesIn } from "../results.ts";
import type {
	ExitRecord,
	PlannedJob,
	Round,
	StartRecord,
	Submitted,
} from "./types.ts";

/** The folder `slurm/` of a sweep, as drawn in types.ts. */

const FOLDERS = [
	"rounds",
	"scripts",
	"jobs",
	"start",
	"exit",
	"done",
	"lost",
	"logs",
];

/** @throws RunError "sweep-folder" */
export function makeSlurmFolders(folder: string): void {
	attempt(folder, () => {
		for (const name of FOLDERS) makeFolder(join(folder, "slurm", name));
		makeFolder(join(folder, "logs"));
	});
}

/** Whether the sweep was ever submitted to Slurm. */
export function isOnSlurm(folder: string): boolean {
	return existsSync(join(folder, "slurm", "rounds"));
}

/** Writes an intent, before sbatch is called; false where another process has just made this round. */
export function claimRound(folder: string, round: Round): boolean {
	const path = join(folder, "slurm", "rounds", `${round.round}.json`);
	return attempt(folder, () =>
		makeOnce(path, `${JSON.stringify(round, null, 2)}\n`, { durable: true }),
	);
}

/** All intents, oldest first. @throws RunError "sweep-damaged" */
export function readRounds(folder: string): readonly Round[] {
	const rounds = readAll(folder, "rounds") as Round[];
	return rounds.sort((a, b) => a.round - b.round);
}

/** Path of a job's script. */
export function scriptFile(folder: string, { name }: PlannedJob): string {
	return join(folder, "slurm", "scripts", `${name}.sh`);
}

/** @throws RunError "sweep-folder" */
export function writeScript(folder: string, job: PlannedJob, text: string) {
	attempt(folder, () =>
		writeWhole(scriptFile(folder, job), text, { durable: true }),
	);
}

/** Notes sbatch's answer. @throws RunError "sweep-folder" */
export function writeSubmitted(folder: string, submitted: Submitted): void {
	const path = join(folder, "slurm", "jobs", `${submitted.name}.json`);
	attempt(folder, () =>
		writeWhole(path, `${JSON.stringify(submitted)}\n`, { durable: true }),
	);
}

/** Answers by job name. @throws RunError "sweep-damaged" */
export function readSubmitted(folder: string): ReadonlyMap<string, Submitted> {
	const all = readAll(folder, "jobs") as Submitted[];
	return new Map(all.map((one) => [one.name, one] as const));
}

/**
 * Start or exit records: key without restart count (`12_3`) → file name of the highest restart count. Files are read one
 * by one where they are needed: a thousand tasks have two thousand of them.
 */
export function recordsIn(
	folder: string,
	kind: "start" | "exit",
): ReadonlyMap<string, string> {
	const latest = new Map<string, string>();
	const restartOf = (name: string) => Number(name.split(".")[1]);
	for (const name of namesIn(join(folder, "slurm", kind))) {
		if (!/^\d+(_\d+)?\.\d+\.json$/.test(name)) continue;
		const key = name.slice(0, name.indexOf("."));
		const known = latest.get(key);
		if (known === undefined || restartOf(known) < restartOf(name))
			latest.set(key, name);
	}
	return latest;
}

/** @throws RunError "sweep-damaged" */
export function readStart(folder: string, name: string): StartRecord {
	return readJson(join(folder, "slurm", "start", name)) as StartRecord;
}

/** @throws RunError "sweep-damaged" */
export function readExit(folder: string, name: string): ExitRecord {
	return readJson(join(folder, "slurm", "exit", name)) as ExitRecord;
}

/** Extractions that ended well: a script leaves an empty file for each, and those that wait for it look for the file. */
export function readDone(folder: string): ReadonlySet<string> {
	return new Set(namesIn(join(folder, "slurm", "done")));
}

/** Notes a task, by a verdict's key, that left no record, after it was waited for. @throws RunError "sweep-folder" */
export function markLost(folder: string, key: string): void {
	attempt(folder, () => writeWhole(join(folder, "slurm", "lost", key), ""));
}

/** Keys that `markLost` noted. */
export function readLost(folder: string): ReadonlySet<string> {
	return new Set(namesIn(join(folder, "slurm", "lost")));
}

function readAll(folder: string, kind: string): unknown[] {
	const place = join(folder, "slurm", kind);
	return namesIn(place)
		.filter((name) => name.endsWith(".json"))
		.map((name) => readJson(join(place, name)));
}
