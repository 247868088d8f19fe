import { RunError } from "../diagnostic.ts";
import { subgraph } from "../model/edit.ts";
import { writeOnnx } from "../model/onnx/write.ts";
import type { Graph, Weights } from "../model/types.ts";

/** A Graph run by onnxruntime on the CPU. onnxruntime itself is loaded with the first session. */

/** Values of one tensor: row-major float32. */
export interface FloatTensor {
	readonly data: Float32Array;
	readonly dims: readonly number[];
}

export interface OrtSession {
	/** Computes the outputs for a batch: `input` is float32 with `dims` [n, …], n free. */
	readonly run: (
		input: Float32Array,
		dims: readonly number[],
	) => Promise<ReadonlyMap<string, FloatTensor>>;
	readonly close: () => Promise<void>;
}

export interface SessionOptions {
	/** Any tensors of the graph, inner ones included. Nothing that they do not need is computed. */
	readonly outputs: readonly string[];
	/** Threads that share one operator's work. */
	readonly intraOpThreads: number;
}

/** onnxruntime's execution provider. */
export const provider = "cpu";

/** The version of onnxruntime; part of every cache key, for other versions compute other last bits. */
export async function ortVersion(): Promise<string> {
	const { env } = await import("onnxruntime-node");
	return env.versions.common ?? "unknown";
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
	const inputName = graph.inputs[0]?.name;
	if (inputName === undefined || graph.inputs.length !== 1)
		throw new Error("internal: a session needs a graph with one input");
	const part = subgraph(graph, [inputName], options.outputs);
	if (!part.ok) throw new Error(`internal: ${part.diagnostics[0]?.message}`);
	const session = await InferenceSession.create(
		writeOnnx(part.value, weights),
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
		throw new RunError(
			"model-unsupported",
			`onnxruntime cannot run the network "${graph.name}": ${(cause as Error).message}`,
			{
				fix: "export the network again with a recent opset, or cut it before the operator named above (model.features)",
				cause,
			},
		);
	});

	async function run(data: Float32Array, dims: readonly number[]) {
		const results = await session.run({
			[inputName]: new Tensor("float32", data, dims),
		});
		return new Map(
			options.outputs.map((name) => {
				const tensor = results[name];
				if (!tensor) throw new Error(`internal: onnxruntime left out ${name}`);
				return [name, { data: tensor.data as Float32Array, dims: tensor.dims }];
			}),
		);
	}

	return { run, close: () => session.release() };
}
