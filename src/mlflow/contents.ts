import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { JOURNAL_FILE } from "../runs/journal.ts";
import { isMultiLabel } from "../runs/labels.ts";
import { PREDICTIONS_FILE, readPredictions } from "../runs/predictions.ts";
import type { JournalEvent, RunRecord } from "../runs/types.ts";
import { datasetsOf } from "./datasets.ts";
import { IMAGES_FOLDER, imageNames } from "./images.ts";
import { modelsOf } from "./model-contents.ts";
import { ONNX_FILE } from "./model-files.ts";
import { noteOf } from "./note.ts";
import { LONG_PARAMS_FILE, paramsOf } from "./params.ts";
import { pointsOf } from "./points.ts";
import {
	CONFUSION_TABLE,
	confusionTable,
	PREDICTION_TABLE,
	predictionTable,
	tablesTag,
} from "./tables.ts";
import { sweepTags, sweptParams, trialName } from "./trial.ts";
import type { Artifact, Parent, RunContents } from "./types.ts";

/**
 * A run's record and the journal it was folded from → what a server should hold of it.
 * Looks at nothing else but the run's own folder.
 */
export function contentsOf(
	record: RunRecord,
	events: readonly JournalEvent[],
	experimentName: string | undefined,
	parent?: Parent,
): RunContents {
	const { params, long } = paramsOf(record.experiment);
	const { trial } = record;
	const isBest =
		parent?.best !== undefined && parent.best === resolve(record.folder);
	const datasets = datasetsOf(record);
	const isOver = record.status !== "RUNNING";
	return {
		runName: nameOf(record),
		experimentName: experimentName ?? record.name,
		identity: { runId: record.runId, started: record.startTime },
		startTime: Date.parse(record.startTime),
		status: record.status,
		endTime:
			record.endTime === undefined ? undefined : Date.parse(record.endTime),
		user: record.environment?.user,
		params:
			trial === undefined
				? params
				: new Map([...sweptParams(trial), ...params]),
		parent,
		tags: tagsOf(record),
		points: pointsOf(record, events),
		datasets,
		models: modelsOf(record, params, datasets, isBest),
		artifacts: [
			...textArtifact(LONG_PARAMS_FILE, long),
			...(isOver ? [...filesOf(record), ...tablesOf(record)] : []),
		],
	};
}

/** A trial is called by what sets it apart, any other run by its id. */
function nameOf({ trial, runId }: RunRecord): string {
	return trial === undefined ? runId : trialName(trial);
}

/** Every tag is written once, when its value is final. */
function tagsOf(record: RunRecord): ReadonlyMap<string, string> {
	const { environment } = record;
	const { git } = environment ?? {};
	const values: Readonly<Record<string, string | undefined>> = {
		"graft.run_id": record.runId,
		"graft.started": record.startTime,
		"graft.fingerprint": record.fingerprint,
		"graft.command": `graft ${record.argv.join(" ")}`,
		...sweepTags(record),
		"mlflow.runName": nameOf(record),
		"mlflow.source.name": record.source,
		"mlflow.source.type": "LOCAL",
		"graft.version": environment?.graft,
		"graft.backend": environment?.backend,
		"graft.host": environment?.host,
		"mlflow.user": environment?.user,
		"mlflow.source.git.commit": git?.commit,
		"mlflow.source.git.branch": git?.branch,
		"graft.git.dirty": git && String(git.dirty),
		...(record.status === "RUNNING"
			? {}
			: {
					"mlflow.note.content": noteOf(record),
					"mlflow.loggedImages":
						imageNames(record.folder).length > 0 ? "True" : undefined,
					"mlflow.loggedArtifacts": hasPredictions(record)
						? tablesTag(record.data?.photos !== undefined)
						: undefined,
				}),
	};
	return new Map(
		Object.entries(values).flatMap(([key, value]) =>
			value ? [[key, fitted(value)] as const] : [],
		),
	);
}

/** Characters of a tag: the server cuts the rest off without a word. */
const LONGEST_TAG = 8000;

function fitted(value: string): string {
	if (value.length <= LONGEST_TAG) return value;
	return `${value.slice(0, LONGEST_TAG - 100)} … (${value.length} characters: see the artifact ${JOURNAL_FILE})`;
}

function hasPredictions(record: RunRecord): boolean {
	return record.artifacts.some(({ path }) => path === PREDICTIONS_FILE);
}

/** The journal and every file it names that is still there; the size is what the file has now. */
function filesOf(record: RunRecord): Artifact[] {
	const images = imageNames(record.folder);
	const paths = [
		...record.artifacts.map(({ path }) => path),
		...images.map((name) => `${IMAGES_FOLDER}/${name}`),
		JOURNAL_FILE,
	]
		// As large as the backbone, and kept once, as the run's models.
		.filter((path) => path !== ONNX_FILE && !path.startsWith("checkpoints/"));
	return paths.flatMap((path) => {
		const file = join(record.folder, path);
		const size = statSync(file, { throwIfNoEntry: false })?.size;
		return size === undefined ? [] : [{ path, size, content: { file } }];
	});
}

function tablesOf(record: RunRecord): Artifact[] {
	if (!hasPredictions(record)) return [];
	const predictions = readPredictions(record.folder);
	const classNames = record.data?.classNames ?? [];
	return [
		...textArtifact(PREDICTION_TABLE, predictionTable(predictions, classNames)),
		...(isMultiLabel(predictions)
			? []
			: textArtifact(CONFUSION_TABLE, confusionTable(predictions, classNames))),
	];
}

/** None for an empty value. */
function textArtifact(path: string, value: object): Artifact[] {
	if (Object.keys(value).length === 0) return [];
	const text = JSON.stringify(value);
	return [{ path, size: Buffer.byteLength(text), content: { text } }];
}
