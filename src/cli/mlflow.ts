import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT } from "../diagnostic.ts";
import { chartsUrl, compareUrl } from "../mlflow/links.ts";
import { mlflowPython } from "../mlflow/local-environment.ts";
import { type LocalServer, startLocalServer } from "../mlflow/local-server.ts";
import { type Settings, trackingSettings } from "../mlflow/settings.ts";
import { journalBytes } from "../mlflow/state.ts";
import { isTrialFolder, trialFolders } from "../mlflow/sweep-folder.ts";
import { sweepLinks } from "../mlflow/sweep-links.ts";
import { type Synced, syncRuns, withTrials } from "../mlflow/sync.ts";
import { cacheFolder, runsFolder } from "../paths.ts";
import { listRuns } from "../runs/list-runs.ts";
import { readRun } from "../runs/record.ts";
import type { Options } from "./arguments.ts";
import type { Io } from "./io.ts";
import { wholeNumber } from "./numbers.ts";

/** Runs on a page that compares them: more are unreadable. */
const MOST_COMPARED = 10;
/** ms between two looks for runs that have grown. */
const LOOK = 3000;

/**
 * `graft mlflow`: a local MLflow with every run in it, until Ctrl-C. Links go to stdout. Runs that go on or begin
 * meanwhile are sent as they grow.
 */
export async function mlflow(options: Options, io: Io): Promise<number> {
	const port = wholeNumber("--port", options.port ?? "5000");
	const runs = runsFolder(options.runs);
	const python = await mlflowPython(cacheFolder(options.cache), io.stderr);
	io.stderr("starting MLflow (about 10 s, the first time 30 s)\n");
	const interrupted = interruption();
	const folder = join(runs, "mlflow");
	const server = await startLocalServer(python, folder, port, interrupted);
	try {
		if (!interrupted.aborted) await serve(server, runs, interrupted, io);
	} finally {
		await server.stop();
	}
	io.stderr("MLflow has stopped; graft mlflow shows the same again\n");
	return EXIT.ok;
}

async function serve(
	server: LocalServer,
	runs: string,
	interrupted: AbortSignal,
	io: Io,
): Promise<void> {
	const found = trackingSettings({ uri: server.uri }, {});
	if (!found.ok || found.value === undefined)
		throw new Error(`internal: ${server.uri} is no address`);
	const sizes = new Map<string, number>();
	const synced = await syncGrown(runs, found.value, sizes, io);
	io.stdout(links(server.uri, synced));
	io.stderr("Ctrl-C stops it; runs that go on are sent as they grow\n");
	const over = new AbortController();
	interrupted.addEventListener("abort", () => over.abort());
	server.ended.then(() => over.abort());
	while (!interrupted.aborted && !over.signal.aborted) {
		await sleep(LOOK, undefined, { signal: over.signal }).catch(
			() => undefined,
		);
		if (!over.signal.aborted) await syncGrown(runs, found.value, sizes, io);
	}
}

/** Sends the runs whose journal is longer than when they were last looked at. */
async function syncGrown(
	runs: string,
	settings: Settings,
	sizes: Map<string, number>,
	io: Io,
): Promise<Synced[]> {
	const all = listRuns(runs)
		.map(({ folder }) => ({ folder, settings }))
		.reverse();
	const grown = withTrials(all)
		.map(({ folder }) => ({ folder, bytes: journalBytes(folder) }))
		.filter(({ folder, bytes }) => sizes.get(folder) !== bytes);
	const done: Synced[] = [];
	const destinations = grown.map(({ folder }) => ({ folder, settings }));
	for await (const synced of syncRuns(destinations)) {
		done.push(synced);
		for (const problem of synced.problems)
			io.stderr(`${synced.folder}: ${problem}\n`);
	}
	for (const { folder, bytes } of grown) sizes.set(folder, bytes);
	if (done.length > 0) io.stderr(`${done.length} runs sent\n`);
	return done;
}

/** The page, for each experiment its charts and the comparison of its newest runs, for each sweep those of its best. */
function links(uri: string, synced: readonly Synced[]): string {
	const groups = new Map<string, { experimentId: string; runId: string }[]>();
	const names = new Map<string, string>();
	for (const { experimentId, mlflowRunId: runId, folder } of synced)
		if (
			experimentId !== undefined &&
			runId !== undefined &&
			!isTrialFolder(folder)
		) {
			names.set(experimentId, readRun(folder).name);
			groups.set(experimentId, [
				...(groups.get(experimentId) ?? []),
				{ experimentId, runId },
			]);
		}
	const lines = [...groups].flatMap(([experimentId, targets]) => [
		`runs of  ${names.get(experimentId)}`,
		`charts   ${chartsUrl(uri, experimentId)}`,
		...(targets.length > 1
			? [`compare  ${compareUrl(uri, targets.slice(-MOST_COMPARED))}`]
			: []),
	]);
	const sweeps = synced
		.filter(({ folder }) => trialFolders(folder).length > 0)
		.flatMap(({ folder }) => sweepLines(folder, uri));
	return [`mlflow   ${uri}`, ...lines, ...sweeps, ""].join("\n");
}

function sweepLines(folder: string, uri: string): string[] {
	const found = sweepLinks(folder, uri);
	if (found === undefined) return [];
	const { charts, compare } = found;
	return [
		`sweep    ${basename(folder)}`,
		`charts   ${charts}`,
		...(compare === undefined ? [] : [`compare  ${compare}`]),
	];
}

/** Aborts on Ctrl-C or a request to end. */
function interruption(): AbortSignal {
	const interrupted = new AbortController();
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		process.once(signal, () => interrupted.abort());
	return interrupted.signal;
}
