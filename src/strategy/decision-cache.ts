import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, type Json } from "../fingerprint.ts";
import type { Prepared } from "../prepare.ts";
import { writeWhole } from "../write-whole.ts";
import type { Decision } from "./types.ts";

/** Decisions in the cache folder: `graft plan` prints what a run has decided, and no run decides twice. Loads nothing heavy. */

/** Raised when the same photos and network would be decided otherwise. */
const DECISION_VERSION = 1;

/**
 * What a decision depends on: photos, labels and splits, the network with its weights up to its features, what the pixels
 * pass, versions, and the seed of folds. Undefined while photos or weights are missing.
 */
export function decisionKey({
	plan,
	data,
	loaded,
	backbone,
}: Prepared): string | undefined {
	const { experiment } = loaded;
	if (data?.fingerprint === undefined || backbone.weightsSha256 === undefined)
		return undefined;
	const { model } = experiment;
	return fingerprint({
		version: DECISION_VERSION,
		photos: data.fingerprint,
		network: backbone.name,
		weights: backbone.weightsSha256,
		pixels: plan.eval.transforms as unknown as Json,
		exif: experiment.data.exif,
		pool: model.global_pool,
		isMultiLabel: experiment.data.multi_label !== undefined,
		// What the user settles is not set again.
		features: (model.features ?? null) as Json,
		provider: plan.provider ?? "cpu",
		seed: experiment.seed,
	});
}

/** What was decided before; undefined where nothing was, or it cannot be read. */
export function readDecision(
	cacheFolder: string,
	key: string | undefined,
): Decision | undefined {
	if (key === undefined) return undefined;
	try {
		return JSON.parse(readFileSync(fileOf(cacheFolder, key), "utf8"));
	} catch {
		return undefined;
	}
}

/** Keeps it. A cache that cannot be written loses nothing but time. */
export function keepDecision(
	cacheFolder: string,
	key: string | undefined,
	decision: Decision,
): void {
	if (key === undefined) return;
	try {
		const text = `${JSON.stringify(decision, null, "\t")}\n`;
		writeWhole(fileOf(cacheFolder, key), text);
	} catch {
		// Extraction says it of the rows, where it costs something.
	}
}

function fileOf(cacheFolder: string, key: string): string {
	return join(cacheFolder, "strategies", `${key}.json`);
}
