import { statSync } from "node:fs";
import {
	create,
	type DescMessage,
	fromJson,
	type MessageInitShape,
	type MessageShape,
	toJson,
} from "@bufbuild/protobuf";
import { explainPage } from "./error-page.ts";
import { ENDPOINTS } from "./gen/endpoints.ts";
import * as pb from "./gen/mlflow_pb.ts";
import { HttpError, openHttp } from "./http.ts";
import { toMlflowPath } from "./names.ts";
import type { Settings } from "./settings.ts";

/**
 * MLflow's REST interface, typed by its own messages. The server drops what it cannot parse and still
 * answers 200, so every body is encoded from a message; field names and enum words are the server's.
 */
export interface Client {
	readonly uri: string;
	/** @throws HttpError */
	readonly call: <Q extends DescMessage, A extends DescMessage>(
		rpc: Rpc<Q, A>,
		request: MessageInitShape<Q>,
	) => Promise<MessageShape<A>>;
	/** Streams a file to the server's artifact store; `uri` as in a run's artifact_uri. @throws HttpError */
	readonly upload: (
		uri: string,
		name: string,
		content: { readonly file: string } | { readonly text: string },
	) => Promise<void>;
	readonly close: () => void;
}

export interface Rpc<Q extends DescMessage, A extends DescMessage> {
	readonly request: Q;
	readonly answer: A;
	readonly method: "GET" | "POST" | "PATCH";
	/** `{model_id}` in it is filled from the request. */
	readonly path: string;
	readonly isRepeatable: boolean;
}

function rpc<Q extends DescMessage, A extends DescMessage>(
	request: Q,
	answer: A,
	isRepeatable = true,
): Rpc<Q, A> {
	const endpoint = ENDPOINTS[request.name as keyof typeof ENDPOINTS];
	return { request, answer, isRepeatable, ...endpoint };
}

export const getExperiment = rpc(
	pb.GetExperimentSchema,
	pb.GetExperiment_ResponseSchema,
);
export const getExperimentByName = rpc(
	pb.GetExperimentByNameSchema,
	pb.GetExperimentByName_ResponseSchema,
);
/** A repeat is answered RESOURCE_ALREADY_EXISTS. */
export const createExperiment = rpc(
	pb.CreateExperimentSchema,
	pb.CreateExperiment_ResponseSchema,
);
/** Two calls make two runs. */
export const createRun = rpc(
	pb.CreateRunSchema,
	pb.CreateRun_ResponseSchema,
	false,
);
export const updateRun = rpc(pb.UpdateRunSchema, pb.UpdateRun_ResponseSchema);
export const deleteRun = rpc(pb.DeleteRunSchema, pb.DeleteRun_ResponseSchema);
export const getRun = rpc(pb.GetRunSchema, pb.GetRun_ResponseSchema);
export const searchRuns = rpc(
	pb.SearchRunsSchema,
	pb.SearchRuns_ResponseSchema,
);
export const logBatch = rpc(pb.LogBatchSchema, pb.LogBatch_ResponseSchema);
export const logInputs = rpc(pb.LogInputsSchema, pb.LogInputs_ResponseSchema);
export const setTag = rpc(pb.SetTagSchema, pb.SetTag_ResponseSchema);
export const getMetricHistory = rpc(
	pb.GetMetricHistorySchema,
	pb.GetMetricHistory_ResponseSchema,
);
export const listArtifacts = rpc(
	pb.ListArtifactsSchema,
	pb.ListArtifacts_ResponseSchema,
);

/** A repeat adds the same output again. */
export const logOutputs = rpc(
	pb.LogOutputsSchema,
	pb.LogOutputs_ResponseSchema,
	false,
);
/** Two calls make two models. */
export const createLoggedModel = rpc(
	pb.CreateLoggedModelSchema,
	pb.CreateLoggedModel_ResponseSchema,
	false,
);
export const finalizeLoggedModel = rpc(
	pb.FinalizeLoggedModelSchema,
	pb.FinalizeLoggedModel_ResponseSchema,
);
export const getLoggedModel = rpc(
	pb.GetLoggedModelSchema,
	pb.GetLoggedModel_ResponseSchema,
);
export const searchLoggedModels = rpc(
	pb.SearchLoggedModelsSchema,
	pb.SearchLoggedModels_ResponseSchema,
);
export const listModelArtifacts = rpc(
	pb.ListLoggedModelArtifactsSchema,
	pb.ListLoggedModelArtifacts_ResponseSchema,
);
/** A repeat is answered RESOURCE_ALREADY_EXISTS. */
export const createRegisteredModel = rpc(
	pb.CreateRegisteredModelSchema,
	pb.CreateRegisteredModel_ResponseSchema,
);
export const getRegisteredModel = rpc(
	pb.GetRegisteredModelSchema,
	pb.GetRegisteredModel_ResponseSchema,
);
/** Two calls make two versions. */
export const createModelVersion = rpc(
	pb.CreateModelVersionSchema,
	pb.CreateModelVersion_ResponseSchema,
	false,
);
export const searchModelVersions = rpc(
	pb.SearchModelVersionsSchema,
	pb.SearchModelVersions_ResponseSchema,
);
export const setRegisteredModelAlias = rpc(
	pb.SetRegisteredModelAliasSchema,
	pb.SetRegisteredModelAlias_ResponseSchema,
);

/** Opens connections when they are needed; aborting `signal` ends what goes on. */
export function openClient(settings: Settings, signal?: AbortSignal): Client {
	const http = openHttp(settings, signal);
	return {
		uri: settings.uri,
		close: http.close,
		call: async (rpc, request) => {
			const { method, path, isRepeatable } = rpc;
			const json = toJson(rpc.request, create(rpc.request, request));
			const body = Buffer.from(JSON.stringify(json));
			const filled = fillPath(path, json);
			const text = await http.send(
				method === "GET"
					? { method, path: `${filled}?${query(json)}`, isRepeatable }
					: { method, path: filled, body, isRepeatable },
			);
			return read(rpc, text, settings.uri);
		},
		upload: async (uri, name, content) => {
			const body =
				"text" in content
					? Buffer.from(content.text)
					: { file: content.file, size: statSync(content.file).size };
			await http.send({
				method: "PUT",
				path: artifactPath(uri, name),
				body,
				contentType: "application/octet-stream",
				isRepeatable: true,
			});
		},
	};
}

/** A 200 with anything else than MLflow's message: a sign-in page, another program on the port. */
function read<Q extends DescMessage, A extends DescMessage>(
	{ answer, method, path }: Rpc<Q, A>,
	text: string,
	uri: string,
): MessageShape<A> {
	try {
		return fromJson(answer, JSON.parse(text), { ignoreUnknownFields: true });
	} catch {
		const { message } = explainPage(200, text);
		throw new HttpError(
			`${method} ${uri}${path}: this is no answer of MLflow's: ${message}`,
			200,
		);
	}
}

/** Whether the server itself passes files on to where they are kept. */
export function isProxied(artifactUri: string): boolean {
	return artifactUri.startsWith("mlflow-artifacts:");
}

/** `mlflow-artifacts:/1/abc/artifacts` and a name → the path that takes the file, under a name that the server can keep. */
export function artifactPath(artifactUri: string, name: string): string {
	const root = artifactUri
		.replace(/^mlflow-artifacts:(\/\/[^/]*)?/, "")
		.replace(/^\/+/, "");
	const segments = `${root}/${toMlflowPath(name)}`
		.split("/")
		.map(encodeURIComponent);
	return `/api/2.0/mlflow-artifacts/artifacts/${segments.join("/")}`;
}

function fillPath(path: string, json: unknown): string {
	return path.replace(/\{(\w+)\}/g, (_, name: string) =>
		encodeURIComponent(String((json as Record<string, unknown>)[name] ?? "")),
	);
}

function query(json: unknown): string {
	const pairs = Object.entries(json as Record<string, unknown>);
	return new URLSearchParams(
		pairs.map(([key, value]): [string, string] => [key, String(value)]),
	).toString();
}
