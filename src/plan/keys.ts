import { classicalHead } from "../experiment/classical-types.ts";
import type { Experiment, Transform } from "../experiment/types.ts";
import { fingerprint, type Json } from "../fingerprint.ts";
import type { Graph } from "../model/types.ts";
import type { EngineFacts } from "./types.ts";

/** Raised when the meaning of cached rows changes without any input of the key changing. */
const FEATURES_VERSION = 1;

/** Everything one cached row depends on besides the photo's own bytes. */
export interface FeatureKeyParts {
	/** The network from its input to the cut. */
	readonly prefix: Graph;
	readonly cutTensor: string;
	readonly transforms: readonly Transform[];
	readonly exif: "apply" | "ignore";
	readonly weightsSha256: string;
	readonly engine: EngineFacts;
}

/** What a feature key is made of: hashed it is the key, in words it stands in the `key.json` beside the rows. */
export function featureSource(parts: FeatureKeyParts): FeatureSource {
	return {
		version: FEATURES_VERSION,
		graph: graphFingerprint(parts.prefix),
		cut: parts.cutTensor,
		transforms: parts.transforms as unknown as Json,
		exif: parts.exif,
		weights: parts.weightsSha256,
		versions: parts.engine.versions,
		provider: parts.engine.provider,
	};
}

/** The parts of a feature key, by name. */
export type FeatureSource = { readonly [part: string]: Json };

/** What a run depends on besides its file. */
export interface RunFacts {
	/** Fingerprint of the dataset. */
	readonly data: string;
	/** sha256 of the weights. */
	readonly weights: string;
	readonly trainable: readonly string[];
	/** Running statistics that training moves. */
	readonly buffers: readonly string[];
	/** Keys of the features of both pipelines, where they are cached. */
	readonly features: readonly (string | undefined)[];
	/** How a prefix on bytes is calibrated. */
	readonly int8?: Json | undefined;
	readonly engine: EngineFacts;
}

/** Everything the result of a run depends on; names, descriptions and places of files do not count. */
export function runFingerprint(
	experiment: Experiment,
	graph: Graph,
	facts: RunFacts,
): string {
	const { seed, transforms, data, model, evaluation } = experiment;
	// What is logged and kept changes nothing that is learnt.
	const { log: _, checkpoints: __, ...train } = experiment.train;
	return fingerprint({
		version: FEATURES_VERSION,
		seed,
		transforms: transforms as unknown as Json,
		graph: graphFingerprint(graph),
		trainable: facts.trainable,
		...(facts.buffers.length > 0 && { buffers: facts.buffers }),
		// A classical head reads nothing of `train`.
		train: (classicalHead(model.head) ?? train) as unknown as Json,
		...(evaluation && { evaluation: evaluation as unknown as Json }),
		// Rows that are drawn anew have no key that says it.
		...(facts.int8 !== undefined && { int8: facts.int8 }),
		exif: data.exif,
		onCorrupt: data.on_corrupt,
		photos: facts.data,
		weights: facts.weights,
		features: facts.features.map((key) => key ?? null),
		versions: facts.engine.versions,
		provider: facts.engine.provider,
		// Backends of tfjs agree but for the last bits: a device that was asked for is a run of its own.
		...((experiment.device ?? "auto") !== "auto" && {
			device: experiment.device as Json,
		}),
	});
}

/** Asked for by both pipelines, which mostly share their prefix, and by every trial of a sweep. */
const fingerprints = new WeakMap<Graph, string>();

function graphFingerprint(graph: Graph): string {
	const found = fingerprints.get(graph) ?? fingerprint(graphJson(graph));
	fingerprints.set(graph, found);
	return found;
}

/** A graph as JSON, its constants included, layer names left out: they change nothing that is computed. */
function graphJson({ nodes, inputs, initializers }: Graph): Json {
	return plainJson({ nodes, inputs, initializers });
}

/** As JSON.stringify and JSON.parse would have it, big integers as text, typed arrays as lists. */
function plainJson(value: unknown): Json {
	if (typeof value === "bigint") return value.toString();
	if (typeof value === "number") return Number.isFinite(value) ? value : null;
	if (typeof value !== "object" || value === null)
		return (value ?? null) as Json;
	if (Array.isArray(value)) return value.map(plainJson);
	if (ArrayBuffer.isView(value))
		return Array.from(value as unknown as ArrayLike<unknown>, plainJson);
	const members: Record<string, Json> = {};
	for (const [key, member] of Object.entries(value))
		if (key !== "layer" && key !== "module" && member !== undefined)
			members[key] = plainJson(member);
	return members;
}
