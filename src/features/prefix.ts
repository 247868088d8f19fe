import type { Transform } from "../experiment/types.ts";
import { sizeOf } from "../model/dtypes.ts";
import { subgraph } from "../model/edit.ts";
import type { Graph, Tensor, Weights } from "../model/types.ts";

/** How photos become rows, as plain data that a worker thread can be given. */
export interface Prefix {
	readonly transforms: readonly Transform[];
	readonly exif: "apply" | "ignore";
	/** Of random transforms. */
	readonly seed: number;
	/** [channels, height, width] after the transforms. */
	readonly inputShape: readonly number[];
	/** Of one row. */
	readonly featureShape: readonly number[];
	/** Undefined where the rows are the transformed photos themselves. */
	readonly network: NetworkSize | undefined;
}

/** What is known of the network before its weights are read. */
export interface NetworkSize {
	readonly graph: Graph;
	/** The tensor that is a row. */
	readonly output: string;
	/** Photos that are computed at once; a batch is always full, so that no row depends on its company. */
	readonly batchSize: number;
	/** onnxruntime threads of one worker. */
	readonly threads: number;
	/** Workers that may hold the network at once. */
	readonly workers: number;
}

/** Copies of the weights that all workers together may hold, in bytes. */
const WEIGHTS_BUDGET = 512 * 2 ** 20;

/** Matrix products over this many weights a photo wait for memory: they are worth a batch. */
const LARGE_MATRIX = 8 * 2 ** 20;

/**
 * How the network from its input to `cutTensor` is run on `cores` cores. Each worker holds a network of
 * its own and computes on one thread, which keeps all cores busy without waiting; only where that would
 * take too much memory do a few workers with several threads each do it. Depends on the network and the machine
 * alone, never on the number of photos, for the last bits may depend on it.
 * @returns undefined where the cut is the network's input.
 */
export function networkSize(
	graph: Graph,
	cutTensor: string,
	cores: number,
): NetworkSize | undefined {
	const [input] = graph.inputs;
	if (input === undefined || input.name === cutTensor) return undefined;
	const part = subgraph(
		graph,
		graph.inputs.map(({ name }) => name),
		[cutTensor],
	);
	if (!part.ok) throw new Error(`internal: ${part.diagnostics[0]?.message}`);
	const elements = new Map(
		part.value.initializers.map(({ name, shape }) => [name, sizeOf(shape)]),
	);
	const total = [...elements.values()].reduce((sum, size) => sum + size, 0);
	const matrices = part.value.nodes
		.filter(({ op }) => op === "Gemm" || op === "MatMul")
		.flatMap(({ inputs }) => inputs.map((name) => elements.get(name) ?? 0));
	const fixed = input.shape?.[0];
	const batchSize =
		typeof fixed === "number"
			? fixed
			: matrices.some((size) => size > LARGE_MATRIX)
				? 4
				: 1;
	const affordable = Math.floor(WEIGHTS_BUDGET / Math.max(1, 4 * total));
	const workers = Math.min(cores, Math.max(1, affordable));
	return {
		graph: part.value,
		output: cutTensor,
		batchSize,
		threads: Math.max(1, Math.floor(cores / workers)),
		workers,
	};
}

/** The weights that `graph` needs, in memory that all threads share. */
export function shareWeights(graph: Graph, weights: Weights): Weights {
	const shared = new Map<string, Tensor>();
	for (const { name } of graph.initializers) {
		const tensor = weights.get(name);
		if (tensor === undefined) continue;
		const { data } = tensor;
		const memory = new SharedArrayBuffer(data.byteLength);
		new Uint8Array(memory).set(
			new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
		);
		const Kind = data.constructor as new (
			memory: SharedArrayBuffer,
		) => Tensor["data"];
		shared.set(name, { ...tensor, data: new Kind(memory) });
	}
	return shared;
}
