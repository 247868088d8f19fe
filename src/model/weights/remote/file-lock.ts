import { randomUUID } from "node:crypto";
import {
	linkSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder } from "../../../make-folder.ts";

/**
 * One process at a time, on this machine or a shared file system: a lock file with its holder's name, touched while
 * it is held. A holder that was killed is found by its process id on the same machine, elsewhere by the lock's age.
 */

const POLL_MS = 100;
const TOUCH_MS = 2_000;
/** A holder on another machine that has not touched its lock for so long is gone. */
const STALE_MS = 60_000;

interface Holder {
	readonly host: string;
	readonly pid: number;
	readonly id: string;
}

/**
 * Does `work` while this process holds the lock at `path`; makes its folder.
 * @param onWait once, when another process holds it
 */
export async function withFileLock<T>(
	path: string,
	work: () => Promise<T>,
	onWait?: (holder: string) => void,
	signal?: AbortSignal,
): Promise<T> {
	makeFolder(dirname(path));
	const mine: Holder = { host: hostname(), pid: process.pid, id: randomUUID() };
	let hasSaid = false;
	while (!take(path, mine)) {
		const holder = readHolder(path);
		if (isGone(path, holder)) breakLock(path, holder);
		else {
			if (!hasSaid)
				onWait?.(
					holder
						? `process ${holder.pid} on ${holder.host}`
						: "another process",
				);
			hasSaid = true;
			await sleep(POLL_MS, undefined, { ...(signal && { signal }) });
		}
	}
	const touching = setInterval(() => touch(path), TOUCH_MS);
	try {
		return await work();
	} finally {
		clearInterval(touching);
		if (readHolder(path)?.id === mine.id) rmSync(path, { force: true });
	}
}

/** Written aside and linked, so that nobody sees a lock without a name. */
function take(path: string, mine: Holder): boolean {
	const aside = `${path}.${mine.id}`;
	writeFileSync(aside, JSON.stringify(mine));
	try {
		linkSync(aside, path);
		return true;
	} catch (error) {
		const { code = "" } = error as NodeJS.ErrnoException;
		if (code === "EEXIST") return false;
		if (!/^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS|EMLINK)$/.test(code)) throw error;
		return takeWithoutLinks(path, mine);
	} finally {
		rmSync(aside, { force: true });
	}
}

/** Some file systems know no hard links. */
function takeWithoutLinks(path: string, mine: Holder): boolean {
	try {
		writeFileSync(path, JSON.stringify(mine), { flag: "wx" });
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw error;
	}
}

function touch(path: string): void {
	try {
		const now = new Date();
		utimesSync(path, now, now);
	} catch {
		// The folder may be gone; the work will say so.
	}
}

function readHolder(path: string): Holder | undefined {
	try {
		return JSON.parse(readFileSync(path, "utf8")) as Holder;
	} catch {
		return undefined;
	}
}

function isGone(path: string, holder: Holder | undefined): boolean {
	if (holder?.host === hostname()) return !isAlive(holder.pid);
	try {
		return Date.now() - statSync(path).mtimeMs > STALE_MS;
	} catch {
		return false;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}

/** Two processes may find the same dead lock: the second must not take away what the first one has put there. */
function breakLock(path: string, dead: Holder | undefined): void {
	const aside = `${path}.${randomUUID()}`;
	try {
		renameSync(path, aside);
	} catch {
		return;
	}
	try {
		if (readHolder(aside)?.id !== dead?.id) linkSync(aside, path);
	} catch {
		// A third one holds it already.
	} finally {
		rmSync(aside, { force: true });
	}
}
