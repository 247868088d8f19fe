import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { JOURNAL_FILE } from "../runs/journal.ts";

/** `<sweep>/journal.jsonl` and `<sweep>/trials/<run>/journal.jsonl`: a sweep and the runs of its trials. */

const TRIALS = "trials";

/** Folders of the runs of a sweep's trials, by name; none where the folder is no sweep's. */
export function trialFolders(sweepFolder: string): string[] {
	const root = join(sweepFolder, TRIALS);
	try {
		return readdirSync(root)
			.sort()
			.map((name) => join(root, name))
			.filter((folder) => existsSync(join(folder, JOURNAL_FILE)));
	} catch {
		return [];
	}
}

/** The sweep's folder, of a trial's run's. */
export function sweepFolderOf(trialFolder: string): string {
	return dirname(dirname(trialFolder));
}

/** Whether a run's folder lies where a sweep keeps its trials. */
export function isTrialFolder(folder: string): boolean {
	return basename(dirname(folder)) === TRIALS;
}
