import { readManifest } from "../folder.ts";
import { holderOf } from "../lease.ts";
import { readFailures, readResults } from "../results.ts";
import type { FailureCause, Manifest, Task, TrialFailure } from "../types.ts";
import { squeue } from "./commands.ts";
import {
	readDone,
	readExit,
	readLost,
	readRounds,
	readSubmitted,
	recordsIn,
} from "./files.ts";
import type { Queue, Round } from "./types.ts";
import { type Verdict, verdicts } from "./verdict.ts";

/** A sweep on Slurm as files and one squeue tell it. */
export interface View {
	readonly manifest: Manifest;
	readonly rounds: readonly Round[];
	readonly queue: Queue;
	/** In the order of the manifest's tasks. */
	readonly verdicts: readonly Verdict[];
	/** Noted failures of trials without a result, by trial. */
	readonly failures: ReadonlyMap<string, TrialFailure>;
}

/**
 * Looks at a sweep: squeue first, then the files, so that a job that ends in between has its record.
 * @throws RunError "no-slurm", "sweep-damaged"
 */
export async function lookAt(folder: string): Promise<View> {
	const rounds = readRounds(folder);
	const names = rounds.flatMap(({ jobs }) => jobs.map(({ name }) => name));
	const queue = await squeue(names);
	const manifest = readManifest(folder);
	const results = readResults(folder);
	const failures = new Map(
		[...readFailures(folder)].filter(([trial]) => !results.has(trial)),
	);
	const done = readDone(folder);
	const exits = recordsIn(folder, "exit");
	const starts = recordsIn(folder, "start");
	const hasResults = ({ trials }: Task) =>
		trials.every((trial) => results.has(trial));
	return {
		manifest,
		rounds,
		queue,
		failures,
		verdicts: verdicts({
			tasks: manifest.tasks,
			rounds,
			submitted: readSubmitted(folder),
			queue,
			isDone: (task) => done.has(task.id) || hasResults(task),
			exitOf: (job, name) => {
				const file = exits.get(job);
				const exit = file === undefined ? undefined : readExit(folder, file);
				return exit?.name === name ? exit : undefined;
			},
			hasStarted: (job) => starts.has(job),
			failureOf: (task) =>
				causeOf(
					task.trials.filter((trial) => !results.has(trial)),
					failures,
				),
			isHeld: (task) => holderOf(folder, task.id) !== undefined,
			lost: readLost(folder),
			retries: retriesOf(manifest),
		}),
	};
}

function retriesOf({ experiment }: Manifest) {
	return experiment.sweep?.retries ?? { infrastructure: 3, memory: 1, nan: 0 };
}

/** Undefined where one of them left no word; of several causes the one that is worth another attempt. */
function causeOf(
	open: readonly string[],
	failures: ReadonlyMap<string, TrialFailure>,
): FailureCause | undefined {
	const causes = open.map((trial) => failures.get(trial)?.cause);
	if (causes.includes(undefined)) return undefined;
	const order = ["infrastructure", "memory", "nan", "input"] as const;
	return order.find((cause) => causes.includes(cause));
}
