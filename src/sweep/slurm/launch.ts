import type { SweepOptions } from "../../experiment/types.ts";
import type { PreparedSweep } from "../prepare-sweep.ts";
import { type BeginOptions, beginSweep } from "../run-sweep.ts";
import { openSweepJournal } from "../sweep-journal.ts";
import { makeSlurmFolders } from "./files.ts";
import { goOn, type Step } from "./go-on.ts";

/** A sweep in Slurm's hands. */
export interface Launched extends Step {
	readonly sweepId: string;
	/** Absolute. */
	readonly folder: string;
}

/** Whether a sweep's trials are jobs of a cluster. */
export function isForSlurm({ launcher }: SweepOptions): boolean {
	return "slurm" in launcher;
}

/**
 * `graft run SWEEP.yaml` with launcher slurm: writes the folder, submits what is missing and returns. What is in the
 * queue or running already is left alone.
 * @throws RunError "no-slurm", "sbatch-refused", "slurm-unreachable", "sweep-folder", "journal-write"
 */
export async function launchOnSlurm(
	prepared: PreparedSweep,
	options: BeginOptions & {
		readonly onWarning: (code: string, message: string) => void;
	},
): Promise<Launched> {
	const { sweepId, folder } = beginSweep(prepared, options);
	makeSlurmFolders(folder);
	const { onWarning } = options;
	const step = await goOn(folder, { by: "user", onWarning });
	// No process stays that could be found gone: the sweep goes on without it.
	const journal = openSweepJournal(folder, options.argv, 0);
	if (step.isOver) journal.end("FINISHED");
	else journal.close();
	return { sweepId, folder, ...step };
}
