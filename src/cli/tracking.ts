import { printDiagnostics } from "../diagnostic-print.ts";
import type { Experiment } from "../experiment/types.ts";
import { type Follower, followRun, type Tracked } from "../mlflow/follow.ts";
import { trackingSettings } from "../mlflow/settings.ts";
import type { Io } from "./io.ts";

/** Seconds that a finished run waits for what the server has not yet got: one that answers in 500 ms takes 18. */
const WAIT_SECONDS = 30;

/** ms of waiting after which it is said what is waited for. */
const QUIET_MS = 1500;

export interface Tracking {
	/** The run's journal is there. */
	readonly start: (folder: string) => void;
	/** The run is over: what came of it, said on stderr too; undefined without a server. */
	readonly finish: (
		runId: string,
		waitSeconds?: number,
	) => Promise<Tracked | undefined>;
	/** Whether there is a server that the run is sent to. */
	readonly isOn: boolean;
}

/**
 * Sends a run to the server that its file or the environment names; an address that cannot be used is a warning.
 * @param follow followSweep for a sweep's folder
 */
export function openTracking(
	{ tracking }: Experiment,
	io: Io,
	follow = followRun,
): Tracking {
	const settings = trackingSettings(tracking);
	if (!settings.ok) {
		const warnings = settings.diagnostics.map((diagnostic) => ({
			...diagnostic,
			severity: "warning" as const,
		}));
		io.stderr(printDiagnostics(warnings, io));
	}
	const server = settings.ok ? settings.value : undefined;
	let follower: Follower | undefined;
	return {
		start: (folder) => {
			if (server !== undefined) follower = follow(folder, server);
		},
		isOn: server !== undefined,
		finish: async (runId, waitSeconds = WAIT_SECONDS) => {
			const told =
				follower &&
				setTimeout(() => {
					io.stderr(`mlflow  sending the rest to ${server?.uri}\n`);
				}, QUIET_MS);
			const tracked = await follower?.finish(waitSeconds);
			clearTimeout(told);
			io.stderr(
				tracked === undefined ? later(runId) : trackedText(tracked, runId),
			);
			return tracked;
		},
	};
}

function later(runId: string): string {
	return `mlflow  kept here only; to see it there later: graft mlflow, or graft sync ${runId} --to URL\n`;
}

function trackedText(
	{ uri, place, isComplete, problem, links }: Tracked,
	runId: string,
): string {
	const pages = [
		...(links ? [`charts  ${links.charts}\n`] : []),
		...(links?.compare ? [`compare ${links.compare}\n`] : []),
	].join("");
	if (isComplete) return `mlflow  ${place?.url}\n${pages}`;
	return `mlflow  not everything reached ${uri}: ${problem ?? "the server is slow"}\n  fix: graft sync ${runId}\n`;
}

/** What `run --format json` says of it. */
export function trackedJson({
	uri,
	place,
	isComplete,
	problem,
	links,
}: Tracked) {
	return {
		tracking_uri: uri,
		experiment_id: place?.experimentId ?? null,
		run_id: place?.runId ?? null,
		url: place?.url ?? null,
		complete: isComplete,
		...(links && {
			charts_url: links.charts,
			compare_url: links.compare ?? null,
		}),
		...(problem === undefined ? {} : { problem }),
	};
}
