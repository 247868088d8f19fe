import { userInfo } from "node:os";
import { execa } from "execa";
import { RunError } from "../../diagnostic.ts";
import { jobEnvironment } from "./environment.ts";
import { explainRefusal, isUnreachable } from "./refusals.ts";
import type { Queue, QueuedJob } from "./types.ts";

/** Slurm's commands: the only place that starts them. */

/** Longer than Slurm's own patience with a controller that is down (4 s by default, 60 s with a backup). */
const TIMEOUT_MS = 120_000;

/** What became of an sbatch call. */
export type SbatchAnswer =
	| { readonly is: "submitted"; readonly job: string }
	| {
			readonly is: "refused";
			readonly words: string;
			readonly code: string;
			readonly fix: string;
	  }
	/** Whether there is a job now is not known: it is to be looked up by its name. */
	| { readonly is: "unknown"; readonly words: string };

/**
 * Submits a script.
 * @param after job numbers that must have ended, however they ended
 * @throws RunError "no-slurm"
 */
export async function sbatch(
	script: string,
	after: readonly string[],
): Promise<SbatchAnswer> {
	const dependency =
		after.length === 0 ? [] : [`--dependency=afterany:${after.join(":")}`];
	const { ok, stdout, words } = await call("sbatch", [
		"--parsable",
		...dependency,
		script,
	]);
	if (ok) {
		const [, job] = /^(\d+)(;|\s*$)/m.exec(stdout) ?? [];
		return job === undefined
			? { is: "unknown", words: `sbatch printed ${JSON.stringify(stdout)}` }
			: { is: "submitted", job };
	}
	if (isUnreachable(words)) return { is: "unknown", words };
	return { is: "refused", words, ...explainRefusal(words) };
}

/**
 * One squeue for all jobs of a sweep, those that ended a short while ago among them (Slurm's MinJobAge).
 */
export async function squeue(names: readonly string[]): Promise<Queue> {
	if (names.length === 0) return { ok: true, jobs: [] };
	const { ok, stdout, words } = await call("squeue", [
		"--noheader",
		"--array",
		"--all",
		"--states=all",
		`--user=${userInfo().uid}`,
		`--name=${names.join(",")}`,
		"--format=%i|%j|%T|%r",
	]);
	return ok ? { ok: true, jobs: parseQueue(stdout) } : { ok: false, words };
}

/** Lines of `squeue --format=%i|%j|%T|%r`. */
export function parseQueue(text: string): readonly QueuedJob[] {
	return text
		.split("\n")
		.map((line) => line.trim().split("|"))
		.filter((cells) => cells.length === 4)
		.map(([id = "", name = "", state = "", reason = ""]) => ({
			id,
			name,
			state,
			reason,
		}));
}

/**
 * Cancels jobs by their names. @returns the controller's words where it did not answer.
 * @throws RunError "no-slurm"
 */
export async function scancel(
	names: readonly string[],
): Promise<string | undefined> {
	// scancel takes one name a call in old versions.
	for (const name of names) {
		const { ok, words } = await call("scancel", [
			`--user=${userInfo().username}`,
			`--name=${name}`,
		]);
		if (!ok) return words;
	}
	return undefined;
}

async function call(command: string, args: readonly string[]) {
	const { failed, code, stdout, stderr, shortMessage } = await execa(
		command,
		args,
		{
			env: jobEnvironment(process.env),
			extendEnv: false,
			reject: false,
			stdin: "ignore",
			timeout: TIMEOUT_MS,
		},
	);
	// Files alone tell enough of a sweep on a machine that has no squeue.
	if (code === "ENOENT" && command === "squeue")
		return { ok: false, stdout: "", words: "squeue is not on the PATH" };
	if (code === "ENOENT")
		throw new RunError(
			"no-slurm",
			`${command} is not on the PATH of this machine`,
			{
				fix: "start it where Slurm's commands are (a login node; perhaps `module load slurm`), or take launcher: local",
			},
		);
	return {
		ok: !failed,
		stdout,
		words: wordsOf(stderr) || (shortMessage ?? `${command} failed`),
	};
}

/** Without the command's name before each line, in one line. */
function wordsOf(stderr: string): string {
	return stderr
		.split("\n")
		.map((line) => line.replace(/^\w+: (error: )?/, "").trim())
		.filter((line) => line !== "")
		.join("; ");
}
