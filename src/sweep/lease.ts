import { randomUUID } from "node:crypto";
import {
	closeSync,
	fstatSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../make-folder.ts";
import {
	isGone,
	markProcess,
	type ProcessMark,
} from "../runs/process-alive.ts";
import { attempt, makeOnce } from "./folder.ts";
import { namesIn } from "./results.ts";

/**
 * Who works on something: one live process, on whichever machine.
 *
 *   leases/<name>/1.json      held by the process it names, or left by one that died
 *   leases/<name>/2.released  given back
 *   leases/<name>/3.json      the highest number counts; taking over is making the next one (link), so that of
 *                             several takers one wins, and nobody ever removes what another holds
 *
 * The holder writes the same bytes again every few seconds: the file's time is its heartbeat, by the file server's clock.
 */
export interface Lease {
	/** Aborts when another process has taken over, which happens only to a holder that stood still. */
	readonly lost: AbortSignal;
	readonly release: () => void;
}

/** What is known of a holder. */
export interface Holder extends ProcessMark {
	/** ISO 8601 in UTC. */
	readonly since: string;
}

/** How long a holder on another machine may be silent: a step of training can hold its event loop for a while. */
export const STALE_SECONDS = 60;

/** Options of a lease. */
export interface LeaseOptions {
	/** @default STALE_SECONDS */
	readonly staleSeconds?: number;
}

/**
 * Takes the lease `name` of a sweep; undefined while a live process holds it.
 * @throws RunError "sweep-folder"
 */
export function takeLease(
	folder: string,
	name: string,
	options: LeaseOptions = {},
): Lease | undefined {
	const place = placeOf(folder, name);
	const { staleSeconds = STALE_SECONDS } = options;
	return attempt(folder, () => {
		makeFolder(place);
		const last = lastOf(place);
		if (last !== undefined && isHeld(place, last, staleSeconds))
			return undefined;
		const number = (last?.number ?? 0) + 1;
		const path = join(place, `${number}.json`);
		const mark = { ...markProcess(process.pid), since: now() };
		const text = `${JSON.stringify(mark)}\n`;
		if (!makeOnce(path, text)) return undefined;
		// Numbers below the highest are removed by its holder, and may so be free again.
		if (lastOf(place)?.number !== number) {
			rmSync(path, { force: true });
			return undefined;
		}
		for (const entry of entriesOf(place))
			if (entry.number < number)
				rmSync(join(place, entry.name), { force: true });
		return keep(place, number, text, staleSeconds);
	});
}

/** Who holds a lease now; undefined where nobody does. */
export function holderOf(
	folder: string,
	name: string,
	{ staleSeconds = STALE_SECONDS }: LeaseOptions = {},
): Holder | undefined {
	const place = placeOf(folder, name);
	const last = lastOf(place);
	return last && isHeld(place, last, staleSeconds)
		? readHolder(join(place, last.name))
		: undefined;
}

function placeOf(folder: string, name: string): string {
	return join(folder, "leases", name);
}

interface Entry {
	readonly name: string;
	readonly number: number;
}

function entriesOf(place: string): readonly Entry[] {
	return namesIn(place)
		.filter((name) => /^\d+\.(json|released)$/.test(name))
		.map((name) => ({ name, number: Number.parseInt(name, 10) }));
}

function lastOf(place: string): Entry | undefined {
	return entriesOf(place).reduce<Entry | undefined>(
		(last, entry) =>
			last === undefined || entry.number > last.number ? entry : last,
		undefined,
	);
}

/**
 * A holder on this machine is asked after itself; one that cannot be asked (another machine, another container)
 * is known by its heartbeat.
 */
function isHeld(place: string, entry: Entry, staleSeconds: number): boolean {
	if (entry.name.endsWith(".released")) return false;
	const path = join(place, entry.name);
	const holder = readHolder(path);
	if (holder !== undefined) {
		if (isGone(holder)) return false;
		const here = markProcess(holder.pid);
		if (
			holder.processStart !== undefined &&
			holder.host === here.host &&
			holder.processStart === here.processStart
		)
			return true;
	}
	const beat = statSync(path, { throwIfNoEntry: false });
	// Given back or taken over just now: whoever asks may ask again.
	if (beat === undefined) return true;
	return clockOf(place) - beat.mtimeMs < staleSeconds * 1000;
}

function readHolder(path: string): Holder | undefined {
	try {
		return JSON.parse(readFileSync(path, "utf8")) as Holder;
	} catch {
		return undefined;
	}
}

/** Now by the clock that gives files their times. */
function clockOf(place: string): number {
	const probe = join(place, `clock-${randomUUID()}.tmp`);
	try {
		writeFileSync(probe, "");
		return statSync(probe).mtimeMs;
	} catch {
		return Date.now();
	} finally {
		rmSync(probe, { force: true });
	}
}

/** The heartbeat of a lease that is held. */
function keep(
	place: string,
	number: number,
	text: string,
	staleSeconds: number,
): Lease {
	const path = join(place, `${number}.json`);
	// Held open: a successor's file can never be written to by mistake.
	const file = openSync(path, "r+");
	const lost = new AbortController();
	let isOpen = true;
	const close = () => {
		isOpen = false;
		clearInterval(timer);
		closeSync(file);
	};
	const timer = setInterval(
		() => {
			if (!isOpen) return;
			if (isStillMine(place, number, file)) {
				try {
					writeSync(file, text, 0);
				} catch {
					// A full disk or a server that is away: the next beat may succeed.
				}
				return;
			}
			close();
			lost.abort(new Error("the lease was taken over by another process"));
		},
		(staleSeconds * 1000) / 10,
	);
	timer.unref();
	return {
		lost: lost.signal,
		release: () => {
			if (!isOpen) return;
			close();
			try {
				renameSync(path, join(place, `${number}.released`));
			} catch {
				// Removed from outside, or a disk that went away: the process's end releases it.
			}
		},
	};
}

function isStillMine(place: string, number: number, file: number): boolean {
	try {
		if ((lastOf(place)?.number ?? 0) > number) return false;
		const there = statSync(join(place, `${number}.json`), {
			throwIfNoEntry: false,
		});
		return there !== undefined && there.ino === fstatSync(file).ino;
	} catch {
		// The server is away: whether it is lost is not known yet.
		return true;
	}
}

function now(): string {
	return new Date().toISOString();
}
