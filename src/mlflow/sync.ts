import { RunError } from "../diagnostic.ts";
import { trialRunIds } from "./attach.ts";
import { type Client, getRun, openClient } from "./client.ts";
import { HttpError } from "./http.ts";
import { makeImages } from "./images.ts";
import { lockRun } from "./lock.ts";
import { type Replayed, readContents, readParent, replay } from "./replay.ts";
import type { Settings } from "./settings.ts";
import {
	journalBytes,
	markChanged,
	readSent,
	type Sent,
	writeSent,
} from "./state.ts";
import { isTrialFolder, sweepFolderOf, trialFolders } from "./sweep-folder.ts";
import {
	type Counts,
	countsOf,
	NO_COUNTS,
	type Parent,
	type RunContents,
} from "./types.ts";

/** Brings runs to their server one after another; a server that is gone is not asked again. */

/** What became of one run. */
export interface Synced
	extends Omit<
		Replayed,
		"target" | "isUnreachable" | "parentId" | "registered"
	> {
	readonly folder: string;
	readonly trackingUri: string;
	readonly experimentId: string | undefined;
	readonly mlflowRunId: string | undefined;
}

/** One run's folder and the server it goes to. */
export interface Destination {
	readonly folder: string;
	readonly settings: Settings;
}

/** A sweep is followed by the runs of its trials; everything else stands for itself. */
export function withTrials(
	destinations: readonly Destination[],
): Destination[] {
	return destinations.flatMap(({ folder, settings }) =>
		[folder, ...trialFolders(folder)].map((path) => ({
			folder: path,
			settings,
		})),
	);
}

/** Yields the runs in order. Never throws for what servers or single journals do: that is in `problems`. */
export async function* syncRuns(
	destinations: readonly Destination[],
): AsyncGenerator<Synced> {
	const clients = new Map<string, Client>();
	const gone = new Map<string, string>();
	const sweeps = new Map<string, Sweep>();
	try {
		for (const { folder, settings } of destinations) {
			const { uri } = settings;
			const client = clients.get(uri) ?? openClient(settings);
			clients.set(uri, client);
			const sweep = sweepOf(sweeps, folder, settings);
			const outcome = await syncOne(
				client,
				folder,
				settings,
				gone.get(uri),
				sweep,
			);
			if (outcome.isUnreachable) gone.set(uri, outcome.problems[0] as string);
			const {
				target,
				isUnreachable: _,
				parentId: __,
				registered: ___,
				...rest
			} = outcome;
			yield {
				...{ ...rest, folder, trackingUri: uri },
				experimentId: target?.experimentId,
				mlflowRunId: target?.runId,
			};
		}
	} finally {
		for (const client of clients.values()) client.close();
	}
}

/** What the trials of one sweep on one server have in common, found out once. */
interface Sweep {
	parent: Parent | undefined;
	/** Ids of the trials' runs that the server has; undefined until asked. */
	alive: ReadonlySet<string> | undefined;
}

/** Undefined where the folder is no trial's. */
function sweepOf(
	sweeps: Map<string, Sweep>,
	folder: string,
	{ uri, experiment }: Settings,
): Sweep | undefined {
	if (!isTrialFolder(folder)) return undefined;
	const key = `${uri} ${sweepFolderOf(folder)}`;
	const sweep = sweeps.get(key) ?? {
		parent: readParent(folder, experiment),
		alive: undefined,
	};
	sweeps.set(key, sweep);
	return sweep;
}

async function syncOne(
	client: Client,
	folder: string,
	settings: Settings,
	gone: string | undefined,
	sweep: Sweep | undefined,
): Promise<Replayed> {
	let contents: RunContents;
	try {
		if (gone === undefined) await makeImages(folder);
		contents = readContents(folder, settings.experiment, sweep?.parent);
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		return unsent(NO_COUNTS, error.message);
	}
	const wanted = countsOf(contents);
	if (gone !== undefined) return unsent(wanted, gone);
	const unlock = lockRun(folder);
	if (unlock === undefined)
		return unsent(wanted, "another process is sending this run just now");
	try {
		const bytes = journalBytes(folder);
		const known = readSent(folder, client.uri);
		contents = markChanged(contents, known);
		const register = contents.models[0]?.register?.name;
		if (
			known?.complete &&
			known.journal_bytes === bytes &&
			known.registered === register &&
			!contents.artifacts.some(({ isChanged }) => isChanged)
		)
			if (
				sweep?.parent === undefined
					? await isStillThere(client, known, contents)
					: await isAmongTrials(client, known, sweep)
			)
				return present(wanted, known);
		const outcome = await replay(client, contents);
		writeSent(folder, client.uri, outcome, bytes, contents);
		// The next trials need not ask for their parent again.
		if (sweep?.parent !== undefined && outcome.parentId !== undefined)
			sweep.parent = {
				...sweep.parent,
				runId: outcome.parentId,
				...(outcome.target && { experimentId: outcome.target.experimentId }),
			};
		return outcome;
	} finally {
		unlock();
	}
}

/** One question instead of all of them, for a run that was complete and has not grown. */
async function isStillThere(
	client: Client,
	{ run_id: runId }: Sent,
	{ identity }: RunContents,
): Promise<boolean> {
	try {
		const { run } = await client.call(getRun, { runId });
		const tag = run?.data?.tags.find(({ key }) => key === "graft.run_id");
		return (
			run?.info?.lifecycleStage === "active" && tag?.value === identity.runId
		);
	} catch (error) {
		if (error instanceof HttpError) return false;
		throw error;
	}
}

/** One question for all trials of a sweep, which may be a thousand. */
async function isAmongTrials(
	client: Client,
	{ experiment_id: experimentId, run_id: runId }: Sent,
	sweep: Sweep,
): Promise<boolean> {
	const id = sweep.parent?.contents.identity.runId ?? "";
	try {
		sweep.alive ??= await trialRunIds(client, experimentId, id);
		return sweep.alive.has(runId);
	} catch (error) {
		if (error instanceof HttpError) return false;
		throw error;
	}
}

function unsent(left: Counts, problem: string): Replayed {
	return {
		...{ target: undefined, url: undefined, isUnreachable: false },
		...{ parentId: undefined, registered: undefined },
		...{ sent: NO_COUNTS, present: NO_COUNTS, left, isComplete: false },
		problems: [problem],
	};
}

function present(
	wanted: Counts,
	{ experiment_id: experimentId, run_id: runId, url }: Sent,
): Replayed {
	return {
		target: { experimentId, runId, artifactUri: "" },
		...{ parentId: undefined, registered: undefined },
		...{ url, sent: NO_COUNTS, present: wanted, left: NO_COUNTS },
		...{ isComplete: true, isUnreachable: false, problems: [] },
	};
}
