import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RunError } from "../../diagnostic.ts";
import type { SlurmLauncher } from "../../experiment/types.ts";
import { packageRoot } from "../../paths.ts";
import { graftVersion } from "../../versions.ts";
import { isAskedToEnd } from "../folder.ts";
import type { Manifest } from "../types.ts";
import { type SbatchAnswer, sbatch, scancel, squeue } from "./commands.ts";
import type { View } from "./facts.ts";
import {
	claimRound,
	makeSlurmFolders,
	scriptFile,
	writeScript,
	writeSubmitted,
} from "./files.ts";
import { type ScriptPlaces, sbatchScript } from "./script.ts";
import { isAlive, jobsOf, tasksToSubmit } from "./select.ts";
import type { PlannedJob, Round } from "./types.ts";

/** A job that is in Slurm's hands now. */
export interface SubmittedJob extends PlannedJob {
	/** Slurm's number. */
	readonly job: string;
}

/** How a submission goes about it. */
export interface SubmitOptions {
	readonly by: "user" | "graft";
	/** See tasksToSubmit. */
	readonly alsoHeld: boolean;
	/** How long a controller that does not answer is asked again. */
	readonly patienceSeconds: number;
	readonly onWarning: (code: string, message: string) => void;
}

/**
 * Submits what is missing of a sweep, as one round: intent, scripts, sbatch, its answers. The caller holds the
 * lease of submissions.
 * @returns jobs in the order of submission; none where nothing is missing.
 * @throws RunError "no-slurm", "sbatch-refused", "slurm-unreachable", "sweep-folder"
 */
export async function submitMissing(
	folder: string,
	view: View,
	options: SubmitOptions,
): Promise<readonly SubmittedJob[]> {
	const { manifest, rounds } = view;
	const tasks = tasksToSubmit(view.verdicts, options.by, options.alsoHeld);
	if (tasks.length === 0) return [];
	makeSlurmFolders(folder);
	const number = (rounds.at(-1)?.round ?? 0) + 1;
	const round: Round = {
		version: 1,
		round: number,
		by: options.by,
		graft: graftVersion(),
		host: hostname(),
		pid: process.pid,
		created: new Date().toISOString(),
		jobs: jobsOf(manifest.sweepId, number, tasks),
	};
	const launcher = launcherOf(manifest);
	const places = placesOf(folder, manifest);
	for (const job of round.jobs)
		writeScript(
			folder,
			job,
			sbatchScript(job, manifest.tasks, launcher, places),
		);
	if (!claimRound(folder, round)) return [];
	const submitted: SubmittedJob[] = [];
	for (const job of round.jobs) {
		if (isAskedToEnd(folder)) break;
		const after = dependenciesOf(job, view, submitted);
		const answer = await submitUntilKnown(folder, job, after, options);
		if (answer.is === "refused") {
			await refused(folder, job, answer, options);
			continue;
		}
		const { name } = job;
		writeSubmitted(folder, { name, time: now(), job: answer.job });
		submitted.push({ ...job, job: answer.job });
	}
	// Cancelled while sbatch was at work: scancel may have come too early for it.
	if (isAskedToEnd(folder)) await scancel(submitted.map(({ name }) => name));
	return submitted;
}

/** What the sweep's file says of Slurm. */
export function launcherOf({ experiment }: Manifest): SlurmLauncher {
	const launcher = experiment.sweep?.launcher;
	return launcher && "slurm" in launcher
		? launcher.slurm
		: { setup: [], sbatch: [] };
}

/** This installation, as the nodes see it. */
export function placesOf(folder: string, manifest: Manifest): ScriptPlaces {
	const root = packageRoot();
	return {
		folder,
		runs: dirname(folder),
		cache: manifest.cacheFolder,
		node: process.execPath,
		graft: join(root, "src", "graft.cjs"),
		packageFile: join(root, "package.json"),
		version: graftVersion(),
		stopsOnFailure:
			(manifest.experiment.sweep?.on_failure ?? "continue") !== "continue",
	};
}

/** Numbers of the jobs that must have ended before: extractions before heads, everything before the job that follows. */
function dependenciesOf(
	{ kind, tasks }: PlannedJob,
	{ manifest, verdicts }: View,
	submitted: readonly SubmittedJob[],
): readonly string[] {
	if (kind === "extraction") return [];
	const mine = new Set(tasks);
	const needed = new Set(
		manifest.tasks.filter(({ id }) => mine.has(id)).flatMap((t) => t.after),
	);
	const here = submitted
		.filter(
			(job) => kind === "collect" || job.tasks.some((id) => needed.has(id)),
		)
		.map(({ job }) => job);
	const earlier = verdicts
		.filter(isAlive)
		.filter(({ task }) => kind === "collect" || needed.has(task.id))
		.flatMap(({ job }) => job?.split("_")[0] ?? []);
	return [...new Set([...earlier, ...here])];
}

/** A controller that does not answer may have taken the job: it is looked up by its name before sbatch is called again. */
async function submitUntilKnown(
	folder: string,
	job: PlannedJob,
	after: readonly string[],
	{ patienceSeconds, onWarning }: SubmitOptions,
): Promise<Exclude<SbatchAnswer, { is: "unknown" }>> {
	const until = Date.now() + patienceSeconds * 1000;
	for (let tries = 0; ; tries++) {
		const answer = await sbatch(scriptFile(folder, job), after);
		if (answer.is !== "unknown") return answer;
		if (tries === 0)
			onWarning(
				"slurm-unreachable",
				`Slurm's controller does not answer, sbatch is tried again for ${patienceSeconds} s: ${answer.words}`,
			);
		for (;;) {
			const queue = await squeue([job.name]);
			const found = queue.ok ? queue.jobs[0] : undefined;
			if (found !== undefined)
				return { is: "submitted", job: found.id.split("_")[0] ?? found.id };
			if (queue.ok) break;
			if (Date.now() > until)
				throw new RunError(
					"slurm-unreachable",
					`Slurm's controller does not answer: ${answer.words}`,
					{
						fix: "graft sweep resume submits what is missing once it answers (scontrol ping); nothing is lost",
					},
				);
			await sleep(1000);
		}
	}
}

async function refused(
	folder: string,
	{ name, kind }: PlannedJob,
	{ words, code, fix }: Extract<SbatchAnswer, { is: "refused" }>,
	{ onWarning }: SubmitOptions,
): Promise<void> {
	writeSubmitted(folder, { name, time: now(), refused: words, code, fix });
	const message = `sbatch refuses ${name}: ${words}`;
	if (kind !== "collect") throw new RunError(code, message, { fix });
	onWarning(
		"no-collect-job",
		`${message}; the sweep cannot repeat lost tasks by itself: look with graft sweep watch`,
	);
}

function now(): string {
	return new Date().toISOString();
}
