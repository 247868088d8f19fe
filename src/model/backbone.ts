import { existsSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import type { ModelOptions } from "../experiment/types.ts";
import { cacheFolder, packageRoot } from "../paths.ts";
import { initialWeights } from "./init.ts";
import type { Backbone, Graph, Tensor, Weights } from "./types.ts";
import { fileSha256 } from "./weights/file-hash.ts";
import { matchWeights, mismatch } from "./weights/match.ts";
import {
	readSafetensors,
	readSafetensorsHeader,
} from "./weights/safetensors.ts";
import { type ZooEntry, zooEntry, zooNames } from "./zoo/zoo.ts";

/** What the network is opened for. */
export interface OpenOptions {
	/** [height, width] of the photos that will enter; the weights' own size where left out. */
	readonly inputSize?: readonly [number, number];
	/** Graft's cache folder, where hashes of local weights files are remembered. */
	readonly cache?: string;
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
	const source = await weightsSource(name, entry, graph, model.weights, {
		seed,
		cache,
	});
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

type Source = Pick<Backbone, "weightsSha256" | "loadWeights">;

async function weightsSource(
	name: string,
	entry: ZooEntry,
	graph: Graph,
	weights: string,
	{ seed, cache }: { readonly seed: number; readonly cache: string },
): Promise<Source> {
	if (weights === "none")
		return {
			weightsSha256: `none:${seed}`,
			loadWeights: async () => randomWeights(graph, entry, seed),
		};
	if (weights !== "default") return localSource(name, graph, weights, cache);
	if (entry.weights.kind === "embedded") {
		const { file, sha256 } = entry.weights;
		return {
			weightsSha256: sha256,
			loadWeights: () =>
				fromFile(graph, join(packageRoot(), "src/model/zoo", file), sha256),
		};
	}
	const { url } = entry.weights;
	return {
		weightsSha256: undefined,
		loadWeights: () => Promise.reject(noDownload(name, url)),
	};
}

/** A file that cannot serve is found out by its header; the error comes when the weights are loaded. */
async function localSource(
	name: string,
	graph: Graph,
	path: string,
	cache: string,
): Promise<Source> {
	const broken = (error: unknown): Source => ({
		weightsSha256: undefined,
		loadWeights: () => Promise.reject(error),
	});
	if (!existsSync(path)) return broken(missingFile(path, name));
	if (/\.(pth?|pkl|bin|h5|keras|onnx)$/i.test(path))
		return broken(otherFormat(path, name));
	try {
		const { entries } = await readSafetensorsHeader(path);
		const problem = mismatch(graph, entries, path);
		if (problem) return broken(problem);
	} catch (error) {
		return broken(error);
	}
	const sha256 = await fileSha256(path, cache);
	return {
		weightsSha256: sha256,
		loadWeights: () => fromFile(graph, path, sha256),
	};
}

async function fromFile(
	graph: Graph,
	path: string,
	expected: string,
): Promise<Weights> {
	const { tensors, sha256 } = await readSafetensors(path);
	if (sha256 !== expected)
		throw new RunError(
			"weights-changed",
			`${path} has the sha256 ${sha256.slice(0, 16)}…, ${expected.slice(0, 16)}… was expected`,
			{
				fix: "the file was changed or damaged: fetch it again, then run again",
			},
		);
	return matchWeights(graph, tensors, path);
}

/** Parameters by the family's rule; the same seed gives the same network. */
function randomWeights(graph: Graph, entry: ZooEntry, seed: number): Weights {
	const names = graph.initializers
		.filter(({ values }) => !values)
		.map(({ name }) => name);
	return initialWeights(graph, names, seed, entry.init) as Map<string, Tensor>;
}

/** How to turn torchvision's weights into a file that Graft reads. */
function recipe(name: string): string {
	if (zooEntry(name)?.weights.kind === "embedded")
		return `save the network's state_dict as .safetensors; the pretrained weights of ${name} come with Graft: weights: default`;
	return [
		"with Python's torchvision and safetensors, on a machine that reaches the internet:",
		"    import torchvision, safetensors.torch",
		`    safetensors.torch.save_file(torchvision.models.${name}(weights="DEFAULT").state_dict(), "${name}.safetensors")`,
		`then set model.weights to the path of ${name}.safetensors; "none" starts from random weights`,
	].join("\n");
}

function noDownload(name: string, url: string): RunError {
	return new RunError(
		"weights-missing",
		`the pretrained weights of ${name} (${url}) do not come with Graft and are not downloaded`,
		{ fix: recipe(name) },
	);
}

function otherFormat(path: string, name: string): RunError {
	return new RunError(
		"weights-unreadable",
		`${path} is no .safetensors file, the only format of weights that Graft reads by itself`,
		{
			fix: `convert it, ${recipe(name)}; a network in an .onnx file is named as backbone: { onnx: ${path.endsWith(".onnx") ? path : "file.onnx"} }`,
		},
	);
}

function missingFile(path: string, name: string): RunError {
	return new RunError("weights-missing", `there is no weights file ${path}`, {
		fix: `check model.weights; to make the file, ${recipe(name)}`,
	});
}
