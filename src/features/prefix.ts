import { availableParallelism, totalmem } from "node:os";
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
	/** Photos that are computed at once: 1, unless the network takes no other number. A batch is always full. */
	readonly batchSize: number;
	/** onnxruntime threads of one worker. */
	readonly threads: number;
	/** Workers that may hold the network at once. */
	readonly workers: number;
	/** onnxruntime's execution provider. */
	readonly provider: string;
}

/** The share of the machine's memory that the workers' copies of the weights may take. */
const MEMORY_SHARE = 1 / 8;

/** Photos that a GPU computes at once. */
const GPU_BATCH = 32;

/** onnxruntime holds the weights as they come and as its kernels like them. */
const COPIES_A_WORKER = 2;

/**
 * How the network from its input to `cutTensor` is run on a machine with so many cores and bytes of memory.
 * Each worker holds a network of its own and computes photo by photo on one thread, which keeps all cores busy
 * without waiting, and batches gain nothing (VGG16: 290 ms a photo alone, 280 in a batch of 4); only where
 * the copies would take too much memory do fewer workers with several threads each do it.
 * A GPU is given one network, and photos in batches, which are always full: a row does not depend on who is beside it.
 * @returns undefined where the cut is the network's input.
 */
export function networkSize(
	graph: Graph,
	cutTensor: string,
	machine: { readonly cores: number; readonly memoryBytes: number },
	provider = "cpu",
): NetworkSize | undefined {
	const [input] = graph.inputs;
	if (input === undefined || input.name === cutTensor) return undefined;
	const part = subgraph(
		graph,
		graph.inputs.map(({ name }) => name),
		[cutTensor],
	);
	if (!part.ok) throw new Error(`internal: ${part.diagnostics[0]?.message}`);
	const weightBytes = part.value.initializers.reduce(
		(sum, { shape }) => sum + 4 * sizeOf(shape),
		0,
	);
	const affordable = Math.floor(
		(machine.memoryBytes * MEMORY_SHARE) / (COPIES_A_WORKER * weightBytes + 1),
	);
	const onGpu = provider !== "cpu";
	const workers = onGpu ? 1 : Math.min(machine.cores, Math.max(1, affordable));
	const fixedBatch = input.shape?.[0];
	return {
		graph: part.value,
		output: cutTensor,
		batchSize:
			typeof fixedBatch === "number" ? fixedBatch : onGpu ? GPU_BATCH : 1,
		threads: Math.max(1, Math.floor(machine.cores / workers)),
		workers,
		provider,
	};
}

/** The cores and the memory that this process may use; GRAFT_CORES names fewer, as where several processes share them. */
export function thisMachine(): {
	readonly cores: number;
	readonly memoryBytes: number;
} {
	const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
	const share = Number(process.env.GRAFT_CORES) || Number.POSITIVE_INFINITY;
	return {
		cores: Math.max(1, Math.min(availableParallelism(), Math.floor(share))),
		memoryBytes: Math.min(limit, totalmem()),
	};
}

/** The weights that `graph` needs, in memory that all threads share; copied only where they are not yet. */
export function shareWeights(graph: Graph, weights: Weights): Weights {
	const shared = new Map<string, Tensor>();
	for (const { name } of graph.initializers) {
		const tensor = weights.get(name);
		if (tensor === undefined) continue;
		const { data } = tensor;
		if (data.buffer instanceof SharedArrayBuffer) {
			shared.set(name, tensor);
			continue;
		}
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
