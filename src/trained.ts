import { join } from "node:path";
import type { Dataset, Sample } from "./data/types.ts";
import { fail, ok, type Result, RunError } from "./diagnostic.ts";
import { rowsFor } from "./features/feature-set.ts";
import type { Progress } from "./features/rate.ts";
import {
	extractorOf,
	type LabelledRows,
	optionsOf,
	samplesOf,
} from "./features/rows.ts";
import { readSafetensors } from "./model/weights/safetensors.ts";
import { suffixOf } from "./plan/suffix.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { readRun } from "./runs/record.ts";
import type { RunRecord } from "./runs/types.ts";
import { answerRows } from "./train/answer.ts";
import { fitClassical } from "./train/classical/fit-classical.ts";
import { startWeights } from "./train/start-weights.ts";
import type { FitEnd } from "./train/types.ts";

/** A run that has ended, its network put together again. */
export interface Trained {
	readonly record: RunRecord;
	readonly prepared: Prepared;
	readonly dataset: Dataset;
}

/** How photos are passed through it. */
export interface AskOptions {
	readonly cacheFolder: string;
	readonly onProgress?: (progress: Progress) => void;
	readonly onWarning?: (code: string, message: string) => void;
}

/** What it says of photos, in their order. */
export type Said = Pick<
	FitEnd,
	"validProbabilities" | "validLosses" | "validPredicted"
>;

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
		...{ sets: [], cacheFolder, hash: true, missing: "error" },
	});
	if (!prepared.ok) return fail(prepared.diagnostics);
	const { plan, dataset } = prepared.value;
	if (dataset === undefined)
		throw new Error("internal: a trained run needs its photos");
	if (plan.fingerprint !== record.fingerprint)
		throw new RunError(
			"run-changed",
			`run ${record.runId} cannot be put together again: its photos, its weights or the versions of what computes features are others now`,
			{
				fix: `bring them back (graft show ${record.runId} names what they were), or run the experiment again`,
			},
		);
	return ok({ record, prepared: prepared.value, dataset }, prepared.warnings);
}

/**
 * Its answers for some photos of its data set. Heads without epochs are fitted again from the cached features, which
 * gives the same head.
 */
export async function askTrained(
	{ record, prepared, dataset }: Trained,
	samples: readonly Sample[],
	options: AskOptions,
): Promise<Said> {
	const { plan, backbone, loaded } = prepared;
	const { experiment } = loaded;
	const { loadWeights } = backbone;
	const request = { plan, dataset, experiment, loadWeights, ...options };
	const rowsOf = async (
		some: readonly Sample[],
		pipeline: typeof plan.eval,
	): Promise<LabelledRows> => {
		const extractor = extractorOf(request, pipeline);
		const set = await extractor
			.extract(some, optionsOf(request, pipeline))
			.finally(() => extractor.close());
		return {
			features: rowsFor(set, some),
			shape: set.shape,
			labels: Int32Array.from(some, ({ label }) => label),
		};
	};
	const rows = await rowsOf(samples, plan.eval);
	if (plan.classical !== undefined) {
		const train = await rowsOf(samplesOf(dataset, "train"), plan.train);
		const { numClasses, added, classical: head } = plan;
		const { seed } = experiment;
		for await (const event of fitClassical({
			...{ head, numClasses, train, valid: rows, seed, added },
		}))
			if (event.type === "end") return event;
		throw new Error("internal: the head was not fitted");
	}
	const { tensors } = await readSafetensors(
		join(record.folder, "head.safetensors"),
	);
	const start = await startWeights(plan, experiment.seed, loadWeights);
	const said = await answerRows({
		suffix: suffixOf(plan, plan.eval),
		weights: new Map([...start, ...tensors]),
		loss: "nll" in experiment.train.loss ? "nll" : "cross_entropy",
		rows,
	});
	return {
		validProbabilities: said.probabilities,
		validLosses: said.losses,
		validPredicted: said.predicted,
	};
}
