import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, sha256 } from "../fingerprint.ts";
import { engineVersions, graftVersion } from "../versions.ts";
import { writeWhole } from "../write-whole.ts";

/**
 * Photos that were found corrupt before, so that a run whose rows are all cached decodes nothing, and those that were
 * looked through and found sound:
 *
 *   <cache>/corrupt/<hash of the decoder's versions>/<sha256 of the photo>.json     { "reason": "…" }
 *                                                    sound-<hash>.txt               a sha256 a line
 *
 * Losing a verdict costs one decode.
 */
export interface Verdicts {
	/** Why this photo is corrupt; undefined if that is not known. */
	readonly find: (sha256: string) => string | undefined;
	readonly remember: (sha256: string, reason: string) => void;
	/** Photos that can be decoded, as far as that is known. */
	readonly sound: () => ReadonlySet<string>;
	readonly rememberSound: (sha256s: readonly string[]) => void;
}

/** The verdicts of the decoder that is installed. */
export function openVerdicts(cacheFolder: string): Verdicts {
	const decoder = fingerprint({ graft: graftVersion(), ...engineVersions() });
	const folder = join(cacheFolder, "corrupt", decoder.slice(0, 32));
	const known = new Map<string, string>();
	for (const name of names(folder, /^[0-9a-f]{64}\.json$/)) {
		const reason = reasonIn(join(folder, name));
		if (reason !== undefined) known.set(name.slice(0, 64), reason);
	}

	function remember(sha256: string, reason: string): void {
		known.set(sha256, reason);
		try {
			const text = `${JSON.stringify({ reason })}\n`;
			writeWhole(join(folder, `${sha256}.json`), text);
		} catch {
			// The next run decodes it again; a cache that cannot be written is reported where rows are.
		}
	}

	function sound(): ReadonlySet<string> {
		const lists = names(folder, /^sound-[0-9a-f]{64}\.txt$/);
		return new Set(lists.flatMap((name) => linesOf(join(folder, name))));
	}

	function rememberSound(sha256s: readonly string[]): void {
		if (sha256s.length === 0) return;
		const text = [...sha256s].sort().join("\n");
		try {
			writeWhole(join(folder, `sound-${sha256(Buffer.from(text))}.txt`), text);
		} catch {
			// As above.
		}
	}

	const find = (sha256: string) => known.get(sha256);
	return { find, remember, sound, rememberSound };
}

function names(folder: string, like: RegExp): readonly string[] {
	try {
		return readdirSync(folder).filter((name) => like.test(name));
	} catch {
		return [];
	}
}

function linesOf(file: string): readonly string[] {
	try {
		return readFileSync(file, "utf8").split("\n");
	} catch {
		return [];
	}
}

function reasonIn(file: string): string | undefined {
	try {
		const { reason } = JSON.parse(readFileSync(file, "utf8")) as {
			reason?: unknown;
		};
		return typeof reason === "string" ? reason : undefined;
	} catch {
		return undefined;
	}
}
