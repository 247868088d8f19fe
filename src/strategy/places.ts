import { type Diagnostic, ok, type Result } from "../diagnostic.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Experiment } from "../experiment/types.ts";
import type { Place } from "../features/extract-many.ts";
import { fingerprint, type Json } from "../fingerprint.ts";
import type { Backbone } from "../model/types.ts";
import { featureSource } from "../plan/keys.ts";
import { prefixOf } from "../plan/suffix.ts";
import type { Plan } from "../plan/types.ts";
import { type Prepared, prepareLoaded, type Shared } from "../prepare.ts";

/**
 * Where the network is looked at: earlier layers, its own features, its own classifier.
 *
 *   photo ─ conv … ─┬─ … ─┬─ … ─┬─ … ─┬─ … features ─┬─ classifier ─ own classes
 *                  0.2   0.4   0.6   0.8             1.0
 *
 * The places are those of runs with `model.features: { depth }`, so that their rows are in the cache when such a run begins.
 */
export interface DepthPlace {
	/** Share of the trunk's multiply-adds; 1: where the network's own classifier attaches. */
	readonly depth: number;
	/** Last layer of the backbone before it. */
	readonly layer: string;
	readonly plan: Plan;
}

/** Five places say where separation begins to fall; more say no more, and each costs a fit of every head. */
const EARLIER = [0.2, 0.4, 0.6, 0.8];

/** Earliest first, each place once. @returns errors where the network cannot be cut for a linear head at all. */
export async function depthPlaces(
	{ loaded, backbone }: Prepared,
	options: { readonly cacheFolder: string },
	shared: Shared,
): Promise<Result<readonly DepthPlace[]>> {
	const found: DepthPlace[] = [];
	const faults: Diagnostic[] = [];
	for (const depth of [...EARLIER, 1]) {
		const prepared = await prepareLoaded(
			probeAt(loaded, depth),
			{ ...options, hash: true, missing: "warning" },
			shared,
		);
		if (!prepared.ok) {
			// An early layer that no head can take is no place; the network's own features must be one.
			if (depth === 1) faults.push(...prepared.diagnostics);
			continue;
		}
		const { plan } = prepared.value;
		const isKnown = found.some(
			(place) => place.plan.eval.featureKey === plan.eval.featureKey,
		);
		if (isKnown && depth < 1) continue;
		const place = { depth, layer: lastLayer(backbone, plan), plan };
		if (isKnown) found[found.length - 1] = place;
		else found.push(place);
	}
	return faults.length > 0 ? { ok: false, diagnostics: faults } : ok(found);
}

/** The experiment as a plain linear head on frozen float32 features. */
function probeAt(loaded: LoadedExperiment, depth: number): LoadedExperiment {
	const { experiment } = loaded;
	const { replace: _, precision: __, ...model } = experiment.model;
	const { feature_dtype: ___, features: ____, ...rest } = model;
	const { loss, optimizer, ...train } = experiment.train;
	const plain = {
		...{ loss, optimizer, learning_rate: train.learning_rate },
		...{ epochs: train.epochs, batch_size: train.batch_size },
		...{ schedule: train.schedule, log: train.log },
	};
	const own: Experiment = {
		...experiment,
		transforms: {
			train: experiment.transforms.eval,
			eval: experiment.transforms.eval,
		},
		model: {
			...rest,
			...(depth < 1 && { features: { depth } }),
			// Maps of early layers are large, and flattened they are no longer comparable.
			global_pool: rest.global_pool === "flatten" ? "avg" : rest.global_pool,
			freeze: "all",
			head: { linear: { bias: true } },
		},
		train: plain as Experiment["train"],
	};
	return { ...loaded, experiment: own };
}

function lastLayer({ graph }: Backbone, { eval: { stages, cut } }: Plan) {
	const layers = new Set(graph.nodes.map(({ layer }) => layer));
	const before = stages.slice(0, cut).filter(({ name }) => layers.has(name));
	return before.at(-1)?.name ?? "";
}

/** The network's own classifier; undefined where it has none, or random weights. */
export function classifierPlace(
	{ backbone, loaded }: Prepared,
	{ eval: deepest }: Plan,
): Place | undefined {
	const { graph, numClasses, weightsSha256, features } = backbone;
	const output = graph.outputs[0]?.name;
	const source = deepest.featureSource as Readonly<Record<string, Json>>;
	const isPretrained = loaded.experiment.model.weights !== "none";
	if (!isPretrained || numClasses === undefined || numClasses < 2)
		return undefined;
	if (output === undefined || output === features) return undefined;
	if (source === undefined || weightsSha256 === undefined) return undefined;
	const own = featureSource({
		prefix: prefixOf(graph, output),
		cutTensor: output,
		transforms: deepest.transforms,
		exif: loaded.experiment.data.exif,
		weightsSha256,
		engine: {
			versions: source.versions as Readonly<Record<string, string>>,
			provider: source.provider as string,
		},
	});
	return {
		graph,
		cutTensor: output,
		featureShape: [numClasses],
		featureKey: fingerprint(own),
		featureSource: own,
	};
}
