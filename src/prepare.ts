import { peekDataset, scanDataset } from "./data/dataset.ts";
import type { Dataset } from "./data/types.ts";
import { type Diagnostic, fail, ok, type Result } from "./diagnostic.ts";
import { unsupportedOps } from "./engine/tfjs/supported.ts";
import { type LoadedExperiment, loadExperiment } from "./experiment/load.ts";
import { openBackbone } from "./model/backbone.ts";
import { subgraph } from "./model/edit.ts";
import type { Backbone } from "./model/types.ts";
import { compile } from "./plan/compile.ts";
import { placed } from "./plan/place.ts";
import type { DataFacts, Plan } from "./plan/types.ts";
import { engineVersions } from "./versions.ts";

/**
 * From a file to a plan: what every verb does first. Loads neither sharp nor onnxruntime nor tfjs.
 *
 *   file → experiment → backbone + photos → plan → operators that tfjs must know
 */
export interface Prepared {
	readonly loaded: LoadedExperiment;
	readonly backbone: Backbone;
	/** Undefined while photos are missing, and after a mere look (`hash: false`). */
	readonly dataset: Dataset | undefined;
	readonly data: DataFacts | undefined;
	readonly plan: Plan;
}

export interface PrepareOptions {
	readonly sets: readonly string[];
	readonly cacheFolder: string;
	/** Hash every photo, or only look at the folders. */
	readonly hash: boolean;
	/** Missing photos and weights are errors when the experiment is to be run, warnings when it is only looked at. */
	readonly missing: "error" | "warning";
}

export async function prepare(
	file: string,
	options: PrepareOptions,
): Promise<Result<Prepared>> {
	const loaded = loadExperiment(file, options.sets);
	if (!loaded.ok) return loaded;
	const { experiment } = loaded.value;
	const warnings: Diagnostic[] = [...loaded.warnings];
	const problems: Diagnostic[] = [];
	const collect = (
		found: readonly Diagnostic[],
		at: readonly string[],
		soften: boolean,
	) => {
		for (const problem of found) {
			const here =
				problem.range === undefined
					? placed(loaded.value, at, problem)
					: problem;
			const isError =
				here.severity === "error" && !(soften && MISSING.has(here.code));
			(isError ? problems : warnings).push({
				...here,
				severity: isError ? "error" : "warning",
			});
		}
	};
	const soften = options.missing === "warning";

	const backbone = await openBackbone(experiment.model, experiment.seed);
	collect(
		backbone.ok ? backbone.warnings : backbone.diagnostics,
		["model", "backbone"],
		soften,
	);
	const photos = await readPhotos(loaded.value, options);
	collect(
		photos.ok ? photos.warnings : photos.diagnostics,
		["data", "root"],
		soften,
	);
	if (!backbone.ok) return fail([...problems, ...warnings]);

	const { dataset = undefined, facts = undefined } = photos.ok
		? photos.value
		: {};
	const engine = { versions: engineVersions(), provider: "cpu" };
	const plan = compile({
		loaded: loaded.value,
		backbone: backbone.value,
		data: facts,
		engine,
	});
	collect(plan.ok ? plan.warnings : plan.diagnostics, [], soften);
	if (!plan.ok) return fail([...problems, ...warnings]);
	problems.push(...uncovered(loaded.value, plan.value));
	if (problems.length > 0) return fail([...problems, ...warnings]);
	return ok(
		{
			loaded: loaded.value,
			backbone: backbone.value,
			dataset,
			data: facts,
			plan: plan.value,
		},
		warnings,
	);
}

/** What is simply not there yet: an experiment can be checked and planned without it. */
const MISSING = new Set(["no-such-folder", "no-photos", "weights-missing"]);

async function readPhotos(
	{ experiment }: LoadedExperiment,
	{ hash, cacheFolder }: PrepareOptions,
): Promise<Result<{ dataset?: Dataset; facts: DataFacts }>> {
	if (!hash) {
		const peeked = await peekDataset(experiment.data);
		return peeked.ok
			? ok(
					{ facts: { ...peeked.value, fingerprint: undefined } },
					peeked.warnings,
				)
			: peeked;
	}
	const scanned = await scanDataset(experiment.data, { cacheFolder });
	if (!scanned.ok) return scanned;
	const dataset = scanned.value;
	const counts: Record<string, number> = {};
	for (const { split } of dataset.samples)
		counts[split] = (counts[split] ?? 0) + 1;
	const { classNames, fingerprint } = dataset;
	return ok(
		{ dataset, facts: { classNames, counts, fingerprint } },
		scanned.warnings,
	);
}

/** Operators of the suffixes that tfjs does not know, named with their nodes. */
function uncovered(
	loaded: LoadedExperiment,
	plan: Plan,
): readonly Diagnostic[] {
	const found = new Map<string, string>();
	for (const { cutTensor } of [plan.train, plan.eval]) {
		const suffix = subgraph(plan.graph, [cutTensor], [plan.output]);
		if (!suffix.ok)
			throw new Error(`internal: ${suffix.diagnostics[0]?.message}`);
		for (const { node, op } of unsupportedOps(suffix.value))
			found.set(node, op);
	}
	if (found.size === 0) return [];
	const list = [...found].slice(0, 5).map(([node, op]) => `${op} (${node})`);
	return [
		placed(loaded, ["model", "freeze"], {
			severity: "error",
			code: "unsupported-op",
			message: `the part that trains holds operators this version cannot train: ${list.join(", ")}${found.size > 5 ? ` and ${found.size - 5} more` : ""}`,
			reason: `it begins at ${plan.train.cutReason}`,
			fix: "freeze these layers too (freeze: all), so that onnxruntime computes them once per photo",
		}),
	];
}
