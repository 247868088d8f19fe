import type { Target } from "./attach.ts";
import {
	type Client,
	createLoggedModel,
	finalizeLoggedModel,
	getLoggedModel,
	getRun,
	isProxied,
	listModelArtifacts,
	logBatch,
	logOutputs,
	searchLoggedModels,
} from "./client.ts";
import { type LoggedModel, LoggedModelStatus } from "./gen/mlflow_pb.ts";
import { HttpError } from "./http.ts";
import { registerModel } from "./registry.ts";
import type { Artifact, ModelContents, ModelPoint } from "./types.ts";

/**
 * A run's model, like the run itself: what is missing is sent, a second replay sends nothing.
 *
 *   search by run ─ none? create ─ files ─ metrics ─ output of the run ─ READY ─ registry
 *
 * These routes are undocumented and their calls not all repeatable, so each looks before it acts. MLflow 3.
 */
export interface ModelReplayed {
	readonly isComplete: boolean;
	/** What went wrong, one sentence each. */
	readonly problems: readonly string[];
}

/** Metrics in one request: MLflow's most. */
const MOST_METRICS = 1000;

/** @throws HttpError where the server is gone or refuses */
export async function replayModel(
	client: Client,
	target: Target,
	contents: ModelContents,
): Promise<ModelReplayed> {
	if (!isProxied(target.artifactUri)) return COMPLETE; // What is left of files says why.
	let model: LoggedModel;
	try {
		model = await place(client, target, contents);
	} catch (error) {
		if (isOld(error))
			return {
				isComplete: true,
				problems: [
					"this server is older than MLflow 3 and keeps no logged models: what was trained is among the run's artifacts, head.safetensors",
				],
			};
		throw error;
	}
	const { modelId, artifactUri, status } = infoOf(model);
	const mlmodel = contents.mlmodel({ modelId, runId: target.runId });
	const files = [...contents.files, mlmodel];
	await sendFiles(client, modelId, artifactUri, files);
	await sendPoints(client, target, model, contents.points);
	await addOutput(client, target, modelId, contents.step);
	if (status !== LoggedModelStatus.LOGGED_MODEL_READY)
		await client.call(finalizeLoggedModel, {
			modelId,
			status: LoggedModelStatus.LOGGED_MODEL_READY,
		});
	const problems = [
		...(await lossesOf(client, modelId, files, contents)),
		...(contents.register === undefined
			? []
			: await registerModel(client, target, modelId, contents.register)),
	];
	return { isComplete: problems.length === 0, problems };
}

const COMPLETE: ModelReplayed = { isComplete: true, problems: [] };

/** The run's model, made where the search finds none. */
async function place(
	client: Client,
	target: Target,
	contents: ModelContents,
): Promise<LoggedModel> {
	const found = await find(client, target, contents);
	if (found !== undefined) return found;
	const { name, modelType, params, tags } = contents;
	try {
		await client.call(createLoggedModel, {
			experimentId: target.experimentId,
			sourceRunId: target.runId,
			...{ name, modelType, params: pairs(params), tags: pairs(tags) },
		});
	} catch (error) {
		// A connection that broke leaves open whether the model was made: the search tells.
		if (!(error instanceof HttpError) || error.status !== undefined)
			throw error;
	}
	const made = await find(client, target, contents);
	if (made === undefined)
		throw new HttpError(
			"the server said that the model was made, but does not have it",
			200,
		);
	return made;
}

/** The oldest of several, so that every replay takes the same one. */
async function find(
	client: Client,
	{ experimentId, runId }: Target,
	{ tags }: ModelContents,
): Promise<LoggedModel | undefined> {
	const { models } = await client.call(searchLoggedModels, {
		experimentIds: [experimentId],
		filter: `source_run_id = '${runId}'`,
	});
	return models
		.filter(({ info }) =>
			info?.tags.some(
				({ key, value }) =>
					key === "graft.model" && value === tags.get("graft.model"),
			),
		)
		.sort((a, b) => createdAt(a) - createdAt(b))[0];
}

function createdAt({ info }: LoggedModel): number {
	return Number(info?.creationTimestampMs ?? 0);
}

async function sendFiles(
	client: Client,
	modelId: string,
	artifactUri: string,
	files: readonly Artifact[],
): Promise<void> {
	const held = await sizes(client, modelId);
	const lacking = files.filter(({ path, size }) => held.get(path) !== size);
	// At once: a slow server takes as long for five files as for one.
	await Promise.all(
		lacking.map(({ path, content }) =>
			client.upload(artifactUri, path, content),
		),
	);
}

/** Path → bytes. */
async function sizes(
	client: Client,
	modelId: string,
): Promise<ReadonlyMap<string, number>> {
	const { files } = await client.call(listModelArtifacts, { modelId });
	return new Map(files.map(({ path, fileSize }) => [path, Number(fileSize)]));
}

/** A point that the run has already gets the link alone: MLflow keeps both apart and shows it once. */
async function sendPoints(
	client: Client,
	{ runId }: Target,
	{ info, data }: LoggedModel,
	points: readonly ModelPoint[],
): Promise<void> {
	const modelId = info?.modelId ?? "";
	const held = new Set(
		(data?.metrics ?? []).map(({ key, step, timestamp }) =>
			nameOf({ key, step: Number(step), timestamp: Number(timestamp) }),
		),
	);
	const missing = points.filter((point) => !held.has(nameOf(point)));
	if (missing.length === 0) return;
	const metrics = missing.map(({ key, value, step, timestamp, dataset }) => ({
		...{ key, value, step: BigInt(step), timestamp: BigInt(timestamp) },
		modelId,
		...(dataset && {
			datasetName: dataset.name,
			datasetDigest: dataset.digest,
		}),
	}));
	for (let at = 0; at < metrics.length; at += MOST_METRICS)
		await client.call(logBatch, {
			runId,
			metrics: metrics.slice(at, at + MOST_METRICS),
		});
}

function nameOf(point: Pick<ModelPoint, "key" | "step" | "timestamp">): string {
	return `${point.step} ${point.timestamp} ${point.key}`;
}

async function addOutput(
	client: Client,
	{ runId }: Target,
	modelId: string,
	step: number,
): Promise<void> {
	const { run } = await client.call(getRun, { runId });
	const outputs = run?.outputs?.modelOutputs ?? [];
	if (outputs.some((output) => output.modelId === modelId)) return;
	const models = [{ modelId, step: BigInt(step) }];
	await client.call(logOutputs, { runId, models });
}

/** What the server does not have although it took it. */
async function lossesOf(
	client: Client,
	modelId: string,
	files: readonly Artifact[],
	{ points }: ModelContents,
): Promise<string[]> {
	const [held, { model }] = await Promise.all([
		sizes(client, modelId),
		client.call(getLoggedModel, { modelId }),
	]);
	const lost = files.filter(({ path, size }) => held.get(path) !== size);
	const stored = new Set((model?.data?.metrics ?? []).map(({ key }) => key));
	const unlinked = points.filter(({ key }) => !stored.has(key));
	return [
		...(lost.length > 0
			? [
					`the server took files of the model with a good answer and does not have ${lost.map(({ path }) => path).join(", ")}`,
				]
			: []),
		...(unlinked.length > 0
			? [
					`the server does not link the model to ${unlinked.map(({ key }) => key).join(", ")}`,
				]
			: []),
	];
}

function infoOf({ info }: LoggedModel) {
	return {
		modelId: info?.modelId ?? "",
		artifactUri: info?.artifactUri ?? "",
		status: info?.status,
	};
}

function pairs(map: ReadonlyMap<string, string>) {
	return [...map].map(([key, value]) => ({ key, value }));
}

/** The route is not there. */
function isOld(error: unknown): boolean {
	return (
		error instanceof HttpError &&
		(error.status === 404 || error.status === 405) &&
		error.errorCode !== "RESOURCE_DOES_NOT_EXIST"
	);
}
