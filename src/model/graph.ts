import { tensorOf } from "./dtypes.ts";
import type {
	Graph,
	GraphNode,
	Initializer,
	Tensor,
	Weights,
} from "./types.ts";

/** Small questions about a Graph that every room asks. All are pure; maps are built per call. */

/** Tensor → the node that computes it. Graph inputs and initializers have none. */
export function producers(graph: Graph): ReadonlyMap<string, GraphNode> {
	const map = new Map<string, GraphNode>();
	for (const node of graph.nodes)
		for (const output of node.outputs) if (output) map.set(output, node);
	return map;
}

/** Initializer name → its type and shape. */
export function initializersByName(
	graph: Graph,
): ReadonlyMap<string, Initializer> {
	return new Map(graph.initializers.map((item) => [item.name, item]));
}

/** All tensors that a node needs: its inputs, and what its subgraphs capture from outside. */
export function inputsOf(node: GraphNode): readonly string[] {
	const names = node.inputs.filter((name) => name !== "");
	for (const value of Object.values(node.attributes))
		if (isGraph(value)) names.push(...captures(value));
	return names;
}

/** Tensors that a subgraph reads but does not make. */
function captures(graph: Graph): readonly string[] {
	const own = new Set([
		...graph.inputs.map((input) => input.name),
		...graph.initializers.map((initializer) => initializer.name),
		...graph.nodes.flatMap((node) => node.outputs),
	]);
	const read = [
		...graph.nodes.flatMap(inputsOf),
		...graph.outputs.map((output) => output.name),
	];
	return read.filter((name) => !own.has(name));
}

function isGraph(value: unknown): value is Graph {
	return typeof value === "object" && value !== null && "nodes" in value;
}

/** Layer names in graph order, each once. */
export function layersOf(graph: Graph): readonly string[] {
	return [...new Set(graph.nodes.map((node) => node.layer))];
}

/**
 * Initializers that training could change, in graph order: floats that are neither constants of the
 * structure nor BatchNorm statistics (torch's parameters without its buffers).
 */
export function parametersOf(graph: Graph): readonly Initializer[] {
	const statistics = new Set(
		graph.nodes
			.filter((node) => node.op === "BatchNormalization")
			.flatMap((node) => node.inputs.slice(3, 5)),
	);
	return graph.initializers.filter(
		({ name, dtype, values }) =>
			values === undefined && /float/.test(dtype) && !statistics.has(name),
	);
}

/** Numbers of a constant of the structure; undefined for anything computed or learnt. */
export function constantValues(
	graph: Graph,
	tensor: string | undefined,
): readonly number[] | undefined {
	return graph.initializers.find(({ name }) => name === tensor)?.values;
}

/** The tensor of an initializer: from the weights, or made of its own values. */
export function tensorOfInitializer(
	{ name, dtype, shape, values }: Initializer,
	weights: Weights,
): Tensor {
	const tensor =
		weights.get(name) ?? (values && tensorOf(dtype, shape, values));
	if (!tensor) throw new Error(`internal: no weights for ${name}`);
	return tensor;
}
