import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { sha256 } from "../fingerprint.ts";
import { writeFix } from "./journal.ts";

/**
 * How often the test photos were looked at, whatever run was looked at with: each look makes the next number a little
 * less honest, for one chooses among numbers one has seen.
 */
export interface Look {
	/** ISO 8601 in UTC. */
	readonly time: string;
	readonly runId: string;
	/** Of the test photos: contents and labels. */
	readonly photos: string;
	/** 0 … 1. */
	readonly accuracy: number;
}

const LOOKS_FILE = "test-looks.jsonl";

/** Names a set of test photos: the same whatever order or names the files have. */
export function photosKey(
	samples: readonly {
		readonly sha256: string;
		readonly label: number;
		readonly labels?: readonly number[];
	}[],
): string {
	const lines = samples.map(
		({ sha256, label, labels }) => `${sha256} ${labels?.join(",") ?? label}`,
	);
	return sha256(lines.sort().join("\n")).slice(0, 16);
}

/** All looks of a runs folder, oldest first; damaged lines are left out. */
export function readLooks(runsFolder: string): readonly Look[] {
	let text: string;
	try {
		text = readFileSync(join(runsFolder, LOOKS_FILE), "utf8");
	} catch {
		return [];
	}
	return text.split("\n").flatMap((line) => {
		try {
			const look: unknown = line === "" ? undefined : JSON.parse(line);
			return isLook(look) ? [look] : [];
		} catch {
			return [];
		}
	});
}

function isLook(value: unknown): value is Look {
	const { time, runId, photos, accuracy } = (value ?? {}) as Partial<Look>;
	return (
		[time, runId, photos].every((word) => typeof word === "string") &&
		typeof accuracy === "number"
	);
}

/** One line more, before the number is shown. @throws RunError "looks-write": what is not counted is not shown. */
export function addLook(runsFolder: string, look: Look): void {
	const path = join(runsFolder, LOOKS_FILE);
	try {
		// After a line that a full disk cut off, this one must not be lost in it.
		const start = endsWhole(path) ? "" : "\n";
		appendFileSync(path, `${start}${JSON.stringify(look)}\n`, { flush: true });
	} catch (cause) {
		throw new RunError(
			"looks-write",
			`the look at the test photos cannot be counted in ${path}: ${(cause as Error).message}`,
			{ fix: writeFix(cause), cause },
		);
	}
}

function endsWhole(path: string): boolean {
	return !existsSync(path) || /(^|\n)$/.test(readFileSync(path, "utf8"));
}
