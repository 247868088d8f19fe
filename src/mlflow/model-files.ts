import { statSync } from "node:fs";
import { basename, join } from "node:path";
import type { RunRecord } from "../runs/types.ts";
import type { Artifact } from "./types.ts";

/**
 * The files of a LoggedModel. `MLmodel` names what is in it; its flavor "graft" is for those who put the head
 * onto the backbone themselves, "onnx" and "python_function" are MLflow's own and open the whole network.
 */

/** The whole network, in the run's folder. */
export const ONNX_FILE = "model.onnx";
/** What was trained, in the run's folder. */
export const HEAD_FILE = "head.safetensors";

/** What of a run's network becomes a LoggedModel. */
export type ModelChoice = "head" | "onnx";

/** Weights that a run has kept beside its result. */
export interface Checkpoint {
	/** best, best-2 …, last. */
	readonly name: string;
	/** Relative to the run's folder. */
	readonly path: string;
	/** Optimizer step that they are from. */
	readonly step: number;
}

/** A run's result, or a checkpoint of its head. */
export interface ModelKind {
	readonly choice: ModelChoice;
	readonly checkpoint?: Checkpoint;
}

/** Ids that the server gave. */
export interface ModelIds {
	readonly modelId: string;
	readonly runId: string;
}

/** Everything but MLmodel, which can be written only once the model has its id. */
export function modelFiles(
	record: RunRecord,
	{ choice, checkpoint }: ModelKind,
): Artifact[] {
	const file = checkpoint?.path ?? (choice === "onnx" ? ONNX_FILE : HEAD_FILE);
	const classes = `${JSON.stringify(record.data?.classNames ?? [], null, 2)}\n`;
	return [
		...files(record, [file, "experiment.yaml"]).map((one) => ({
			...one,
			path: basename(one.path),
		})),
		text("classes.json", classes),
		text("README.md", readme(record, choice, basename(file))),
		text("requirements.txt", requirements(choice)),
		...(choice === "onnx"
			? [text("python_env.yaml", PYTHON_ENV), text("conda.yaml", CONDA)]
			: []),
	];
}

function files(record: RunRecord, names: readonly string[]): Artifact[] {
	return names.flatMap((name) => {
		const file = join(record.folder, name);
		const size = statSync(file, { throwIfNoEntry: false })?.size;
		return size === undefined ? [] : [{ path: name, size, content: { file } }];
	});
}

function text(path: string, content: string): Artifact {
	return {
		path,
		size: Buffer.byteLength(content),
		content: { text: content },
	};
}

/** MLmodel: YAML, of which JSON is a part. The same ids give the same text. */
export function mlmodelText(
	record: RunRecord,
	{ choice, checkpoint }: ModelKind,
	ids: ModelIds,
): string {
	const { runId, environment, experiment, endTime } = record;
	const graft = {
		graft_version: environment?.graft ?? "",
		run_id: runId,
		backbone: backboneName(record),
		weights_sha256: environment?.weightsSha256 ?? "",
		data: checkpoint
			? basename(checkpoint.path)
			: choice === "onnx"
				? ONNX_FILE
				: HEAD_FILE,
		...(checkpoint && { checkpoint: checkpoint.name, step: checkpoint.step }),
		experiment: "experiment.yaml",
		classes: "classes.json",
	};
	const onnx = {
		onnx: {
			code: null,
			data: ONNX_FILE,
			onnx_version: "1.17.0",
			onnx_session_options: null,
			providers: ["CUDAExecutionProvider", "CPUExecutionProvider"],
		},
		python_function: {
			loader_module: "mlflow.onnx",
			data: ONNX_FILE,
			env: { conda: "conda.yaml", virtualenv: "python_env.yaml" },
			python_version: "3.11.0",
		},
	};
	const value = {
		artifact_path: null,
		flavors: choice === "onnx" ? { graft, ...onnx } : { graft },
		model_id: ids.modelId,
		model_uuid: ids.modelId,
		run_id: ids.runId,
		utc_time_created: utc(endTime),
		metadata: { task: "image-classification", experiment: experiment.name },
	};
	return `${JSON.stringify(value, null, 2)}\n`;
}

/** As Python writes it. */
function utc(time: string | undefined): string {
	return (time ?? "1970-01-01T00:00:00.000Z").replace("T", " ").slice(0, 23);
}

function backboneName({ experiment }: RunRecord): string {
	const { backbone } = experiment.model;
	return typeof backbone === "string" ? backbone : basename(backbone.onnx);
}

const ONNX_REQUIREMENTS = ["mlflow", "numpy", "onnx", "onnxruntime"];

function requirements(choice: ModelChoice): string {
	const lines =
		choice === "onnx" ? ONNX_REQUIREMENTS : ["numpy", "safetensors"];
	return `${lines.join("\n")}\n`;
}

const PYTHON_ENV = `python: "3.11"
build_dependencies: [pip]
dependencies: [-r requirements.txt]
`;

const CONDA = `name: mlflow-env
channels: [conda-forge]
dependencies:
  - python=3.11
  - pip
  - pip: [${ONNX_REQUIREMENTS.join(", ")}]
`;

function readme(record: RunRecord, choice: ModelChoice, file: string): string {
	const open =
		choice === "onnx"
			? `\`model.onnx\` is the whole network. Its input is float32 [n, 3, height, width], prepared as the transforms in
\`experiment.yaml\` say; its output has a column a class, in the order of \`classes.json\`.

\`\`\`python
import mlflow
model = mlflow.pyfunc.load_model("models:/<model id>")     # or mlflow.onnx.load_model
outputs = model.predict(pixels)                           # numpy, float32
\`\`\``
			: `\`${file}\` holds what was trained; the frozen rest is ${backboneName(record)} with its own weights
(\`tracking: { model: onnx }\` logs the whole network instead).

\`\`\`python
import json, mlflow, safetensors.numpy
folder = mlflow.artifacts.download_artifacts("models:/<model id>")
weights = safetensors.numpy.load_file(f"{folder}/${file}")   # features @ weight.T + bias
classes = json.load(open(f"{folder}/classes.json"))
\`\`\``;
	return `# ${record.runId}

${open}
`;
}
