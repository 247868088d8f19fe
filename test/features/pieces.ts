import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Sample } from "../../src/data/types.ts";
import type { Transform } from "../../src/experiment/types.ts";
import {
	type ExtractOptions,
	type ExtractorOptions,
	openExtractor,
} from "../../src/features/extract.ts";
import type { FeatureSet } from "../../src/features/feature-set.ts";
import { sha256 } from "../../src/fingerprint.ts";
import { openBackbone } from "../../src/model/backbone.ts";
import type { Graph, Weights } from "../../src/model/types.ts";
import { packageRoot } from "../../src/paths.ts";

/** The embedded photos. */
export const PHOTOS = join(packageRoot(), "experiments/data/tuxpaint-photos");

/** Samples of all files under `root`, sorted by path. */
export function samplesIn(root: string): readonly Sample[] {
	return readdirSync(root, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && !/LICENSE|README/.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name))
		.sort()
		.map((file) => ({
			path: file.slice(root.length + 1),
			sha256: sha256(readFileSync(file)),
			label: 0,
			split: "train",
		}));
}

/** Copies the first `n` embedded photos to `root`, named by `rename`. */
export function copyPhotos(
	root: string,
	n: number,
	rename: (index: number) => string = (index) => `${index}.jpg`,
): void {
	const some = samplesIn(PHOTOS).slice(0, n);
	some.forEach(({ path }, index) => {
		const target = join(root, rename(index));
		mkdirSync(dirname(target), { recursive: true });
		copyFileSync(join(PHOTOS, path), target);
	});
}

export const resize = (...size: readonly number[]): Transform => ({
	name: "Resize",
	params: { size, interpolation: "bilinear", max_size: null, antialias: true },
});

export const TO_TENSOR: Transform = { name: "ToTensor", params: {} };

/** EfficientNet-Lite0 up to its pooled features, photos squashed to `size` x `size`. */
export async function efficientNet(
	root: string,
	size = 224,
): Promise<ExtractorOptions> {
	const opened = await openBackbone(
		{
			backbone: "efficientnet_lite0",
			weights: "default",
			global_pool: "avg",
			freeze: "all",
		},
		0,
	);
	const { graph, features, loadWeights } = opened;
	return {
		root,
		exif: "apply",
		transforms: [resize(size, size), TO_TENSOR],
		inputShape: [3, size, size],
		graph,
		cutTensor: features,
		featureShape: [1280],
		loadWeights,
		seed: 0,
	};
}

/** Flatten and one matrix product: float32 [n, 3, side, side] → [n, out]. */
export function matrixNetwork(
	side: number,
	out: number,
): { graph: Graph; weights: Weights } {
	const wide = 3 * side * side;
	const data = new Float32Array(out * wide);
	for (let index = 0; index < data.length; index++)
		data[index] = ((index * 2654435761) % 1009) / 1009 - 0.5;
	const value = (name: string, shape: readonly (number | string)[]) =>
		({ name, dtype: "float32", shape }) as const;
	const node = { domain: "", layer: "fc" };
	const graph: Graph = {
		name: "matrix",
		opset: 17,
		inputs: [value("input", ["n", 3, side, side])],
		outputs: [value("out", ["n", out])],
		initializers: [{ name: "w", dtype: "float32", shape: [out, wide] }],
		nodes: [
			{
				...node,
				name: "flat",
				op: "Flatten",
				inputs: ["input"],
				outputs: ["flat"],
				attributes: { axis: 1 },
			},
			{
				...node,
				name: "fc",
				op: "Gemm",
				inputs: ["flat", "w"],
				outputs: ["out"],
				attributes: { transB: 1 },
			},
		],
	};
	const tensor = { dtype: "float32", shape: [out, wide], data } as const;
	return { graph, weights: new Map([["w", tensor]]) };
}

/** A cheap prefix: the photos themselves at `size` x `size`, no network. */
export function pixelsOnly(root: string, size = 16): ExtractorOptions {
	const { graph } = matrixNetwork(size, 2);
	return {
		root,
		exif: "apply",
		transforms: [resize(size, size), TO_TENSOR],
		inputShape: [3, size, size],
		graph,
		cutTensor: "input",
		featureShape: [3, size, size],
		loadWeights: () => Promise.reject(new Error("no weights are needed")),
		seed: 0,
	};
}

/** Opens an extractor for one pass. */
export async function extractFeatures(
	samples: readonly Sample[],
	options: ExtractorOptions & ExtractOptions,
): Promise<FeatureSet> {
	const extractor = openExtractor(options);
	try {
		return await extractor.extract(samples, options);
	} finally {
		await extractor.close();
	}
}
