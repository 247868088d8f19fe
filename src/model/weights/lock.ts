import { readFileSync } from "node:fs";
import { RunError } from "../../diagnostic.ts";
import { writeWhole } from "../../write-whole.ts";
import { withFileLock } from "./remote/file-lock.ts";

/**
 * weights.lock.json beside an experiment file: which bytes `hf:…` and `https:…` stand for, so that the experiment
 * means the same next year. Written when weights are first used, held against them ever after; it belongs into git.
 */
export const LOCK_FILE = "weights.lock.json";

/** What one source stands for. */
export interface LockEntry {
	/** Commit of the repository on the hub. */
	readonly revision?: string;
	/** By name; the first is what is opened. */
	readonly files: Readonly<Record<string, LockedFile>>;
}

/** One file's bytes. */
export interface LockedFile {
	readonly sha256: string;
	readonly bytes: number;
}

/** By source, as `model.weights` names it. */
export type WeightsLock = Readonly<Record<string, LockEntry>>;

/** What the file says; nothing where it is not there. @throws RunError "weights-lock". */
export function readLock(path: string): WeightsLock {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
		throw badLock(path, (error as Error).message);
	}
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw badLock(path, "it is not JSON");
	}
	const { version, weights } = (value ?? {}) as Record<string, unknown>;
	if (version !== 1 || typeof weights !== "object" || weights === null)
		throw badLock(path, "it must hold version: 1 and weights");
	for (const [source, entry] of Object.entries(weights))
		if (!isEntry(entry))
			throw badLock(path, `its entry of ${JSON.stringify(source)} is damaged`);
	return weights as WeightsLock;
}

function isEntry(value: unknown): value is LockEntry {
	const { revision, files } = (value ?? {}) as Partial<LockEntry>;
	const isWord = (text: string) => /^[\w][\w./-]*$/.test(text);
	return (
		(revision === undefined || isCommit(revision)) &&
		typeof files === "object" &&
		files !== null &&
		Object.keys(files).length > 0 &&
		Object.entries(files).every(
			([name, file]) =>
				isWord(name) &&
				!name.split("/").includes("..") &&
				/^[0-9a-f]{64}$/.test(file?.sha256) &&
				Number.isSafeInteger(file?.bytes),
		)
	);
}

/** A revision that can be a folder's name. */
export function isCommit(revision: unknown): revision is string {
	return typeof revision === "string" && /^[\w][\w.-]*$/.test(revision);
}

/**
 * Adds a source; what other processes have added meanwhile stays.
 * @param cache where the lock that keeps them apart lies: the experiment's folder has nothing else written into it
 * @throws RunError "weights-lock-unwritable".
 */
export async function pin(
	path: string,
	source: string,
	entry: LockEntry,
	guard: string,
): Promise<void> {
	try {
		await withFileLock(guard, async () => {
			const all = Object.entries({ ...readLock(path), [source]: entry });
			all.sort(([a], [b]) => (a < b ? -1 : 1));
			const content = { version: 1, weights: Object.fromEntries(all) };
			writeWhole(path, `${JSON.stringify(content, null, 2)}\n`);
		});
	} catch (cause) {
		if (cause instanceof RunError) throw cause;
		throw new RunError(
			"weights-lock-unwritable",
			`${path} cannot be written, so the weights are not pinned: ${(cause as Error).message}`,
			{
				fix: "run once where the folder can be written, and keep the file beside the experiment",
				cause,
			},
		);
	}
}

function badLock(path: string, what: string): RunError {
	return new RunError("weights-lock", `${path} cannot be used: ${what}`, {
		fix: "bring the file back as it was (git checkout), or delete it: the next run writes it anew",
	});
}
