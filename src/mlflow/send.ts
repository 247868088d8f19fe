import type { Target } from "./attach.ts";
import {
	type Client,
	isProxied,
	logBatch,
	logInputs,
	updateRun,
} from "./client.ts";
import { RunStatus } from "./gen/mlflow_pb.ts";
import { HttpError } from "./http.ts";
import { batches } from "./missing.ts";
import { wellFormed } from "./names.ts";
import type {
	Contents,
	DatasetInput,
	Held,
	Point,
	RunContents,
} from "./types.ts";

/** Sends what a server lacks. Everything in here may be sent twice without harm. */

/** Items of a batch: MLflow's limits. */
const MOST = { metrics: 1000, params: 100, tags: 100, datasets: 100 } as const;

/** Files on their way at once. */
const UPLOADS = 6;

/**
 * A request that the server refuses for what is in it does not keep the others back: the first refusal is the answer.
 * @throws HttpError where the server is gone or lets nobody in
 */
export async function send(
	client: Client,
	{ runId, artifactUri }: Target,
	{ params, tags, points, datasets, artifacts }: Contents,
): Promise<HttpError | undefined> {
	const refusals: HttpError[] = [];
	const attempt = async (sent: Promise<unknown>) => {
		await sent.catch((error: unknown) => {
			if (!isRefusal(error)) throw error;
			refusals.push(error);
		});
	};
	// One after the other: the server's database takes one writer at a time.
	const write = async () => {
		const small = { params: keyed(params), tags: keyed(tags), points };
		if (!(isSmall(small) && (await sendAtOnce(client, runId, small)))) {
			for (const batch of batches(keyed(params), MOST.params, bytesOf))
				await attempt(client.call(logBatch, { runId, params: batch }));
			for (const batch of batches(keyed(tags), MOST.tags, bytesOf))
				await attempt(client.call(logBatch, { runId, tags: batch }));
			for (const batch of batches(points, MOST.metrics)) {
				const metrics = batch.map(metricOf);
				await attempt(client.call(logBatch, { runId, metrics }));
			}
		}
		for (const batch of batches(datasets, MOST.datasets))
			await attempt(
				client.call(logInputs, { runId, datasets: batch.map(inputOf) }),
			);
	};
	const waiting = isProxied(artifactUri) ? artifacts.values() : [].values();
	const carry = async () => {
		for (const { path, content } of waiting)
			await attempt(client.upload(artifactUri, path, content));
	};
	await Promise.all([write(), ...Array.from({ length: UPLOADS }, carry)]);
	return refusals[0];
}

interface Small {
	readonly params: Keyed[];
	readonly tags: Keyed[];
	readonly points: readonly Point[];
}

/** What fits into one request: all that a trial of a sweep has. */
function isSmall({ params, tags, points }: Small): boolean {
	const bytes = [...params, ...tags].reduce(
		(sum, one) => sum + bytesOf(one),
		0,
	);
	return (
		params.length <= MOST.params &&
		tags.length <= MOST.tags &&
		params.length + tags.length + points.length <= MOST.metrics &&
		bytes + 100 * points.length < 500_000
	);
}

/** False where the server refuses some of it: then each kind is sent on its own. */
async function sendAtOnce(
	client: Client,
	runId: string,
	{ params, tags, points }: Small,
): Promise<boolean> {
	if (params.length + tags.length + points.length === 0) return true;
	try {
		const metrics = points.map(metricOf);
		await client.call(logBatch, { runId, params, tags, metrics });
		return true;
	} catch (error) {
		if (!isRefusal(error)) throw error;
		return false;
	}
}

function metricOf({ key, value, step, timestamp }: Point) {
	return { key, value, step: BigInt(step), timestamp: BigInt(timestamp) };
}

/** The server is well and wants none of this. */
function isRefusal(error: unknown): error is HttpError {
	if (!(error instanceof HttpError) || error.status === undefined) return false;
	return error.status < 500 && ![401, 403, 408, 429].includes(error.status);
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
	return [...map].map(([key, value]) => ({ key, value: wellFormed(value) }));
}

/** As JSON: a control character takes six. */
function bytesOf(pair: Keyed): number {
	return Buffer.byteLength(JSON.stringify(pair));
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
