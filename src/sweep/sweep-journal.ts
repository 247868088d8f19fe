import { openJournal } from "../runs/journal.ts";
import type { RunStatus } from "../runs/types.ts";
import { readManifest } from "./folder.ts";
import { resultsReader, trialsIn } from "./results.ts";
import { bestOf, objectiveOf, sweepRun } from "./status.ts";

/**
 * The sweep as a run of its own, MLflow's parent: start at each start, after each finished trial the counts and the
 * best so far, the end. Everything in it follows from results/ and failures/; several runners append.
 */
export interface SweepJournal {
	/** Appends what has changed since this journal's last metrics; not more often than every NOTE_MS. */
	readonly note: () => void;
	readonly end: (status: Exclude<RunStatus, "RUNNING">) => void;
	/** Without an end: the sweep goes on elsewhere. */
	readonly close: () => void;
}

/** Many small trials may finish at once. */
const NOTE_MS = 250;

/**
 * Appends the start.
 * @param pid 0: no process of this machine carries the sweep on (Slurm does), so none can be found gone.
 * @throws RunError "journal-write"
 */
export function openSweepJournal(
	folder: string,
	argv: readonly string[],
	pid: number = process.pid,
): SweepJournal {
	const manifest = readManifest(folder);
	const objective = objectiveOf(manifest);
	const before = sweepRun(folder)?.finalMetrics ?? {};
	const journal = openJournal(folder);
	const { sweepId, name, source, experiment } = manifest;
	journal.append({
		type: "start",
		runId: sweepId,
		name,
		fingerprint: sweepId.slice(-7),
		source,
		argv,
		pid,
		experiment,
		kind: "sweep",
	});
	const newResults = resultsReader(folder);
	let last: Readonly<Record<string, number>> = before;

	function note(): void {
		const results = newResults();
		const failures = new Set(trialsIn(folder, "failures"));
		// Rounds bring more.
		const asked = (manifest.tpe ? readManifest(folder) : manifest).trials;
		const mine = asked.flatMap((id) => results.get(id) ?? []);
		const finished = mine.filter(({ status }) => status === "FINISHED");
		const values: Record<string, number> = {
			"trials/planned": asked.length,
			"trials/finished": finished.length,
			"trials/pruned": mine.length - finished.length,
			"trials/failed": asked.filter(
				(id) => failures.has(id) && !results.has(id),
			).length,
		};
		const best = bestOf(finished, objective)?.metrics[objective.metric];
		if (best !== undefined) values[`best/${objective.metric}`] = best;
		const all = Object.entries(values);
		if (all.every(([key, value]) => last[key] === value)) return;
		const timestamp = Date.now();
		// The more trials are over, the later: a step that never goes back, whichever runner writes.
		const step = mine.length;
		journal.append({
			type: "metrics",
			epoch: step,
			metrics: all.map(([key, value]) => ({ key, value, step, timestamp })),
		});
		last = { ...last, ...values };
	}

	let noted = Number.NEGATIVE_INFINITY;
	return {
		note: () => {
			if (performance.now() - noted < NOTE_MS) return;
			noted = performance.now();
			note();
		},
		close: () => journal.close(),
		end: (status) => {
			note();
			journal.append({ type: "end", status });
			journal.close();
		},
	};
}
