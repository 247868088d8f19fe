import type { Experiment } from "../../experiment/types.ts";
import { openSweepJournal } from "../sweep-journal.ts";
import { lookAt } from "./facts.ts";
import { makeSlurmFolders } from "./files.ts";
import { goOn, type Step, type StepOptions } from "./go-on.ts";
import { type SlurmStatus, withSlurm } from "./watch.ts";

/** Whether a sweep's trials are jobs of a cluster. */
export function isForSlurm({ sweep }: Pick<Experiment, "sweep">): boolean {
	return sweep !== undefined && "slurm" in sweep.launcher;
}

/** A sweep in Slurm's hands. */
export interface Launched extends Step {
	readonly status: SlurmStatus;
}

/**
 * `graft run SWEEP.yaml` and `graft sweep resume`: submits what is missing of the sweep in a folder, attempts counted
 * anew, and returns. What is in the queue or running already is left alone.
 * @throws RunError as goOn, and "journal-write"
 */
export async function launchOnSlurm(
	folder: string,
	argv: readonly string[],
	options: Omit<StepOptions, "by">,
): Promise<Launched> {
	makeSlurmFolders(folder);
	const step = await goOn(folder, { ...options, by: "user" });
	const view = step.submitted.length > 0 ? await lookAt(folder) : step.view;
	const status = withSlurm(folder, view);
	// No process stays that could be found gone: the sweep goes on without it.
	const journal = openSweepJournal(folder, argv, 0);
	if (step.isOver && status.status === "FINISHED") journal.end("FINISHED");
	else journal.close();
	return { ...step, view, status };
}
