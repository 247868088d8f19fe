import { readFileSync } from "node:fs";

/** Why a worker process ended in the middle of a task. */
export interface Death {
	readonly exitCode: number | undefined;
	readonly signal: string | undefined;
	/** The last of what it said on stdout and stderr. */
	readonly tail: string;
	/** The kernel has killed for want of memory since the process began. */
	readonly oomKilled: boolean;
	/** Of a process that could not be started. */
	readonly reason: string | undefined;
}

/** Words of allocators: V8's, C++'s, Python's and CUDA's. */
const OUT_OF_MEMORY =
	/out of memory|heap limit|bad_alloc|Cannot allocate memory|ENOMEM|MemoryError|\bOOM\b/i;

/** Whether memory was lacking, and a sentence for people. */
export function explainDeath(death: Death): {
	readonly memory: boolean;
	readonly message: string;
} {
	const { exitCode, signal, tail, oomKilled, reason } = death;
	const isKilled = signal === "SIGKILL" || exitCode === 137;
	const memory =
		OUT_OF_MEMORY.test(tail) || exitCode === 137 || (isKilled && oomKilled);
	const how =
		signal !== undefined
			? `was ended by ${signal}`
			: exitCode === undefined
				? `could not be started: ${reason}`
				: `ended with exit code ${exitCode}`;
	const why = isKilled && oomKilled ? ", for the memory was used up" : "";
	const lines = tail.trim().split("\n");
	const last = lines.find((line) => OUT_OF_MEMORY.test(line)) ?? lines.at(-1);
	const said = last ? `: ${last.trim()}` : "";
	return { memory, message: `the worker process ${how}${why}${said}` };
}

/** How often the kernel has killed a process for want of memory: of this container where it is told, else of the machine. */
export function countOomKills(): number {
	for (const path of ["/sys/fs/cgroup/memory.events", "/proc/vmstat"]) {
		try {
			const found = /^oom_kill (\d+)$/m.exec(readFileSync(path, "utf8"));
			if (found?.[1] !== undefined) return Number(found[1]);
		} catch {
			// Another system, or an older kernel.
		}
	}
	return 0;
}
