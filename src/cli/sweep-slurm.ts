import { setMaxListeners } from "node:events";
import { relative } from "node:path";
import { EXIT } from "../diagnostic.ts";
import { followSweep } from "../mlflow/follow.ts";
import { encodeJson } from "../runs/json.ts";
import { readManifest } from "../sweep/folder.ts";
import { cancelSweep } from "../sweep/slurm/go-on.ts";
import { launchOnSlurm } from "../sweep/slurm/launch.ts";
import {
	slurmJson,
	slurmLines,
	submittedLines,
} from "../sweep/slurm/report.ts";
import type { SubmittedJob } from "../sweep/slurm/submit.ts";
import {
	collectAfterArrays,
	type SlurmStatus,
	slurmStatus,
	watchSweep,
} from "../sweep/slurm/watch.ts";
import { sweepJson } from "../sweep/status-json.ts";
import { statusText } from "../sweep/status-text.ts";
import { count } from "../text.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";
import { openTracking, trackedJson } from "./tracking.ts";

/** The verbs of a sweep whose trials are jobs of a Slurm cluster. */

/** `graft run SWEEP.yaml`, `graft sweep resume`: submits and returns. */
export async function submit(
	folder: string,
	options: Options,
	io: Io,
): Promise<number> {
	const { submitted, status, isOver } = await launchOnSlurm(
		folder,
		process.argv.slice(2),
		{ onWarning: warn(io) },
	);
	if (isOver) return say(status, options, io);
	// Detached: whatever runs by now, this command's part was to submit.
	const result = { ...status, status: "SUBMITTED" as const };
	if (options.json) {
		io.stdout(asJson(result, submitted));
		return EXIT.ok;
	}
	const { sweepId, trials } = result;
	const lines = [
		`${sweepId}  ${result.status}  ${count(trials.length, "trial")}`,
		...submittedLines(submitted),
		...(submitted.length === 0 ? ["everything is in the queue already"] : []),
		`look: graft sweep status ${sweepId} (or watch, resume, cancel)`,
		`trials: ${relative(process.cwd(), folder) || folder}/trials`,
	];
	io.stdout(`${lines.join("\n")}\n`);
	return EXIT.ok;
}

/** `graft sweep status`. */
export async function status(
	folder: string,
	options: Options,
	io: Io,
): Promise<number> {
	say(await slurmStatus(folder), options, io);
	return EXIT.ok;
}

/** `graft sweep watch`: until nothing is left to do; lost tasks are submitted again meanwhile. Ctrl-C ends the watching alone. */
export async function watch(
	folder: string,
	options: Options,
	io: Io,
): Promise<number> {
	const stopped = new AbortController();
	setMaxListeners(0, stopped.signal);
	const stop = () => stopped.abort();
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
	let said = "";
	const last = await watchSweep(folder, process.argv.slice(2), {
		onWarning: warn(io),
		signal: stopped.signal,
		onStep: ({ submitted, view }) => {
			const text = [...slurmLines(view), ...submittedLines(submitted)].join(
				"\n",
			);
			if (text !== said) io.stderr(`${text}\n`);
			said = text;
		},
	});
	const mlflow = stopped.signal.aborted ? {} : await track(folder, last, io);
	return say(last, options, io, mlflow);
}

/** `graft sweep collect`: one turn of `watch`, what the job that follows the arrays calls. */
export async function collectOnce(
	folder: string,
	options: Options,
	io: Io,
): Promise<number> {
	const { submitted, isOver } = await collectAfterArrays(
		folder,
		process.argv.slice(2),
		{ onWarning: warn(io) },
	);
	for (const line of submittedLines(submitted)) io.stderr(`${line}\n`);
	const status = await slurmStatus(folder);
	const mlflow = isOver ? await track(folder, status, io) : {};
	return say(status, options, io, mlflow);
}

/** `graft sweep cancel`. */
export async function cancel(
	folder: string,
	options: Options,
	io: Io,
): Promise<number> {
	await cancelSweep(folder);
	say(await slurmStatus(folder), options, io);
	return EXIT.ok;
}

/** The sweep and its trials go to MLflow once they are over: nodes often reach no server. */
async function track(
	folder: string,
	{ sweepId }: SlurmStatus,
	io: Io,
): Promise<object> {
	const { experiment } = readManifest(folder);
	const tracking = openTracking(experiment, io, followSweep);
	tracking.start(folder);
	const tracked = await tracking.finish(sweepId);
	return tracked === undefined ? {} : { mlflow: trackedJson(tracked) };
}

function say(
	status: SlurmStatus,
	options: Options,
	io: Io,
	more: object = {},
): number {
	if (options.json) io.stdout(asJson(status, [], more));
	else {
		for (const line of slurmLines(status.slurm)) io.stderr(`${line}\n`);
		io.stdout(statusText(status, io));
	}
	return status.status === "FAILED" ? EXIT.runFailed : EXIT.ok;
}

function asJson(
	status: SlurmStatus,
	submitted: readonly SubmittedJob[],
	more: object = {},
): string {
	const jobs = submitted.map(({ job, name, kind, tasks }) => ({
		job,
		name,
		kind,
		tasks,
	}));
	const slurm = { ...slurmJson(status.slurm), submitted: jobs };
	return `${encodeJson({ ...sweepJson(status), slurm, ...more }, 2)}\n`;
}

function warn(io: Io) {
	return (code: string, message: string) =>
		io.stderr(`graft: warning ${code}: ${message}\n`);
}
