import type { SlurmLauncher } from "../../experiment/types.ts";
import type { Task } from "../types.ts";
import { CHECKS, COLLECT, LOOK, RECORDS, WORK } from "./script-body.ts";
import { noticeSeconds } from "./time-limit.ts";
import type { PlannedJob } from "./types.ts";

/** What a script needs to know of this installation. Every path is absolute and seen from the nodes. */
export interface ScriptPlaces {
	/** The sweep's folder. */
	readonly folder: string;
	readonly runs: string;
	readonly cache: string;
	/** The Node.js that submits. */
	readonly node: string;
	/** src/graft.cjs. */
	readonly graft: string;
	/** package.json beside it, where its version is read. */
	readonly packageFile: string;
	readonly version: string;
	/** Whether a failed trial may end the sweep: its task looks at once. */
	readonly stopsOnFailure?: boolean;
}

/**
 * The text for sbatch of one array, or of the job that follows the arrays: a pure function of its arguments.
 *
 * A lost task is submitted again by Graft, never requeued by Slurm: a requeued job starts again under the same
 * number while its old copy may still run. Dependencies are not in here; they need job numbers.
 *
 *   directives ─ start record ─ setup lines ─ checks ─ graft, told of signals ─ exit record (always)
 */
export function sbatchScript(
	job: PlannedJob,
	tasks: readonly Task[],
	launcher: SlurmLauncher,
	places: ScriptPlaces,
): string {
	const directives = directivesOf(job, launcher, places).map(
		(line) => `#SBATCH ${line}`,
	);
	return [
		"#!/bin/bash",
		...directives,
		"",
		...head(job, tasks, places),
		"",
		RECORDS,
		"",
		...setup(launcher),
		CHECKS,
		...(job.kind === "collect"
			? [COLLECT]
			: [WORK, ...(places.stopsOnFailure ? [LOOK] : []), 'exit "$code"']),
	]
		.join("\n")
		.concat("\n");
}

function directivesOf(
	{ name, kind, tasks }: PlannedJob,
	launcher: SlurmLauncher,
	{ folder }: ScriptPlaces,
): readonly string[] {
	const isArray = kind !== "collect";
	const { max_running } = launcher;
	const throttle = max_running === undefined ? "" : `%${max_running}`;
	const log = isArray ? "%A_%a" : "%j";
	const logs = `${folder.replaceAll("%", "%%")}/slurm/logs/${log}.log`;
	const always = [
		`--job-name=${name}`,
		...(isArray ? [`--array=0-${tasks.length - 1}${throttle}`] : []),
		`--output=${directiveValue(logs)}`,
		"--open-mode=append",
		`--chdir=${directiveValue(folder)}`,
		// The small job may start twice without harm, and nobody but Slurm starts it again.
		isArray ? "--no-requeue" : "--requeue",
		"--kill-on-invalid-dep=yes",
	];
	// The job that follows is small: no GPU, one core, ten minutes; it goes where the others may go.
	const asked = isArray
		? [
				`--signal=B:USR1@${noticeSeconds(launcher.time)}`,
				...options(launcher, [
					"partition",
					"account",
					"qos",
					"gres",
					"time",
					"constraint",
					"mem",
				]),
				...(launcher.cpus_per_task === undefined
					? []
					: [`--cpus-per-task=${launcher.cpus_per_task}`]),
			]
		: [
				...options(launcher, ["partition", "account", "qos", "constraint"]),
				"--time=10",
				"--cpus-per-task=1",
			];
	const more = launcher.sbatch.map(bareOption);
	// Of two equal options sbatch takes the last: what Graft depends on comes last.
	return [...(isArray ? more : more.filter(isAboutPlace)), ...asked, ...always];
}

function options(
	launcher: SlurmLauncher,
	names: readonly (
		| "partition"
		| "account"
		| "qos"
		| "gres"
		| "time"
		| "constraint"
		| "mem"
	)[],
): readonly string[] {
	return names.flatMap((name) => {
		const value = launcher[name];
		return value === undefined ? [] : [`--${name}=${directiveValue(value)}`];
	});
}

/** A line as people write it: with or without `#SBATCH`. */
function bareOption(line: string): string {
	return line.trim().replace(/^#SBATCH\s+/, "");
}

/** Lines that the small job needs as well, to be let in and to be found. */
function isAboutPlace(line: string): boolean {
	return /^(-M\b|--(clusters|reservation|wckey|comment|mail-type|mail-user)\b)/.test(
		line,
	);
}

/** sbatch reads directives like a shell without expansion: quotes hold spaces together. */
function directiveValue(value: string): string {
	return /^[\w@%+=:,./*&|[\]()-]*$/.test(value)
		? value
		: `"${value.replaceAll(/(["\\])/g, "\\$1")}"`;
}

function head(
	{ kind, tasks }: PlannedJob,
	known: readonly Task[],
	{ folder, runs, cache, node, graft, packageFile, version }: ScriptPlaces,
): readonly string[] {
	const byId = new Map(known.map((task) => [task.id, task] as const));
	const cases = tasks.map((id, place) => {
		const needs = byId.get(id)?.after.join(" ") ?? "";
		return `${place}) task=${id} needs=${quoted(needs)} ;;`;
	});
	const which =
		kind === "collect"
			? ["task=collect needs=", "job=$SLURM_JOB_ID"]
			: [
					"case $SLURM_ARRAY_TASK_ID in",
					...cases,
					"esac",
					'job="$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID"',
				];
	return [
		`folder=${quoted(folder)}`,
		`node=${quoted(node)}`,
		`graft=${quoted(graft)}`,
		`package=${quoted(packageFile)}`,
		`version=${quoted(version)}`,
		`export GRAFT_RUNS=${quoted(runs)}`,
		`export GRAFT_CACHE=${quoted(cache)}`,
		...which,
	];
}

function setup({ setup }: SlurmLauncher): readonly string[] {
	return setup.length === 0 ? [] : ["# launcher.slurm.setup", ...setup, ""];
}

/** One word for bash, whatever is in it. */
function quoted(value: string): string {
	return `'${value.replaceAll("'", "'\\''")}'`;
}
