import {
	type Client,
	getMetricHistory,
	getRun,
	listArtifacts,
} from "./client.ts";
import { RunStatus } from "./gen/mlflow_pb.ts";
import { pointName } from "./missing.ts";
import type { Held } from "./types.ts";

/** Points in one answer: MLflow's most. */
const PAGE = 25_000;

/** Asks the server for all it has of a run. @throws HttpError */
export async function askHeld(client: Client, runId: string): Promise<Held> {
	const { run } = await client.call(getRun, { runId });
	const keys = (run?.data?.metrics ?? []).map(({ key }) => key);
	const [points, artifacts] = await Promise.all([
		Promise.all(keys.map((key) => history(client, runId, key))),
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
		for (const { key, value, step, timestamp } of page.metrics)
			names.push(
				pointName({
					...{ key, value, step: Number(step) },
					timestamp: Number(timestamp),
				}),
			);
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
