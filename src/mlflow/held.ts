import { firstTags } from "./attach.ts";
import {
	type Client,
	getMetricHistory,
	getRun,
	listArtifacts,
} from "./client.ts";
import { type Metric, RunStatus } from "./gen/mlflow_pb.ts";
import { pointName } from "./missing.ts";
import type { Contents, Held, Point, RunContents } from "./types.ts";

/** Points in one answer: MLflow's most. */
const PAGE = 25_000;

/** What a run holds that was made just now. */
export function heldOfNew(contents: RunContents): Held {
	return { ...NOTHING, tags: firstTags(contents) };
}

/** No run at all. */
export const NOTHING: Held = {
	params: new Map(),
	tags: new Map(),
	points: new Set(),
	datasets: new Set(),
	artifacts: new Map(),
	status: "",
	endTime: undefined,
};

/** Asks the server for all it has of a run, as far as that bears on what is wanted. @throws HttpError */
export async function askHeld(
	client: Client,
	runId: string,
	{ points: wanted }: Pick<Contents, "points">,
): Promise<Held> {
	const { run } = await client.call(getRun, { runId });
	const last = (run?.data?.metrics ?? []).map(asPoint);
	// The run's own answer holds the last point of each key; where one alone is wanted, that is the whole history.
	const isOnly = onlyPoints(wanted);
	const [points, artifacts] = await Promise.all([
		Promise.all(
			last.map((point) => {
				const name = pointName(point);
				return isOnly.get(point.key) === name
					? [name]
					: history(client, runId, point.key);
			}),
		),
		listFiles(client, runId, ""),
	]);
	const end = run?.info?.endTime;
	return {
		params: pairs(run?.data?.params),
		tags: pairs(run?.data?.tags),
		points: new Set(points.flat()),
		datasets: new Set(
			(run?.inputs?.datasetInputs ?? []).map(
				({ dataset }) => `${dataset?.name} ${dataset?.digest}`,
			),
		),
		artifacts: new Map(artifacts),
		status: RunStatus[run?.info?.status ?? 0] as string,
		endTime: end ? Number(end) : undefined,
	};
}

/** Key → name of its point, of the keys that have one point only. */
function onlyPoints(points: readonly Point[]): ReadonlyMap<string, string> {
	const found = new Map<string, string | undefined>();
	for (const point of points)
		found.set(point.key, found.has(point.key) ? undefined : pointName(point));
	return new Map(
		[...found].filter(
			(pair): pair is [string, string] => pair[1] !== undefined,
		),
	);
}

function asPoint({ key, value, step, timestamp }: Metric): Point {
	return { key, value, step: Number(step), timestamp: Number(timestamp) };
}

function pairs(
	list: readonly { key: string; value: string }[] = [],
): ReadonlyMap<string, string> {
	return new Map(list.map(({ key, value }) => [key, value]));
}

async function history(
	client: Client,
	runId: string,
	metricKey: string,
): Promise<string[]> {
	const names: string[] = [];
	for (let pageToken = ""; ; ) {
		const page = await client.call(getMetricHistory, {
			...{ runId, metricKey, maxResults: PAGE },
			...(pageToken && { pageToken }),
		});
		for (const metric of page.metrics) names.push(pointName(asPoint(metric)));
		pageToken = page.nextPageToken;
		if (!pageToken) return names;
	}
}

/** All files, in folders too: path → bytes. */
async function listFiles(
	client: Client,
	runId: string,
	path: string,
): Promise<[string, number][]> {
	const { files } = await client.call(listArtifacts, {
		runId,
		...(path && { path }),
	});
	const lists = files.map(
		async (file): Promise<[string, number][]> =>
			file.isDir
				? listFiles(client, runId, file.path)
				: [[file.path, Number(file.fileSize)]],
	);
	return (await Promise.all(lists)).flat();
}
