import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
	isGone,
	markProcess,
	type ProcessMark,
} from "../runs/process-alive.ts";

/** One sender a run at a time: `mlflow.lock` in the run's folder names the process that sends. */

const LOCK_FILE = "mlflow.lock";

/** A function that gives the lock back; undefined while another process holds it. */
export function lockRun(folder: string): (() => void) | undefined {
	const path = join(folder, LOCK_FILE);
	const mark = JSON.stringify(markProcess(process.pid));
	for (let attempt = 0; attempt < 2; attempt++) {
		try {
			writeFileSync(path, mark, { flag: "wx" });
			return () => rmSync(path, { force: true });
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			// A folder that cannot be written needs no lock: nobody else can take one either.
			if (code !== "EEXIST") return () => undefined;
			if (!isStale(path)) return undefined;
			rmSync(path, { force: true });
		}
	}
	return undefined;
}

function isStale(path: string): boolean {
	try {
		return isGone(JSON.parse(readFileSync(path, "utf8")) as ProcessMark);
	} catch {
		// Half written by a process that ended, or given back just now.
		return true;
	}
}
