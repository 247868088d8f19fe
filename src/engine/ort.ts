import { RunError } from "../diagnostic.ts";
import { sizeOf } from "../model/dtypes.ts";
import { subgraph } from "../model/edit.ts";
import { writeOnnx } from "../model/onnx/write.ts";
import type { Graph, Weights } from "../model/types.ts";
import { castEnds } from "./cast-ends.ts";
import { linkCuda } from "./device/ort-cuda.ts";

/**
 * A Graph run by onnxruntime, on the CPU unless another provider is asked for. onnxruntime itself is loaded with the first session.
 *
 * onnxruntime-node computes on the thread that calls it: while `run` works, that thread's event loop stands
 * still, and two runs on one thread never overlap. Give batches of a fraction of a second, or a thread.
 */

/** Values of one tensor: row-major float32. */
export interface FloatTensor {
	readonly data: Float32Array;
	readonly dims: readonly number[];
}

/** By tensor name. */
export type Outputs = ReadonlyMap<string, FloatTensor>;

/** A network that onnxruntime holds; whoever opens it closes it. */
export interface OrtSession {
	/** Computes the outputs for a batch: `input` is float32 with `dims` [n, …]. */
	readonly run: (
		input: Float32Array,
		dims: readonly number[],
	) => Promise<Outputs>;
	readonly close: () => Promise<void>;
}

/** What is computed, and on how many threads. */
export interface SessionOptions {
	/** Any tensors of the graph, inner ones included. Nothing that they do not need is computed. */
	readonly outputs: readonly string[];
	/** Threads that share one operator's work. */
	readonly intraOpThreads: number;
	/** Execution provider; undefined: cpu. What it cannot compute, the cpu does. */
	readonly provider?: string;
}

/**
 * Prepares `graph` (one input) to compute `outputs`.
 * @throws RunError "model-too-large" over 2 GiB, "model-unsupported" where onnxruntime refuses the network.
 */
export async function createSession(
	graph: Graph,
	weights: Weights,
	options: SessionOptions,
): Promise<OrtSession> {
	const { InferenceSession, Tensor } = await import("onnxruntime-node");
	const { provider = "cpu" } = options;
	if (provider === "cuda") linkCuda();
	const part = subgraph(
		graph,
		graph.inputs.map(({ name }) => name),
		options.outputs,
	);
	if (!part.ok) throw new Error(`internal: ${part.diagnostics[0]?.message}`);
	const ends = castEnds(part.value);
	const fixedBatch = graph.inputs[0]?.shape?.[0];
	const session = await InferenceSession.create(
		writeOnnx(ends.graph, weights),
		{
			executionProviders: [provider],
			graphOptimizationLevel: "all",
			intraOpNumThreads: options.intraOpThreads,
			interOpNumThreads: 1,
			executionMode: "sequential",
			logSeverityLevel: 3,
			extra: { session: { intra_op: { allow_spinning: "0" } } },
		},
	).catch((cause: unknown) => {
		throw unsupported(graph, cause);
	});

	async function runBatch(data: Float32Array, dims: readonly number[]) {
		const feeds = { [ends.input]: new Tensor("float32", data, dims) };
		const results = await session.run(feeds).catch((cause: unknown) => {
			throw unsupported(graph, cause);
		});
		return new Map(
			options.outputs.map((name, index) => {
				const tensor = results[ends.outputs[index] ?? ""];
				if (!tensor) throw new Error(`internal: onnxruntime left out ${name}`);
				return [name, { data: tensor.data as Float32Array, dims: tensor.dims }];
			}),
		);
	}

	return {
		run: (data, dims) =>
			typeof fixedBatch === "number" && fixedBatch !== dims[0]
				? runInParts(runBatch, data, dims, fixedBatch)
				: runBatch(data, dims),
		close: () => session.release(),
	};
}

function unsupported(graph: Graph, cause: unknown): RunError {
	return new RunError(
		"model-unsupported",
		`onnxruntime cannot run the network "${graph.name}": ${(cause as Error).message}`,
		{
			fix: "export the network again with a recent opset, or cut it before the operator named above (model.features)",
			cause,
		},
	);
}

/** For a network that only takes batches of one size: part by part, the last filled up with zeros. */
async function runInParts(
	runBatch: OrtSession["run"],
	data: Float32Array,
	[n = 0, ...rest]: readonly number[],
	batch: number,
): Promise<Outputs> {
	const row = sizeOf(rest);
	const gathered = new Map<string, FloatTensor>();
	for (let first = 0; first < n; first += batch) {
		const part = new Float32Array(batch * row);
		part.set(data.subarray(first * row, (first + batch) * row));
		for (const [name, { data, dims }] of await runBatch(part, [
			batch,
			...rest,
		])) {
			const size = data.length / batch;
			const whole = gathered.get(name) ?? {
				data: new Float32Array(n * size),
				dims: [n, ...dims.slice(1)],
			};
			const rows = Math.min(batch, n - first);
			whole.data.set(data.subarray(0, rows * size), first * size);
			gathered.set(name, whole);
		}
	}
	return gathered;
}
