import { existsSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../diagnostic.ts";
import { packageRoot } from "../paths.ts";
import { initialWeights } from "./init.ts";
import type { Backbone, Graph, Preprocess, Tensor, Weights } from "./types.ts";
import { currentName } from "./weights/legacy-names.ts";
import { matchWeights, mismatch } from "./weights/match.ts";
import {
	openWeights,
	type WeightsFile,
	weightsSha256,
} from "./weights/open-weights.ts";
import {
	isRemote,
	parseSource,
	type RemoteSource,
} from "./weights/remote/source.ts";
import { readSafetensors } from "./weights/safetensors.ts";
import { type ZooEntry, zooEntry } from "./zoo/zoo.ts";

/** Where the weights of a zoo network come from: random numbers, Graft's own files, a path, an address, the hub. */

/** A network whose weights are wanted. */
export interface Wanted {
	readonly name: string;
	readonly entry: ZooEntry;
	readonly graph: Graph;
	readonly seed: number;
	readonly cache: string;
	/** Path of weights.lock.json. */
	readonly lockFile: string | undefined;
}

type Source = Pick<
	Backbone,
	"weightsSha256" | "loadWeights" | "weightsNotes" | "fetchWeights"
> &
	/** Of Keras's weights: the network as Keras computes it. */
	Partial<Pick<Backbone, "graph" | "preprocess">>;

/** @param weights as `model.weights` says. Nothing is fetched here, and what cannot be used is found out by loading it. */
export async function weightsSource(
	wanted: Wanted,
	weights: string,
): Promise<Source> {
	const { entry, graph, seed } = wanted;
	if (weights === "none")
		return {
			weightsSha256: `none:${seed}`,
			loadWeights: async () => randomWeights(graph, entry, seed),
		};
	try {
		if (isRemote(weights))
			return await remoteSource(wanted, parseSource(weights));
		if (weights !== "default") return await localSource(wanted, weights);
		if (entry.weights.kind === "torchvision")
			return await remoteSource(wanted, published(entry.weights));
	} catch (error) {
		return broken(error);
	}
	const { file, sha256 } = entry.weights;
	const path = join(packageRoot(), "src/model/zoo", file);
	return {
		weightsSha256: sha256,
		loadWeights: async () => {
			const read = await readSafetensors(path);
			if (read.sha256 !== sha256) throw changed(path, read.sha256, sha256);
			return matchWeights(graph, read.tensors, path);
		},
	};
}

function broken(error: unknown): Source {
	return {
		weightsSha256: undefined,
		loadWeights: () => Promise.reject(error),
	};
}

/** torchvision's file names end in `-` and the first hex digits of their sha256. */
function published(
	weights: Extract<ZooEntry["weights"], { readonly kind: "torchvision" }>,
): RemoteSource {
	const [, digits] = /-([0-9a-f]{8,64})\.[a-z]+$/.exec(weights.url) ?? [];
	const { sha256Prefix = digits } = weights;
	return { kind: "url", url: new URL(weights.url), sha256Prefix };
}

async function remoteSource(
	wanted: Wanted,
	source: RemoteSource,
): Promise<Source> {
	// Whoever has a file needs none of the network's modules.
	const { fetchWeights, locateWeights } = await import("./weights/remote.ts");
	const { path, isPinned } = await locateWeights(source, wanted);
	const fetch: Pick<Source, "fetchWeights"> =
		path !== undefined && isPinned
			? {}
			: { fetchWeights: (talk) => fetchWeights(source, wanted, talk) };
	if (path !== undefined)
		return { ...(await localSource(wanted, path)), ...fetch };
	const { unfetchedWeights } = await import("./weights/missing.ts");
	return { ...broken(unfetchedWeights(source, wanted)), ...fetch };
}

/** A file that cannot serve is found out by its header; the error comes when the weights are loaded. */
async function localSource(wanted: Wanted, path: string): Promise<Source> {
	const { name, cache } = wanted;
	if (!existsSync(path)) return broken(missingFile(path, name));
	const { file, graph, ...own } = await opened(wanted, path);
	const problem = mismatch(graph, file.tensors, path);
	if (problem) return broken(problem);
	const sha256 = await weightsSha256(file, cache);
	return {
		...("preprocess" in own && { graph, ...own }),
		weightsSha256: sha256,
		...(file.notes.length > 0 && {
			weightsNotes: file.notes.map((note) => `${path}: ${note}`),
		}),
		loadWeights: async () => {
			const { file: again } = await opened(wanted, path);
			const now = await weightsSha256(again, cache);
			if (now !== sha256) throw changed(path, now, sha256);
			const own = new Set(graph.initializers.map(({ name }) => name));
			// By their names in the file, which may be older than the network's.
			const names = file.tensors
				.map(({ name }) => name)
				.filter((name) => own.has(currentName(name)));
			return matchWeights(graph, await again.read(new Set(names)), path);
		},
	};
}

/** A weights file; one of Keras brings its own arithmetic and preprocessing for the same layers. */
async function opened(
	{ name, entry, graph }: Wanted,
	path: string,
): Promise<{
	readonly file: WeightsFile;
	readonly graph: Graph;
	readonly preprocess?: Preprocess;
}> {
	const file = await openWeights(path);
	const { keras } = file;
	if (keras === undefined) return { file, graph };
	const { adaptKeras } = await import("./weights/keras/adapt.ts");
	const { preprocess } = entry;
	return adaptKeras({ name, graph, preprocess }, { ...file, keras }, path);
}

function changed(path: string, got: string, expected: string): RunError {
	return new RunError(
		"weights-changed",
		`${path} has the sha256 ${got.slice(0, 16)}…, ${expected.slice(0, 16)}… was expected`,
		{ fix: "the file was changed or damaged: fetch it again, then run again" },
	);
}

/** Parameters by the family's rule; the same seed gives the same network. */
function randomWeights(graph: Graph, entry: ZooEntry, seed: number): Weights {
	const names = graph.initializers
		.filter(({ values }) => !values)
		.map(({ name }) => name);
	return initialWeights(graph, names, seed, entry.init) as Map<string, Tensor>;
}

function missingFile(path: string, name: string): RunError {
	return new RunError("weights-missing", `there is no weights file ${path}`, {
		fix: `check model.weights; ${
			zooEntry(name)?.weights.kind === "embedded"
				? `the pretrained weights of ${name} come with Graft: weights: default`
				: `with weights: default, graft run fetches torchvision's own; in Python: torch.save(torchvision.models.${name}(weights="DEFAULT").state_dict(), "${name}.pth")`
		}`,
	});
}
