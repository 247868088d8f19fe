import { basename } from "node:path";
import { RunError } from "../../diagnostic.ts";
import type { OnnxBackbone } from "../../experiment/types.ts";
import { fingerprint, sha256 } from "../../fingerprint.ts";
import { bytesOf } from "../dtypes.ts";
import { producers } from "../graph.ts";
import type { Backbone, Graph, ValueInfo, Weights } from "../types.ts";
import { takeBranches } from "./branches.ts";
import { foldShapes } from "./fold.ts";
import { freeBatch } from "./free-batch.ts";
import { type OnnxModel, readOnnx } from "./read.ts";

/** Any .onnx file as a backbone. */

/**
 * Reads the file and finds where its classifier begins.
 * @throws RunError "onnx-unreadable", "onnx-external-data", "onnx-unsupported".
 */
export async function openOnnxBackbone(
	options: OnnxBackbone,
	inputSize: readonly [number, number] | undefined,
): Promise<Backbone> {
	const model = await readOnnx(options.onnx);
	const input = photoInput(model.graph, options.onnx);
	const { size = fixedSize(input) } = options.preprocess;
	const pixels = inputSize ?? size;
	const { graph, weights } = pixels ? settled(model, input, pixels) : model;
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

/** What the size of the photos decides: branches, computed shapes, and whether a batch of one can be freed. */
function settled(
	model: OnnxModel,
	{ name, shape }: ValueInfo,
	pixels: readonly [number, number],
): OnnxModel {
	const [batch = "n", channels] = shape ?? [];
	const photo = [typeof channels === "number" ? channels : 3, ...pixels];
	const input = { name, shape: [batch, ...photo] };
	const graph = foldShapes(takeBranches(model.graph, input), input);
	return freeBatch({ ...model, graph }, { name, shape: [1, ...photo] });
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
