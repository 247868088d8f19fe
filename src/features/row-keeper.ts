import type { FeatureCache } from "./cache.ts";

/** Rows on their way to the disk. */
export interface RowKeeper {
	/** Takes a finished row; now and then all that wait become a shard. */
	readonly add: (sha256: string, row: Float32Array) => void;
	/** Writes what waits. Not called if the process ends before: that writes it too. */
	readonly close: () => void;
}

/** A crash loses at most this much, or a tenth of the time worked: long extractions get fewer, larger shards. */
const SHARD_MS = 2_000;
/** A shard is read and checked as a whole. */
const SHARD_BYTES = 64 * 2 ** 20;

/** Keeps finished rows in `cache`; does nothing without one. Throws what `cache.append` throws. */
export function keepRows(cache: FeatureCache | undefined): RowKeeper {
	const start = performance.now();
	let last = start;
	let bytes = 0;
	let waiting = new Map<string, Float32Array>();

	function flush(): void {
		const rows = waiting;
		waiting = new Map();
		bytes = 0;
		cache?.append(rows);
		last = performance.now();
	}

	function add(sha256: string, row: Float32Array): void {
		if (cache === undefined) return;
		waiting.set(sha256, row);
		bytes += row.byteLength;
		const now = performance.now();
		const due = Math.max(SHARD_MS, (now - start) / 10);
		if (bytes >= SHARD_BYTES || now - last >= due) flush();
	}

	function atExit(): void {
		try {
			flush();
		} catch {
			// The process is ending for another reason, which is the one to be told.
		}
	}
	process.on("exit", atExit);

	function close(): void {
		process.off("exit", atExit);
		flush();
	}

	return { add, close };
}
