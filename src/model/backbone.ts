import { RunError } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import type { ModelOptions } from "../experiment/types.ts";
import { cacheFolder } from "../paths.ts";
import type { Backbone } from "./types.ts";
import { weightsSource } from "./weights-source.ts";
import { zooEntry, zooNames } from "./zoo/zoo.ts";

/** What the network is opened for. */
export interface OpenOptions {
	/** [height, width] of the photos that will enter; the weights' own size where left out. */
	readonly inputSize?: readonly [number, number];
	/** Graft's cache folder: weights that were fetched, hashes of local ones. */
	readonly cache?: string;
	/** Path of weights.lock.json, beside the experiment file; without it nothing is pinned. */
	readonly lockFile?: string;
}

/**
 * The network that `model.backbone` and `model.weights` name. A zoo network is described without reading its
 * weights; an .onnx file is read whole.
 * @throws RunError "unknown-backbone", "input-size", "onnx-unreadable", "onnx-external-data", "onnx-unsupported".
 * Missing weights files are no error here (weightsSha256 is undefined), but when they are loaded.
 */
export async function openBackbone(
	model: ModelOptions,
	seed: number,
	options: OpenOptions = {},
): Promise<Backbone> {
	if (typeof model.backbone !== "string") {
		// The ONNX reader is loaded only for those who need it.
		const { openOnnxBackbone } = await import("./onnx/backbone.ts");
		return openOnnxBackbone(model.backbone, options.inputSize);
	}
	const name = model.backbone;
	const entry = zooEntry(name);
	if (!entry) throw unknownBackbone(name);
	const graph = entry.build(options.inputSize ?? entry.preprocess.size);
	const cache = options.cache ?? cacheFolder(undefined);
	const { lockFile } = options;
	const source = await weightsSource(
		{ name, entry, graph, seed, cache, lockFile },
		model.weights,
	);
	return {
		name,
		graph,
		preprocess: entry.preprocess,
		features: entry.features,
		numClasses: entry.numClasses,
		license: entry.license,
		...source,
	};
}

function unknownBackbone(name: string): RunError {
	const meant = nearest(name, zooNames());
	return new RunError(
		"unknown-backbone",
		`"${name}" is no network of the zoo`,
		{
			fix: `${meant ? `did you mean "${meant}"? ` : ""}The zoo has ${zooNames().join(", ")}; any other network can be given as { onnx: file.onnx, preprocess: … }`,
		},
	);
}
