import { relative } from "node:path";
import { EXIT } from "../diagnostic.ts";
import { printDiagnostics } from "../diagnostic-print.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Experiment } from "../experiment/types.ts";
import { followSweep } from "../mlflow/follow.ts";
import { cacheFolder, runsFolder } from "../paths.ts";
import { sharing } from "../prepare.ts";
import { encodeJson } from "../runs/json.ts";
import { askToGoOn, readManifest } from "../sweep/folder.ts";
import {
	type PrepareSweepOptions,
	prepareSweep,
} from "../sweep/prepare-sweep.ts";
import { countStates } from "../sweep/progress.ts";
import {
	type Ahead,
	beginSweep,
	runSweep,
	type SweepOutcome,
	startAhead,
	sweepFolder,
} from "../sweep/run-sweep.ts";
import { sweepJson } from "../sweep/status-json.ts";
import { bestText } from "../sweep/table.ts";
import { count, duration } from "../text.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import { downloadLine } from "./download-line.ts";
import type { Io } from "./io.ts";
import { askingAgain, openAsking } from "./sweep-asking.ts";
import { openSweepView } from "./sweep-view.ts";
import { openTracking, trackedJson } from "./tracking.ts";

/** `graft run FILE` of a file with `sweep`: progress to stderr, the outcome to stdout. */
export async function runSweepFile(
	loaded: LoadedExperiment,
	options: Options,
	io: Io,
): Promise<number> {
	const cache = cacheFolder(options.cache);
	const killed = new AbortController();
	const stop = abortOnSignals(killed, io);
	const { file, experiment } = loaded;
	const runs = runsFolder(options.runs);
	const ahead = isOnSlurm(experiment)
		? undefined
		: await startAhead(sweepFolder(loaded, runs));
	try {
		const how: PrepareSweepOptions = {
			sets: options.sets,
			cacheFolder: cache,
			hash: true,
			missing: "error",
			runs,
			shared: sharing(),
			fetching: {
				...downloadLine(process.stderr),
				signal: killed.signal,
			},
		};
		const prepared = await unlessKilled(prepareSweep(file, how), killed.signal);
		if (prepared === undefined) return EXIT.killed;
		if (!prepared.ok)
			return sayDiagnostics(prepared.diagnostics, options.json, io);
		if (prepared.warnings.length > 0)
			io.stderr(printDiagnostics(prepared.warnings, io));
		const { folder } = beginSweep(prepared.value, {
			runsFolder: runs,
			cacheFolder: cache,
			argv: process.argv.slice(2),
			sets: options.sets,
		});
		const asking = openAsking(folder, prepared.value, how);
		const ways = { killed, ahead, ...asking };
		return await launch(folder, experiment, ways, options, io);
	} finally {
		await ahead?.worker?.end();
		stop();
	}
}

/** `graft sweep resume SWEEP`: what is missing of the sweep as it was last started, its file not read again. */
export async function resumeSweep(
	folder: string,
	options: Options,
	io: Io,
): Promise<number> {
	const killed = new AbortController();
	const stop = abortOnSignals(killed, io);
	try {
		const { experiment, tpe } = readManifest(folder);
		const asking = tpe ? await askingAgain(folder, options.cache) : {};
		if ("diagnostics" in asking)
			return sayDiagnostics(asking.diagnostics, options.json, io);
		askToGoOn(folder);
		return await launch(folder, experiment, { killed, ...asking }, options, io);
	} finally {
		stop();
	}
}

function isOnSlurm({ sweep }: Experiment): boolean {
	return "slurm" in (sweep?.launcher ?? {});
}

async function launch(
	folder: string,
	experiment: Experiment,
	how: {
		readonly killed: AbortController;
		readonly ahead?: Ahead | undefined;
		readonly nextRound?: () => Promise<boolean>;
	},
	options: Options,
	io: Io,
): Promise<number> {
	if (isOnSlurm(experiment))
		return (await import("./sweep-slurm.ts")).submit(folder, options, io);
	const tracking = openTracking(experiment, io, followSweep);
	const view = openSweepView(io, process.stderr, tracking.start);
	const outcome = await runSweep(folder, {
		argv: process.argv.slice(2),
		// The process itself began a little earlier than its code.
		startedAt: 0,
		signal: how.killed.signal,
		listener: view.listener,
		...(how.ahead && { ahead: how.ahead }),
		...(how.nextRound && { nextRound: how.nextRound }),
	}).finally(view.end);
	const tracked = await tracking.finish(outcome.sweepId);
	const mlflow = tracked && { mlflow: trackedJson(tracked) };
	io.stdout(
		options.json
			? `${encodeJson({ ...sweepJson(outcome), ...mlflow }, 2)}\n`
			: outcomeText(outcome),
	);
	if (outcome.status === "FINISHED") return EXIT.ok;
	const { PENDING: left } = countStates(outcome.trials);
	if (outcome.status === "FAILED" && left > 0)
		io.stderr(
			`graft: on_failure ended the sweep with ${count(left + (outcome.toAsk ?? 0), "trial")} left\n`,
		);
	const again = `graft run ${relative(process.cwd(), outcome.source) || outcome.source}`;
	io.stderr(
		outcome.status === "KILLED"
			? `graft: the sweep was ended; finished trials are kept\n  fix: ${again} goes on with the rest\n`
			: `  fix: ${again} runs again what failed\n`,
	);
	return outcome.status === "KILLED" ? EXIT.killed : EXIT.runFailed;
}

/** Ctrl-C and a request to end: everything that runs is ended; the second one does not wait for it. */
function abortOnSignals(killed: AbortController, io: Io): () => void {
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
	const end = () => {
		if (killed.signal.aborted) process.exit(EXIT.killed);
		killed.abort(new Error("killed"));
		io.stderr("\ngraft: ending what runs; once more to end at once\n");
	};
	for (const signal of signals) process.on(signal, end);
	return () => {
		for (const signal of signals) process.off(signal, end);
	};
}

/** Undefined where a signal ended the download of weights. */
async function unlessKilled<T>(
	work: Promise<T>,
	signal: AbortSignal,
): Promise<T | undefined> {
	try {
		return await work;
	} catch (error) {
		if (signal.aborted) return undefined;
		throw error;
	}
}

/** One line with the counts, one with the best, one with where it all is. */
function outcomeText(outcome: SweepOutcome): string {
	const { sweepId, status, trials, best, objective, seconds, folder } = outcome;
	const by = countStates(trials);
	const counts = [
		`${by.FINISHED + by.PRUNED} of ${trials.length + (outcome.toAsk ?? 0)} trials`,
		...(by.PRUNED > 0 ? [`${by.PRUNED} of them pruned`] : []),
		...(by.FAILED > 0 ? [`${by.FAILED} failed`] : []),
	];
	return [
		[sweepId, status, ...counts, duration(seconds)].join("  "),
		...(best === undefined
			? []
			: [`${bestText(best, objective.metric)}  ${best.runId}`]),
		`trials: ${relative(process.cwd(), folder)}/trials`,
		"",
	].join("\n");
}
