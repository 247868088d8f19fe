import { totalmem } from "node:os";
import type { LocalLauncher, SweepOptions } from "../experiment/types.ts";
import type { Task } from "./types.ts";

/** What the file says about processes on this machine; a Slurm sweep that runs here all the same says nothing. */
export function localOf({ launcher }: SweepOptions): LocalLauncher {
	return "local" in launcher
		? launcher.local
		: { workers: "auto", trials_per_gpu: 1 };
}

/** Memory that a worker of its own is worth. */
const BYTES_A_WORKER = 2 * 2 ** 30;

/** `auto`: one a core, as many as there are tasks side by side and as fit into memory. */
export function workersOf(
	{ workers }: LocalLauncher,
	tasks: readonly Task[],
	cores: number,
): number {
	if (workers !== "auto") return workers;
	const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
	const memory = Math.min(limit, totalmem());
	const wide = tasks.filter(({ kind }) => kind !== "extraction").length;
	const fitting = Math.floor(memory / BYTES_A_WORKER);
	return Math.max(1, Math.min(cores, wide, fitting));
}
