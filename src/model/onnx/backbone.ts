import { basename } from "node:path";
import { RunError } from "../../diagnostic.ts";
import type { OnnxBackbone } from "../../experiment/types.ts";
import { fingerprint, sha256 } from "../../fingerprint.ts";
import { bytesOf } from "../dtypes.ts";
import { producers } from "../graph.ts";
import { inferShapes } from "../shapes.ts";
import type { Backbone, Dim, Graph, ValueInfo, Weights } from "../types.ts";
import { readOnnx } from "./read.ts";

/** Any .onnx file as a backbone. */

/**
 * Reads the file and finds where its classifier begins.
 * @throws RunError "onnx-unreadable", "onnx-external-data", "onnx-unsupported".
 */
export async function openOnnxBackbone(
	options: OnnxBackbone,
	inputSize: readonly [number, number] | undefined,
): Promise<Backbone> {
	const { graph: read, weights } = await readOnnx(options.onnx);
	const input = photoInput(read, options.onnx);
	const { size = fixedSize(input) } = options.preprocess;
	const graph = freeBatch(read, input, inputSize ?? size);
	const last = graph.outputs[0]?.shape;
	const classes = last?.length === 2 ? last[1] : undefined;
	return {
		name: basename(options.onnx),
		graph,
		preprocess: { ...options.preprocess, size },
		features: classifierInput(graph),
		numClasses: typeof classes === "number" ? classes : undefined,
		weightsSha256: weightsHash(graph, weights),
		license: undefined,
		loadWeights: async () => weights,
	};
}

/** The one input, [n, channels, height, width]. */
function photoInput(graph: Graph, path: string): ValueInfo {
	const [input, second] = graph.inputs;
	const shape = input?.shape;
	if (!input || second || (shape && shape.length !== 4))
		throw new RunError(
			"onnx-unsupported",
			`${path} takes ${graph.inputs.map(describe).join(" and ") || "no input"}, one input [n, channels, height, width] was expected`,
			{ fix: "export the image encoder alone" },
		);
	return input;
}

function describe({ name, shape }: ValueInfo): string {
	return `"${name}" [${shape?.join(", ") ?? "?"}]`;
}

function fixedSize(input: ValueInfo): readonly [number, number] | undefined {
	const [height, width] = input.shape?.slice(2) ?? [];
	return typeof height === "number" && typeof width === "number"
		? [height, width]
		: undefined;
}

/**
 * Networks are often exported for one photo. Where the shapes show that nothing inside depends on that,
 * the batch is made free.
 */
function freeBatch(
	graph: Graph,
	input: ValueInfo,
	size: readonly [number, number] | undefined,
): Graph {
	const [batch, channels] = input.shape ?? [];
	if (typeof batch !== "number" || !size) return graph;
	const output = graph.outputs[0];
	const one = { ...graph, valueInfo: [] };
	const grown = (n: number) =>
		inferShapes(
			one,
			new Map([[input.name, [n, Number(channels) || 3, ...size]]]),
		).get(output?.name ?? "");
	const before = grown(batch);
	const after = grown(3 * batch);
	if (!before || !after || after[0] !== 3 * (before[0] ?? 0)) return graph;
	const free = (shape: readonly Dim[] | undefined) =>
		shape && ["n", ...shape.slice(1)];
	return {
		...one,
		inputs: [{ ...input, shape: free(input.shape) }],
		outputs: graph.outputs.map((info, index) => ({
			...info,
			shape: index === 0 ? free(info.shape) : undefined,
		})),
	};
}

/** Operators between the classifier's scores and the output that do not change which class wins. */
const AFTER_CLASSIFIER = new Set([
	"Softmax",
	"LogSoftmax",
	"Identity",
	"Cast",
	"Sigmoid",
]);

/**
 * The tensor that enters the last Gemm, or MatMul with or without Add, before the first output; the output
 * itself where the network does not end in one (it has no classifier).
 */
function classifierInput(graph: Graph): string {
	const producer = producers(graph);
	const constants = new Set(graph.initializers.map(({ name }) => name));
	const output = graph.outputs[0]?.name ?? "";
	let node = producer.get(output);
	while (node && AFTER_CLASSIFIER.has(node.op))
		node = producer.get(node.inputs[0] ?? "");
	if (node?.op === "Add") {
		const computed = node.inputs.filter((name) => !constants.has(name));
		node = computed.length === 1 ? producer.get(computed[0] ?? "") : undefined;
	}
	const [features, weight] = node?.inputs ?? [];
	const isClassifier =
		(node?.op === "Gemm" || node?.op === "MatMul") &&
		constants.has(weight ?? "");
	return isClassifier && features !== undefined ? features : output;
}

/** Independent of how the file stores the tensors: the same weights in another layout have the same hash. */
function weightsHash(graph: Graph, weights: Weights): string {
	return fingerprint(
		graph.initializers.map(({ name, dtype, shape }) => [
			name,
			dtype,
			shape,
			sha256(bytesOf(weights.get(name)?.data ?? new Uint8Array())),
		]),
	);
}
