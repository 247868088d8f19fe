import { checkDevices } from "./check-device.ts";
import { peekDataset, scanDataset } from "./data/dataset.ts";
import type { Dataset } from "./data/types.ts";
import { type Diagnostic, fail, ok, type Result } from "./diagnostic.ts";
import { engineOf } from "./engine/device/provider.ts";
import { type LoadedExperiment, loadExperiment } from "./experiment/load.ts";
import { canonicalJson, type Json } from "./fingerprint.ts";
import type { Backbone, FetchTalk } from "./model/types.ts";
import { type CompileInput, compile, withTraining } from "./plan/compile.ts";
import { placed } from "./plan/place.ts";
import { imageShape } from "./plan/rules.ts";
import type { DataFacts, EngineFacts, Plan } from "./plan/types.ts";
import { fetchBackbone, readBackbone } from "./prepare-backbone.ts";
import { onWasm, uncovered } from "./prepare-suffix.ts";

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

/** How far the way goes, and what may be missing. */
export interface PrepareOptions {
	readonly sets: readonly string[];
	readonly cacheFolder: string;
	/** Hash every photo, or only look at the folders. */
	readonly hash: boolean;
	/**
	 * Missing photos and weights are errors when the experiment is to be run, warnings when it is only looked at.
	 * Weights that can be fetched are fetched in the first case, once nothing else is wrong.
	 */
	readonly missing: "error" | "warning";
	/** Who is told while weights are fetched. */
	readonly fetching?: FetchTalk;
	/** False: nothing is fetched yet, as long as other experiments may hold mistakes. */
	readonly fetch?: boolean;
	/** False: weights.lock.json is not looked at, as for a run's own copy of its experiment. */
	readonly pin?: boolean;
}

/** What is simply not there yet: an experiment can be checked and planned without it. */
const MISSING = new Set([
	"no-such-folder",
	"no-photos",
	"split-folder-missing",
	"weights-missing",
	"weights-not-here",
]);

/** Every mistake found on the way is reported at once; warnings come along either way. */
export async function prepare(
	file: string,
	options: PrepareOptions,
): Promise<Result<Prepared>> {
	const loading = loadExperiment(file, options.sets);
	if (!loading.ok) return loading;
	const prepared = await prepareLoaded(loading.value, options, sharing());
	if (prepared.ok && options.missing === "error") {
		const lacks = await checkDevices([loading.value]);
		if (lacks.length > 0) return fail([...prepared.warnings, ...lacks]);
	}
	return prepared.ok
		? ok(prepared.value, [...loading.warnings, ...prepared.warnings])
		: fail([...loading.warnings, ...prepared.diagnostics]);
}

/** What several experiments have in common is opened, scanned and compiled once. */
export interface Shared {
	readonly backbones: Map<string, Promise<Result<Backbone>>>;
	readonly photos: Map<string, Promise<Result<Photos>>>;
	readonly plans: Map<string, Result<Plan>>;
	/** Networks whose weights were fetched. */
	readonly fetched: Set<string>;
	/** By device. */
	readonly engines: Map<string, Promise<EngineFacts>>;
}

/** Nothing is shared yet. */
export function sharing(): Shared {
	return {
		backbones: new Map(),
		photos: new Map(),
		plans: new Map(),
		fetched: new Set(),
		engines: new Map(),
	};
}

/** From an experiment to a plan. */
export async function prepareLoaded(
	loaded: LoadedExperiment,
	options: Omit<PrepareOptions, "sets">,
	shared: Shared,
): Promise<Result<Prepared>> {
	const { data, model, seed, transforms, train, device } = loaded.experiment;
	const found: Diagnostic[] = [];
	const note = (result: Result<unknown>) =>
		found.push(...(result.ok ? result.warnings : result.diagnostics));

	const size = imageShape(transforms.eval).slice(1);
	const network = keyOf(
		[model.backbone, model.weights, size],
		model.weights === "none" ? seed : null,
	);
	const backbone = await once(shared.backbones, network, () =>
		readBackbone(loaded, options),
	);
	note(backbone);
	const photos = await once(shared.photos, keyOf(data, options.hash), () =>
		readPhotos(loaded, options),
	);
	note(photos);
	if (!backbone.ok) return fail(found);

	const { dataset, facts } = photos.ok ? photos.value : NO_PHOTOS;
	const input = {
		loaded,
		backbone: backbone.value,
		data: facts,
		engine: await once(
			shared.engines,
			keyOf([device ?? "auto", model.prefix_engine ?? null]),
			() => engineOf(device, model.prefix_engine),
		),
	};
	// All that a plan depends on but for its fingerprint; the loss decides how the network must end.
	const key = keyOf(
		[network, model, transforms, data, input.engine.provider],
		[train.loss, train.phases ?? null],
		// Views are drawn with the seed.
		train.views === undefined ? null : [train.views, seed],
		[train.parameter_groups ?? null, train.layer_decay ?? null],
		[train.no_weight_decay ? train.optimizer : null],
		// Pixels that are mixed leave nothing to cut off.
		[train.mixup ?? null, train.cutmix ?? null],
		[
			train.ema
				? [train.ema, train.epochs, train.batch_size, train.accumulate ?? 1]
				: null,
		],
	);
	const plan = once(shared.plans, key, () => compiled(input));
	note(plan);
	const isRun = options.missing === "error" && options.fetch !== false;
	const canFetch = isRun && plan.ok && isOnlyUnfetched(found);
	if (canFetch && backbone.value.fetchWeights && !shared.fetched.has(network)) {
		shared.fetched.add(network);
		const opened = await fetchBackbone(backbone.value, loaded, options);
		shared.backbones.set(network, Promise.resolve(opened));
		shared.plans.clear();
		return prepareLoaded(loaded, options, shared);
	}
	const said = found.map((problem) =>
		options.missing === "warning" && MISSING.has(problem.code)
			? { ...problem, severity: "warning" as const }
			: problem,
	);
	if (!plan.ok || said.some(({ severity }) => severity === "error"))
		return fail(said);
	const prepared = { loaded, backbone: backbone.value, dataset, data: facts };
	return ok({ ...prepared, plan: withTraining(plan.value, input) }, said);
}

/** Whether nothing is wrong but that weights must be fetched first. */
export function isOnlyUnfetched(found: readonly Diagnostic[]): boolean {
	return found.every(
		({ severity, code }) => severity !== "error" || code === "weights-not-here",
	);
}

function compiled(input: CompileInput): Result<Plan> {
	const plan = compile(input);
	if (!plan.ok) return plan;
	const problems = uncovered(input.loaded, plan.value);
	return problems.length > 0
		? fail([...plan.warnings, ...problems])
		: ok(plan.value, [...plan.warnings, ...onWasm(input, plan.value)]);
}

function once<T>(kept: Map<string, T>, key: string, make: () => T): T {
	const known = kept.get(key) ?? make();
	kept.set(key, known);
	return known;
}

function keyOf(...parts: readonly unknown[]): string {
	return canonicalJson(parts as readonly Json[]);
}

/** The photos, or what a look at them tells. */
export interface Photos {
	readonly dataset: Dataset | undefined;
	readonly facts: DataFacts | undefined;
}

const NO_PHOTOS: Photos = { dataset: undefined, facts: undefined };

async function readPhotos(
	loaded: LoadedExperiment,
	{ hash, cacheFolder }: Pick<PrepareOptions, "hash" | "cacheFolder">,
): Promise<Result<Photos>> {
	const { data } = loaded.experiment;
	const placeAll = (problems: readonly (Diagnostic & Partial<At>)[]) =>
		problems.map(({ at, ...problem }) =>
			problem.range === undefined
				? placed(loaded, at ?? ["data", "root"], problem)
				: problem,
		);
	const read = hash
		? await scanDataset(data, { cacheFolder })
		: peekDataset(data);
	if (!read.ok) return fail(placeAll(read.diagnostics));
	const warnings = placeAll(read.warnings);
	if (!("samples" in read.value)) {
		const { classNames, counts } = read.value;
		const facts = { classNames, counts, fingerprint: undefined };
		return ok({ dataset: undefined, facts }, warnings);
	}
	return ok({ dataset: read.value, facts: factsOf(read.value) }, warnings);
}

/** The option that a diagnostic of the data room is about. */
interface At {
	readonly at: readonly string[];
}

function factsOf({ samples, classNames, fingerprint }: Dataset): DataFacts {
	const counts: Record<string, number> = {};
	for (const { split } of samples) counts[split] = (counts[split] ?? 0) + 1;
	const trainPhotos = samples
		.filter(({ split }) => split === "train")
		.map(({ sha256 }) => sha256);
	return { classNames, counts, fingerprint, trainPhotos };
}
