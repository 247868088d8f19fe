import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AskOptions, TrainedNetwork } from "./ask.ts";
import type { Dataset } from "./data/types.ts";
import { fail, ok, type Result, RunError } from "./diagnostic.ts";
import { classicalHead } from "./experiment/classical-types.ts";
import { type LoadedExperiment, loadExperiment } from "./experiment/load.ts";
import type { Experiment } from "./experiment/types.ts";
import { toYaml } from "./experiment/write.ts";
import { canonicalJson, type Json, sha256 } from "./fingerprint.ts";
import type { Backbone, FetchTalk } from "./model/types.ts";
import { readSafetensors } from "./model/weights/safetensors.ts";
import { compile } from "./plan/compile.ts";
import type { DataFacts } from "./plan/types.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { fetchBackbone, readBackbone } from "./prepare-backbone.ts";
import { readRun } from "./runs/record.ts";
import type { RunRecord } from "./runs/types.ts";
import { engineFacts } from "./versions.ts";
import { writeWhole } from "./write-whole.ts";

/** A run that has ended, its network put together again. */
export interface Trained extends TrainedNetwork {
	readonly record: RunRecord;
}

/**
 * Prepares a finished run again from its own experiment.yaml: photos and weights must be what they were.
 * @throws RunError "run-not-finished"; "run-changed" where photos, weights or Graft's arithmetic are others now.
 */
export async function openTrained(
	folder: string,
	{ cacheFolder, fetching }: AskOptions,
): Promise<Result<Trained>> {
	const record = finishedRun(folder);
	const prepared = await prepareAgain(record, cacheFolder, fetching);
	if (!prepared.ok) return prepared;
	const { dataset } = prepared.value;
	if (dataset === undefined)
		throw new Error("internal: a trained run needs its photos");
	const trained = await readHead(record);
	// Warnings of its file were told when the run was made.
	return ok({ record, prepared: prepared.value, dataset, trained });
}

/**
 * A run's experiment, from its own experiment.yaml.
 * @throws RunError "run-changed" where photos, weights or Graft's arithmetic are others now
 */
export async function prepareAgain(
	record: RunRecord,
	cacheFolder: string,
	fetching?: FetchTalk,
): Promise<Result<Prepared>> {
	const file = join(record.folder, EXPERIMENT_FILE);
	// A run can be killed between its first line and its first file.
	if (!existsSync(file)) writeWhole(file, toYaml(record.experiment));
	const prepared = await prepare(file, {
		...{ sets: [], cacheFolder, hash: true, missing: "error", pin: false },
		...(fetching && { fetching }),
	});
	if (!prepared.ok) return fail(prepared.diagnostics);
	if (prepared.value.plan.fingerprint !== record.fingerprint)
		throw changed(record, prepared.value);
	return prepared;
}

/** The run's own copy of its experiment. */
const EXPERIMENT_FILE = "experiment.yaml";

function finishedRun(folder: string): RunRecord {
	const record = readRun(folder);
	if (record.status === "FINISHED" && record.kind !== "sweep") return record;
	throw new RunError(
		"run-not-finished",
		`run ${record.runId} is ${record.status}: there is nothing trained to ask`,
		{ fix: whatInstead(record) },
	);
}

/** @returns the fix for a run that did not finish. */
export function whatInstead({ status, runId, error }: RunRecord): string {
	const others = "graft ls lists the runs that finished";
	if (status === "RUNNING") return `wait until it has ended; ${others}`;
	const isKilled = status === "KILLED" || error?.code === "died";
	return isKilled
		? `graft run --resume ${runId} goes on with it; ${others}`
		: others;
}

/**
 * The same without the photos it was trained on, for photos that it has never seen: `dataset` has the classes and no
 * samples. A head without epochs needs the photos, for it is fitted again, and so does int8, which is calibrated on them.
 * @throws RunError "run-not-finished"; "run-changed" where the weights are others now.
 */
export async function openNetwork(
	folder: string,
	options: AskOptions,
): Promise<Result<Trained>> {
	finishedRun(folder);
	const loaded = loadExperiment(join(folder, EXPERIMENT_FILE), []);
	if (!loaded.ok) return loaded;
	const { head, precision } = loaded.value.experiment.model;
	const isInt8 = precision !== undefined && "int8" in precision;
	return classicalHead(head) !== undefined || isInt8
		? openTrained(folder, options)
		: openAlone(folder, options);
}

/**
 * The network as a graph with its weights, whatever became of the photos: prefixes on bytes are in float32, a head
 * without epochs is what head.safetensors holds of it.
 * @throws RunError as openNetwork
 */
export async function openAlone(
	folder: string,
	options: AskOptions,
): Promise<Result<Trained>> {
	const record = finishedRun(folder);
	const loaded = loadExperiment(join(folder, EXPERIMENT_FILE), []);
	if (!loaded.ok) return loaded;
	refuseEdited(record, loaded.value);
	const backbone = await backboneAgain(loaded.value, options);
	if (!backbone.ok) return backbone;
	const { data: counted, environment } = record;
	const data: DataFacts = {
		classNames: counted?.classNames ?? [],
		counts: Object.fromEntries(
			Object.entries(counted?.counts ?? {}).map(([split, each]) => [
				split,
				each.reduce((sum, photos) => sum + photos, 0),
			]),
		),
		fingerprint: environment?.dataFingerprint,
	};
	const input = { loaded: loaded.value, backbone: backbone.value, data };
	const plan = compile({ ...input, engine: engineFacts() });
	if (!plan.ok) return plan;
	const prepared = { ...input, plan: plan.value, dataset: undefined };
	if (backbone.value.weightsSha256 !== environment?.weightsSha256)
		throw changed(record, prepared);
	const { classNames, fingerprint = "" } = data;
	const dataset: Dataset = {
		...{ root: counted?.root ?? "", classNames, fingerprint },
		...{ samples: [], corrupt: [] },
	};
	const trained = await readHead(record);
	return ok({ record, prepared, dataset, trained }, backbone.warnings);
}

/** With its weights, which are fetched again where the cache has lost them. @throws RunError of the download */
async function backboneAgain(
	loaded: LoadedExperiment,
	{ cacheFolder, fetching, fetch = true }: AskOptions,
): Promise<Result<Backbone>> {
	const options = { cacheFolder, pin: false, ...(fetching && { fetching }) };
	const first = await readBackbone(loaded, options);
	const lacks =
		first.ok && first.value.weightsSha256 === undefined
			? first.value
			: undefined;
	const backbone =
		lacks?.fetchWeights && fetch
			? await fetchBackbone(lacks, loaded, options)
			: first;
	if (!backbone.ok) return backbone;
	const isLacking = backbone.warnings.some(
		({ severity }) => severity === "error",
	);
	return isLacking ? fail(backbone.warnings) : backbone;
}

function changed(record: RunRecord, now: Prepared): RunError {
	return new RunError(
		"run-changed",
		`run ${record.runId} cannot be put together again: ${changes(record, now).join(" and ")} now`,
		{
			fix: `bring them back (graft show ${record.runId} names what they were), or run the experiment again`,
		},
	);
}

/** @throws RunError "weights-changed" where its bytes are others than those that the run wrote */
async function readHead(record: RunRecord): Promise<Trained["trained"]> {
	const path = join(record.folder, HEAD_FILE);
	const fix = "the run's files are damaged: run the experiment again";
	try {
		const read = await readSafetensors(path);
		const written = writtenSha(record, HEAD_FILE);
		if (written === undefined || read.sha256 === written) return read.tensors;
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		throw new RunError(error.code, error.message, { fix, cause: error });
	}
	throw new RunError(
		"weights-changed",
		`${path} is not the file that run ${record.runId} wrote`,
		{ fix },
	);
}

const HEAD_FILE = "head.safetensors";

/** The last sha256 that the journal has of a file of the run. */
function writtenSha({ artifacts }: RunRecord, name: string) {
	return artifacts.findLast(({ path }) => path === name)?.sha256;
}

/**
 * A run's own experiment.yaml says what the run was; photos that were moved may be looked for elsewhere (data.root).
 * @throws RunError "run-changed" where it was edited otherwise
 */
export function refuseEdited(
	record: RunRecord,
	{ file, experiment }: LoadedExperiment,
): void {
	if (sha256(readFileSync(file)) === writtenSha(record, EXPERIMENT_FILE))
		return;
	if (sameExperiment(record.experiment, experiment)) return;
	throw new RunError(
		"run-changed",
		`${file} was edited after run ${record.runId}`,
		{
			fix: "undo that, or copy it to another place and run it there: graft run FILE",
		},
	);
}

function sameExperiment(a: Experiment, b: Experiment): boolean {
	const [then, now] = [a, b].map((each) =>
		canonicalJson({
			...each,
			data: { ...each.data, root: "" },
		} as unknown as Json),
	);
	return then === now;
}

/** What is not as it was when the run was made, in words. */
function changes(
	{ environment, experiment }: RunRecord,
	{ data, backbone, loaded }: Prepared,
): readonly string[] {
	const found: string[] = [];
	if (!sameExperiment(experiment, loaded.experiment))
		found.push("its experiment.yaml was edited");
	if (data?.fingerprint !== environment?.dataFingerprint)
		found.push("its photos are others");
	if (backbone.weightsSha256 !== environment?.weightsSha256)
		found.push("its weights file is another");
	return found.length > 0
		? found
		: ["the versions of what computes features are others"];
}
