import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../fingerprint.ts";
import { writeWhole } from "../../write-whole.ts";

/**
 * What is known of files that were hashed before, so that a second run over the same photos reads none:
 *
 *   <cache>/hashes/<hash of the root>.jsonl
 *     {"format":"graft hashes 1","root":"/photos"}
 *     ["train/cat/1.jpg",48211,"1700000000123456789","1700000000123456789","4711","<sha256>"]   size, mtime ns, ctime ns, inode
 *     {"sha256":"<of all lines above>"}
 *
 * A file whose last line does not fit is as good as none. Losing the index costs time, never a result.
 */
const FORMAT = "graft hashes 1";

/** What tells that a file's bytes are still those that were hashed. */
export interface FileStamp {
	readonly size: number;
	/** Nanoseconds since 1970. */
	readonly mtimeNs: bigint;
	readonly ctimeNs: bigint;
	readonly inode: bigint;
}

/** Files younger than this when hashed are not trusted: a second write could leave the same stamp ("racy git"). */
const RACY_NS = 2_000_000_000n;

/** What is known of the files under one root. */
export interface HashIndex {
	/** The sha256 of a file whose stamp is unchanged. */
	readonly find: (path: string, stamp: FileStamp) => string | undefined;
	/** Remembers a file, unless it changed within the 2 s before `nowNs`, the time before it was read. */
	readonly remember: (
		path: string,
		stamp: FileStamp,
		sha256: string,
		nowNs: bigint,
	) => void;
	/** Writes what is new, beside and then renamed. @throws what the file system says. */
	readonly save: () => void;
}

type Entry = readonly [string, number, string, string, string, string];

/** The index of the photos under `root`, an absolute path without links. Empty where it is missing or damaged. */
export function openHashIndex(cacheFolder: string, root: string): HashIndex {
	const folder = join(cacheFolder, "hashes");
	const file = join(folder, `${sha256(root).slice(0, 32)}.jsonl`);
	const entries = new Map<string, Entry>();
	for (const entry of readEntries(file)) entries.set(entry[0], entry);
	const used = new Set<string>();
	let changed = false;

	function find(path: string, stamp: FileStamp): string | undefined {
		const entry = entries.get(path);
		if (entry === undefined) return undefined;
		const [, size, mtime, ctime, inode, hash] = entry;
		const same =
			size === stamp.size &&
			mtime === String(stamp.mtimeNs) &&
			ctime === String(stamp.ctimeNs) &&
			inode === String(stamp.inode);
		if (!same) return undefined;
		used.add(path);
		return hash;
	}

	function remember(
		path: string,
		stamp: FileStamp,
		hash: string,
		nowNs: bigint,
	): void {
		const last = stamp.mtimeNs > stamp.ctimeNs ? stamp.mtimeNs : stamp.ctimeNs;
		if (nowNs - last < RACY_NS) return;
		const { size, mtimeNs, ctimeNs, inode } = stamp;
		const times = [String(mtimeNs), String(ctimeNs), String(inode)] as const;
		entries.set(path, [path, size, ...times, hash]);
		used.add(path);
		changed = true;
	}

	function save(): void {
		if (!changed) return;
		// Other manifests over the same root have entries of their own; what grew too old goes.
		const kept = [...entries.values()];
		const wanted =
			kept.length > 2 * used.size + 10_000
				? kept.filter(([path]) => used.has(path))
				: kept;
		const lines = [{ format: FORMAT, root }, ...wanted].map(
			(line) => `${JSON.stringify(line)}\n`,
		);
		const text = lines.join("");
		writeWhole(file, `${text}${JSON.stringify({ sha256: sha256(text) })}\n`);
		changed = false;
	}

	return { find, remember, save };
}

function readEntries(file: string): readonly Entry[] {
	try {
		const text = readFileSync(file, "utf8");
		const cut = text.lastIndexOf("\n", text.length - 2) + 1;
		const body = text.slice(0, cut);
		const end = JSON.parse(text.slice(cut)) as { sha256?: unknown };
		if (end.sha256 !== sha256(body)) return [];
		const [header, ...lines] = body.trimEnd().split("\n");
		if ((JSON.parse(header) as { format?: unknown }).format !== FORMAT)
			return [];
		return lines.map((line) => JSON.parse(line) as Entry);
	} catch {
		return [];
	}
}
