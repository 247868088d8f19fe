import { join } from "node:path";
import type { AskOptions, TrainedNetwork } from "./ask.ts";
import { fail, ok, type Result, RunError } from "./diagnostic.ts";
import { readSafetensors } from "./model/weights/safetensors.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { readRun } from "./runs/record.ts";
import type { RunRecord } from "./runs/types.ts";

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
	{ cacheFolder }: AskOptions,
): Promise<Result<Trained>> {
	const record = readRun(folder);
	if (record.status !== "FINISHED")
		throw new RunError(
			"run-not-finished",
			`run ${record.runId} is ${record.status}: there is nothing trained to ask`,
			{ fix: "graft ls lists the runs that finished" },
		);
	const file = join(folder, "experiment.yaml");
	const prepared = await prepare(file, {
		...{ sets: [], cacheFolder, hash: true, missing: "error", pin: false },
	});
	if (!prepared.ok) return fail(prepared.diagnostics);
	const { plan, dataset } = prepared.value;
	if (dataset === undefined)
		throw new Error("internal: a trained run needs its photos");
	if (plan.fingerprint !== record.fingerprint)
		throw new RunError(
			"run-changed",
			`run ${record.runId} cannot be put together again: ${changes(record, prepared.value).join(" and ")} now`,
			{
				fix: `bring them back (graft show ${record.runId} names what they were), or run the experiment again`,
			},
		);
	const trained = await readHead(folder);
	return ok(
		{ record, prepared: prepared.value, dataset, trained },
		prepared.warnings,
	);
}

async function readHead(folder: string): Promise<Trained["trained"]> {
	try {
		return (await readSafetensors(join(folder, "head.safetensors"))).tensors;
	} catch (error) {
		if (!(error instanceof RunError)) throw error;
		throw new RunError(error.code, error.message, {
			fix: "the run's files are damaged: run the experiment again",
			cause: error,
		});
	}
}

/** What is not as it was when the run was made, in words. */
function changes(
	{ environment }: RunRecord,
	{ data, backbone }: Prepared,
): readonly string[] {
	const found: string[] = [];
	if (data?.fingerprint !== environment?.dataFingerprint)
		found.push("its photos are others");
	if (backbone.weightsSha256 !== environment?.weightsSha256)
		found.push("its weights file is another");
	return found.length > 0
		? found
		: ["the versions of what computes features are others"];
}
