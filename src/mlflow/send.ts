import type { Target } from "./attach.ts";
import {
	type Client,
	isProxied,
	logBatch,
	logInputs,
	updateRun,
} from "./client.ts";
import { RunStatus } from "./gen/mlflow_pb.ts";
import { batches } from "./missing.ts";
import type { Contents, DatasetInput, Held, RunContents } from "./types.ts";

/** Sends what a server lacks. Everything in here may be sent twice without harm. */

/** Items of a batch: MLflow's limits. */
const MOST = { metrics: 1000, params: 100, tags: 100 } as const;

/** @throws HttpError */
export async function send(
	client: Client,
	{ runId, artifactUri }: Target,
	{ params, tags, points, datasets, artifacts }: Contents,
): Promise<void> {
	for (const batch of batches(keyed(params), MOST.params, bytesOf))
		await client.call(logBatch, { runId, params: batch });
	for (const batch of batches(keyed(tags), MOST.tags, bytesOf))
		await client.call(logBatch, { runId, tags: batch });
	for (const batch of batches(points, MOST.metrics)) {
		const metrics = batch.map(({ key, value, step, timestamp }) => ({
			...{ key, value, step: BigInt(step), timestamp: BigInt(timestamp) },
		}));
		await client.call(logBatch, { runId, metrics });
	}
	if (datasets.length > 0)
		await client.call(logInputs, { runId, datasets: datasets.map(inputOf) });
	if (isProxied(artifactUri))
		await Promise.all(
			artifacts.map(({ path, content }) =>
				client.upload(artifactUri, path, content),
			),
		);
}

/** Status and end, where they differ. @throws HttpError */
export async function sendStatus(
	client: Client,
	{ runId }: Target,
	{ status, endTime }: RunContents,
	held: Held,
): Promise<void> {
	if (held.status === status && held.endTime === endTime) return;
	await client.call(updateRun, {
		...{ runId, status: RunStatus[status] },
		...(endTime !== undefined && { endTime: BigInt(endTime) }),
	});
}

interface Keyed {
	readonly key: string;
	readonly value: string;
}

function keyed(map: ReadonlyMap<string, string>): Keyed[] {
	return [...map].map(([key, value]) => ({ key, value }));
}

function bytesOf({ key, value }: Keyed): number {
	return Buffer.byteLength(key) + Buffer.byteLength(value);
}

function inputOf({
	context,
	name,
	digest,
	source,
	schema,
	profile,
}: DatasetInput) {
	return {
		tags: [{ key: "mlflow.data.context", value: context }],
		dataset: { name, digest, sourceType: "local", source, schema, profile },
	};
}
