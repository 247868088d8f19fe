import { constantValues } from "../../model/graph.ts";
import type { Graph, GraphNode } from "../../model/types.ts";

/** What the training graph can hold. Pure: a plan asks before anything is loaded. */

/** ONNX operators with a differentiable tfjs function. */
export const SUPPORTED_OPS = [
	"Abs",
	"Add",
	"And",
	"AveragePool",
	"BatchNormalization",
	"Cast",
	"Ceil",
	"Celu",
	"Clip",
	"Concat",
	"ConstantOfShape",
	"Conv",
	"ConvTranspose",
	"Cos",
	"CumSum",
	"DepthToSpace",
	"Div",
	"Dropout",
	"Einsum",
	"Elu",
	"Equal",
	"Erf",
	"Exp",
	"Expand",
	"Flatten",
	"Floor",
	"Gather",
	"Gelu",
	"Gemm",
	"GlobalAveragePool",
	"GlobalMaxPool",
	"Greater",
	"GreaterOrEqual",
	"GroupNormalization",
	"HardSigmoid",
	"HardSwish",
	"Identity",
	"InstanceNormalization",
	"IsInf",
	"IsNaN",
	"LRN",
	"LayerNormalization",
	"LeakyRelu",
	"Less",
	"LessOrEqual",
	"Log",
	"LogSoftmax",
	"LpNormalization",
	"MatMul",
	"Max",
	"MaxPool",
	"Mean",
	"Min",
	"Mish",
	"Mod",
	"Mul",
	"Neg",
	"Not",
	"Or",
	"PRelu",
	"Pad",
	"Pow",
	"Range",
	"Reciprocal",
	"ReduceL1",
	"ReduceL2",
	"ReduceLogSum",
	"ReduceLogSumExp",
	"ReduceMax",
	"ReduceMean",
	"ReduceMin",
	"ReduceSum",
	"ReduceSumSquare",
	"Relu",
	"Reshape",
	"Resize",
	"Round",
	"ScatterND",
	"Selu",
	"Shape",
	"Sigmoid",
	"Sign",
	"Sin",
	"Size",
	"Slice",
	"Softmax",
	"Softplus",
	"Softsign",
	"SpaceToDepth",
	"Split",
	"Sqrt",
	"Squeeze",
	"Sub",
	"Sum",
	"Swish",
	"Tanh",
	"Tile",
	"Transpose",
	"Trilu",
	"Unsqueeze",
	"Upsample",
	"Where",
	"Xor",
] as const;

/** The name of an operator that can be trained through. */
export type SupportedOp = (typeof SUPPORTED_OPS)[number];

/** Inputs that must be constants of the structure, where they are given. */
const CONSTANT_INPUTS: Readonly<Record<string, readonly number[]>> = {
	Clip: [1, 2],
	Dropout: [1],
	Pad: [2],
	Resize: [2],
	Trilu: [1],
	Upsample: [1],
};

/** Operators whose outputs 1 … may be read. */
const MANY_OUTPUTS: readonly string[] = ["Split"];

/** Operators that move a window over maps. */
const WINDOWS: readonly string[] = [
	"AveragePool",
	"Conv",
	"ConvTranspose",
	"MaxPool",
];

/** A node that stands in the way. */
export interface UnsupportedOp {
	readonly node: string;
	readonly layer: string;
	/** With its domain where that is not ONNX's own. */
	readonly op: string;
	/** Why, as the end of a sentence about the node. */
	readonly reason: string;
}

/** Nodes of a suffix that cannot be trained through, in graph order; none when it can be compiled. */
export function unsupportedOps(graph: Graph): readonly UnsupportedOp[] {
	const found: UnsupportedOp[] = [];
	const read = new Set([
		...graph.nodes.flatMap(({ inputs }) => inputs),
		...graph.outputs.map(({ name }) => name),
	]);
	for (const node of graph.nodes) {
		const reason = reasonAgainst(graph, node, read);
		if (reason)
			found.push({
				node: node.name,
				layer: node.layer,
				op: node.domain ? `${node.domain}.${node.op}` : node.op,
				reason,
			});
	}
	return found;
}

function reasonAgainst(
	graph: Graph,
	node: GraphNode,
	read: ReadonlySet<string>,
): string | undefined {
	const names: readonly string[] = SUPPORTED_OPS;
	if (node.domain !== "" || !names.includes(node.op))
		return "has no tfjs function with a gradient yet";
	if (
		!MANY_OUTPUTS.includes(node.op) &&
		node.outputs.slice(1).some((output) => read.has(output))
	)
		return "is asked for more than its first output";
	for (const index of CONSTANT_INPUTS[node.op] ?? []) {
		const name = node.inputs[index];
		if (name && constantValues(graph, name) === undefined)
			return `takes input ${index} ("${name}") from a computation; only a constant is supported`;
	}
	const kernel = node.attributes.kernel_shape;
	const dimensions = Array.isArray(kernel) ? kernel.length : 2;
	const fewest = node.op === "Conv" ? 1 : 2;
	if (WINDOWS.includes(node.op) && (dimensions > 2 || dimensions < fewest))
		return `moves a window over ${dimensions} dimensions; ${fewest === 1 ? "one or two are" : "two are"} supported`;
	return undefined;
}
