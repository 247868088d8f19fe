import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Metric, RunRecord } from "../runs/types.ts";
import {
	type Checkpoint,
	HEAD_FILE,
	type ModelChoice,
	type ModelIds,
	type ModelKind,
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

/** Characters that MLflow takes in a model's name. */
const UNNAMED = /[/:.%"'`]/g;

/**
 * The models of a run that is over: its result first, then the checkpoints with other weights, each linked to the
 * metrics of its own step. None where the file does not want one, or training came to nothing. A trial has some only
 * if the file says so, or if it is the best of a sweep that is registered.
 */
export function modelsOf(
	record: RunRecord,
	params: ReadonlyMap<string, string>,
	datasets: readonly DatasetInput[],
	isBest: boolean,
): readonly ModelContents[] {
	const { tracking, model } = record.experiment;
	const isTrial = record.trial !== undefined;
	const register = !isTrial || isBest ? tracking?.register : undefined;
	const asked = tracking?.model ?? (isTrial && !register ? "none" : "head");
	if (record.status !== "FINISHED" || record.kind === "sweep") return [];
	if (asked === "none") return [];
	const choice = choiceFor(record, asked);
	if (choice === undefined) return [];
	const { step } =
		record.artifacts.find(({ path }) => path === HEAD_FILE) ?? {};
	const contentsAs = (kind: ModelKind, metrics: readonly Metric[]) => ({
		modelType: kind.choice === "onnx" ? "image classifier" : "head",
		step: Math.round(metrics.at(-1)?.step ?? 0),
		params: new Map(
			[...params].filter(([key]) => /^(model|train|seed|sweep)\b/.test(key)),
		),
		tags: new Map([
			["graft.run_id", record.runId],
			["graft.model", kind.checkpoint?.name ?? kind.choice],
			["graft.backbone", JSON.stringify(model.backbone)],
		]),
		files: modelFiles(record, kind),
		mlmodel: (ids: ModelIds): Artifact => {
			const text = mlmodelText(record, kind, ids);
			const size = Buffer.byteLength(text);
			return { path: "MLmodel", size, content: { text } };
		},
		points: metrics.flatMap((metric) => pointsOf(metric, datasets)),
	});
	const name =
		record.experiment.name.replace(UNNAMED, "_").slice(0, 200) || "model";
	return [
		{
			name,
			...contentsAs({ choice }, metricsAt(record, step)),
			register:
				register === undefined
					? undefined
					: { name: register, alias: tracking?.alias },
		},
		// One with the step of the result has the result's weights.
		...checkpointsOf(record)
			.filter((checkpoint) => checkpoint.step !== step)
			.map((checkpoint) => ({
				name: `${name}-${checkpoint.name}`,
				...contentsAs(
					{ choice: "head", checkpoint },
					metricsAt(record, checkpoint.step),
				),
				register: undefined,
			})),
	];
}

/** The checkpoints that the run has kept, of each name the last. */
function checkpointsOf(record: RunRecord): readonly Checkpoint[] {
	const found = new Map<string, Checkpoint>();
	for (const { path, step } of record.artifacts) {
		const name = /^checkpoints\/((?:best|last)[^/]*)\.safetensors$/.exec(
			path,
		)?.[1];
		if (name === undefined || step === undefined) continue;
		if (existsSync(join(record.folder, path)))
			found.set(name, { name, path, step });
	}
	return [...found.values()];
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

/** The metrics of the epoch that ended with this step; undefined: the last of each. */
function metricsAt(
	record: RunRecord,
	step: number | undefined,
): readonly Metric[] {
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
