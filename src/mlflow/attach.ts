import {
	type Client,
	createExperiment,
	createRun,
	deleteRun,
	getExperimentByName,
	searchRuns,
} from "./client.ts";
import { type Run, ViewType } from "./gen/mlflow_pb.ts";
import { HttpError } from "./http.ts";
import type { Parent, RunContents } from "./types.ts";

/** Where a run lives on the server: found by its tags, made only where it is not there. */
export interface Target {
	readonly experimentId: string;
	readonly runId: string;
	/** Where the run's files go. */
	readonly artifactUri: string;
	/** True: it was made just now, and has nothing but the tags it was made with. */
	readonly isNew?: boolean;
}

/** The server is well and yet the run cannot be kept there; the message says why and what to do. */
export class NoPlace extends Error {}

/**
 * A run's place, after its sweep's: a trial points to its parent, whose id only the server gives.
 * @throws HttpError, NoPlace
 */
export async function settle(
	client: Client,
	contents: RunContents,
): Promise<Settled> {
	const { parent } = contents;
	if (parent === undefined) {
		const target = await attach(client, contents);
		return { target, contents, parentId: undefined };
	}
	const parentId = parent.runId ?? (await parentPlace(client, parent));
	const tags = new Map([...contents.tags, ["mlflow.parentRunId", parentId]]);
	const whole = { ...contents, tags };
	// A sweep and its trials lie in one experiment: the parent's place names it.
	const target = await attach(client, whole, parent.experimentId);
	return { target, contents: whole, parentId };
}

/** A run's place, and its contents with the tag that names its parent. */
export interface Settled {
	readonly target: Target;
	readonly contents: RunContents;
	readonly parentId: string | undefined;
}

async function parentPlace(client: Client, parent: Parent): Promise<string> {
	try {
		return (await attach(client, parent.contents)).runId;
	} catch (error) {
		if (!(error instanceof NoPlace)) throw error;
		throw new NoPlace(
			`its sweep ${parent.contents.identity.runId} has no place: ${error.message}`,
		);
	}
}

/** @throws HttpError, NoPlace */
export async function attach(
	client: Client,
	contents: RunContents,
	knownExperiment?: string,
): Promise<Target> {
	const experimentId =
		knownExperiment ?? (await experimentFor(client, contents.experimentName));
	const found = await runsOf(client, experimentId, contents);
	if (found.length > 0) return chooseOne(client, experimentId, found);
	await makeRun(client, experimentId, contents);
	// Asked rather than taken from the answer: a request that was doubled on its way has made two runs.
	const made = await runsOf(client, experimentId, contents);
	if (made.length === 0)
		throw new NoPlace(
			"the server said that the run was made, but does not have it: it stores nothing",
		);
	const target = await chooseOne(client, experimentId, made);
	return { ...target, isNew: true };
}

/** The tags that a run is made with: they find it again. */
export function firstTags({
	identity,
	tags,
}: RunContents): Map<string, string> {
	const parentId = tags.get("mlflow.parentRunId");
	return new Map([
		["graft.run_id", identity.runId],
		["graft.started", identity.started],
		...(parentId === undefined
			? []
			: ([["mlflow.parentRunId", parentId]] as const)),
	]);
}

async function makeRun(
	client: Client,
	experimentId: string,
	contents: RunContents,
): Promise<void> {
	try {
		await client.call(createRun, {
			experimentId,
			runName: contents.runName,
			startTime: BigInt(contents.startTime),
			userId: contents.user ?? "",
			tags: [...firstTags(contents)].map(([key, value]) => ({ key, value })),
		});
	} catch (error) {
		// A connection that broke leaves open whether the run was made: the search tells.
		if (!(error instanceof HttpError) || error.status !== undefined)
			throw error;
		if ((await runsOf(client, experimentId, contents)).length === 0)
			throw error;
	}
}

async function experimentFor(client: Client, name: string): Promise<string> {
	const found = await experimentByName(client, name);
	if (found !== undefined) return found;
	try {
		const { experimentId } = await client.call(createExperiment, { name });
		if (experimentId) return experimentId;
	} catch (error) {
		if (!isCode(error, "RESOURCE_ALREADY_EXISTS")) throw error;
	}
	const made = await experimentByName(client, name);
	if (made === undefined)
		throw new NoPlace(
			`the server said that the experiment "${name}" was made, but does not have it: it stores nothing`,
		);
	return made;
}

async function experimentByName(
	client: Client,
	name: string,
): Promise<string | undefined> {
	try {
		const { experiment } = await client.call(getExperimentByName, {
			experimentName: name,
		});
		if (experiment?.lifecycleStage === "deleted")
			throw new NoPlace(
				`the experiment "${name}" was deleted on the server: restore it there, or name another one with tracking.experiment`,
			);
		return experiment?.experimentId;
	} catch (error) {
		if (isCode(error, "RESOURCE_DOES_NOT_EXIST")) return undefined;
		throw error;
	}
}

async function runsOf(
	client: Client,
	experimentId: string,
	{ identity }: RunContents,
): Promise<readonly Run[]> {
	const quoted = identity.runId.replaceAll("'", "\\'");
	const { runs } = await client.call(searchRuns, {
		experimentIds: [experimentId],
		filter: `tags."graft.run_id" = '${quoted}' and tags."graft.started" = '${identity.started}'`,
		runViewType: ViewType.ALL,
	});
	return runs;
}

/** Ids of a sweep's runs on the server that nobody deleted, the parent's among them. @throws HttpError */
export async function trialRunIds(
	client: Client,
	experimentId: string,
	sweepId: string,
): Promise<ReadonlySet<string>> {
	const ids = new Set<string>();
	for (let pageToken = ""; ; ) {
		const page = await client.call(searchRuns, {
			experimentIds: [experimentId],
			filter: `tags."sweep.id" = '${sweepId.replaceAll("'", "\\'")}'`,
			runViewType: ViewType.ACTIVE_ONLY,
			maxResults: 1000,
			...(pageToken && { pageToken }),
		});
		for (const run of page.runs) ids.add(idOf(run));
		pageToken = page.nextPageToken;
		if (!pageToken) return ids;
	}
}

/** The fullest of several; the others are empty twins of one doubled request, and are deleted. */
async function chooseOne(
	client: Client,
	experimentId: string,
	runs: readonly Run[],
): Promise<Target> {
	const alive = runs
		.filter(({ info }) => info?.lifecycleStage !== "deleted")
		.sort((a, b) => sizeOf(b) - sizeOf(a) || (idOf(a) < idOf(b) ? -1 : 1));
	const [first, ...twins] = alive;
	if (first?.info === undefined)
		throw new NoPlace(
			"the run was deleted on the server: restore it there to have it completed",
		);
	for (const twin of twins)
		if (sizeOf(twin) === 0) await client.call(deleteRun, { runId: idOf(twin) });
	const { runId, artifactUri } = first.info;
	return { experimentId, runId, artifactUri };
}

function idOf(run: Run): string {
	return run.info?.runId ?? "";
}

function sizeOf({ data }: Run): number {
	return (data?.params.length ?? 0) + (data?.metrics.length ?? 0);
}

function isCode(error: unknown, code: string): boolean {
	return error instanceof HttpError && error.errorCode === code;
}
