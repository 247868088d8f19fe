import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Metric, RunRecord } from "../runs/types.ts";
import {
	HEAD_FILE,
	type ModelIds,
	mlmodelText,
	modelFiles,
	ONNX_FILE,
} from "./model-files.ts";
import { toMlflowKey } from "./names.ts";
import type {
	Artifact,
	DatasetInput,
	ModelContents,
	ModelPoint,
} from "./types.ts";

/** What of a run's network becomes a LoggedModel. */
export type ModelChoice = "head" | "onnx";

/** Characters that MLflow takes in a model's name. */
const UNNAMED = /[/:.%"'`]/g;

/**
 * The model of a run that is over; undefined where the file does not want one, or training came to nothing.
 * A trial has one only if the file says so, or if it is the best of a sweep that is registered.
 */
export function modelOf(
	record: RunRecord,
	params: ReadonlyMap<string, string>,
	datasets: readonly DatasetInput[],
	isBest: boolean,
): ModelContents | undefined {
	const { tracking, model } = record.experiment;
	const isTrial = record.trial !== undefined;
	const register = !isTrial || isBest ? tracking?.register : undefined;
	const asked = tracking?.model ?? (isTrial && !register ? "none" : "head");
	if (record.status !== "FINISHED" || record.kind === "sweep") return undefined;
	if (asked === "none") return undefined;
	const choice = choiceFor(record, asked);
	if (choice === undefined) return undefined;
	const metrics = metricsOfModel(record);
	return {
		name: record.experiment.name.replace(UNNAMED, "_").slice(0, 200) || "model",
		modelType: choice === "onnx" ? "image classifier" : "head",
		step: metrics.at(-1)?.step ?? 0,
		params: new Map(
			[...params].filter(([key]) => /^(model|train|seed|sweep)\b/.test(key)),
		),
		tags: new Map([
			["graft.run_id", record.runId],
			["graft.model", choice],
			["graft.backbone", JSON.stringify(model.backbone)],
		]),
		files: modelFiles(record, choice),
		mlmodel: (ids: ModelIds): Artifact => {
			const text = mlmodelText(record, choice, ids);
			const size = Buffer.byteLength(text);
			return { path: "MLmodel", size, content: { text } };
		},
		points: metrics.flatMap((metric) => pointsOf(metric, datasets)),
		register:
			register === undefined
				? undefined
				: { name: register, alias: tracking?.alias },
	};
}

/** The whole network where the run has written it, the head otherwise; runs made before `onnx` was asked for have none. */
function choiceFor(
	record: RunRecord,
	asked: ModelChoice,
): ModelChoice | undefined {
	const has = (name: string) => existsSync(join(record.folder, name));
	if (asked === "onnx" && has(ONNX_FILE)) return "onnx";
	return has(HEAD_FILE) ? "head" : undefined;
}

/** The metrics of the epoch whose weights the model has. */
function metricsOfModel(record: RunRecord): readonly Metric[] {
	const { step } =
		record.artifacts.find(({ path }) => path === HEAD_FILE) ?? {};
	const metrics = record.metrics.filter(
		(metric) =>
			/^(train|valid)\//.test(metric.key) &&
			(step === undefined || metric.step === step),
	);
	return [...new Map(metrics.map((one) => [one.key, one])).values()];
}

/** Linked to the data that it was measured on. */
function pointsOf(
	{ key, value, step, timestamp }: Metric,
	datasets: readonly DatasetInput[],
): ModelPoint[] {
	const data = datasets.find(({ context }) => key.startsWith(`${context}/`));
	return [
		{
			key: toMlflowKey(key),
			value,
			step: Math.round(step),
			timestamp: Math.round(timestamp),
			...(data && { dataset: { name: data.name, digest: data.digest } }),
		},
	];
}
