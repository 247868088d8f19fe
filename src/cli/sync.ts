import { type Diagnostic, EXIT } from "../diagnostic.ts";
import type { TrackingOptions } from "../experiment/types.ts";
import { trackingSettings } from "../mlflow/settings.ts";
import {
	type Destination,
	type Synced,
	syncRuns,
	withTrials,
} from "../mlflow/sync.ts";
import { addCounts, type Counts, NO_COUNTS, totalOf } from "../mlflow/types.ts";
import { runsFolder } from "../paths.ts";
import { findRun } from "../runs/find-run.ts";
import { listRuns } from "../runs/list-runs.ts";
import { readRun } from "../runs/record.ts";
import type { Options } from "./arguments.ts";
import { sayDiagnostics } from "./diagnostics.ts";
import type { Io } from "./io.ts";

/**
 * `graft sync [RUN…]`: brings runs, all by default, to their MLflow server. One line a run on stdout, troubles on
 * stderr; exit code 1 while anything is left.
 */
export async function sync(
	runs: readonly string[],
	options: Options,
	io: Io,
): Promise<number> {
	const found = destinations(runs, options);
	if ("diagnostics" in found)
		return sayDiagnostics(found.diagnostics, options.json, io);
	const done: Synced[] = [];
	for await (const synced of syncRuns(found.destinations)) {
		done.push(synced);
		if (!options.json) io.stdout(`${line(synced)}\n`);
		for (const problem of synced.problems)
			io.stderr(`${nameOf(synced)}: ${problem}\n`);
	}
	if (options.json) io.stdout(`${JSON.stringify(syncJson(done), null, 2)}\n`);
	const open = done.filter(({ isComplete }) => !isComplete).length;
	io.stderr(
		`${done.length - open} of ${done.length} runs are whole in MLflow${open > 0 ? "; call graft sync again for the rest" : ""}\n`,
	);
	return open > 0 ? EXIT.runFailed : EXIT.ok;
}

/** Every mistake at once: runs that do not exist, runs without a server. */
function destinations(
	runs: readonly string[],
	options: Options,
):
	| { readonly destinations: readonly Destination[] }
	| { readonly diagnostics: readonly Diagnostic[] } {
	const root = runsFolder(options.runs);
	const diagnostics: Diagnostic[] = [];
	const folders: string[] = [];
	if (runs.length === 0)
		// The oldest first, as they would have been sent.
		folders.push(
			...listRuns(root)
				.map(({ folder }) => folder)
				.reverse(),
		);
	for (const run of runs) {
		const found = findRun(root, run);
		if (found.ok) folders.push(found.value);
		else diagnostics.push(...found.diagnostics);
	}
	const list: Destination[] = [];
	for (const folder of folders) {
		const settings = trackingSettings(trackingOf(folder, options.to));
		if (!settings.ok) diagnostics.push(...settings.diagnostics);
		else if (settings.value !== undefined)
			list.push({ folder, settings: settings.value });
		else diagnostics.push(noServer());
	}
	return diagnostics.length > 0
		? { diagnostics: distinct(diagnostics) }
		: { destinations: withTrials(list) };
}

/** What the run's file said, with the address that the command line insists on. */
function trackingOf(folder: string, to: string | undefined): TrackingOptions {
	let tracking: TrackingOptions = {};
	try {
		tracking = readRun(folder).experiment.tracking ?? {};
	} catch {
		// A journal without a start is named when its turn comes.
	}
	return to === undefined ? tracking : { ...tracking, uri: to };
}

function noServer(): Diagnostic {
	return {
		severity: "error",
		code: "tracking-none",
		message: "no MLflow server is named",
		fix: "add --to URL, or set MLFLOW_TRACKING_URI, or write tracking.uri into the experiment file",
	};
}

function distinct(diagnostics: readonly Diagnostic[]): Diagnostic[] {
	return [
		...new Map(
			diagnostics.map((one) => [`${one.code} ${one.message}`, one]),
		).values(),
	];
}

function nameOf({ folder }: Synced): string {
	return folder.split(/[\\/]/).at(-1) ?? folder;
}

function line(synced: Synced): string {
	const { sent, present, left, url, isComplete } = synced;
	const counts = `sent ${totalOf(sent)}, already there ${totalOf(present)}, left ${totalOf(left)}`;
	return [nameOf(synced), isComplete ? "whole" : "open ", counts, url ?? ""]
		.join("  ")
		.trimEnd();
}

function syncJson(done: readonly Synced[]) {
	const sum = (pick: (synced: Synced) => Counts) =>
		countsJson(done.map(pick).reduce(addCounts, NO_COUNTS));
	return {
		complete: done.every(({ isComplete }) => isComplete),
		sent: sum(({ sent }) => sent),
		already_there: sum(({ present }) => present),
		left: sum(({ left }) => left),
		runs: done.map((synced) => ({
			run_id: nameOf(synced),
			complete: synced.isComplete,
			sent: countsJson(synced.sent),
			already_there: countsJson(synced.present),
			left: countsJson(synced.left),
			problems: synced.problems,
			mlflow: {
				tracking_uri: synced.trackingUri,
				experiment_id: synced.experimentId ?? null,
				run_id: synced.mlflowRunId ?? null,
				url: synced.url ?? null,
				complete: synced.isComplete,
			},
		})),
	};
}

function countsJson(counts: Counts) {
	const { params, tags, points, datasets, artifacts } = counts;
	return {
		...{ params, tags, metrics: points, datasets, artifacts },
		total: totalOf(counts),
	};
}
