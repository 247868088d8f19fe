import { freeName } from "./edit.ts";
import { initializersByName, producers } from "./graph.ts";
import type { Graph, GraphNode, Initializer } from "./types.ts";

/** Brings what transformers make, tokens and maps with their channels last, into the form that heads pool. */

/** A tensor as a head takes it. */
export interface Mapped {
	readonly graph: Graph;
	readonly tensor: string;
	/** Without the batch dimension: [d] or [c, h, w]. */
	readonly shape: readonly number[];
}

/**
 * Tokens [n, s, d] become a map [n, d, s, 1], a map [n, h, w, c] becomes [n, c, h, w], by nodes of a layer
 * `channels_first`; all else stays. Which axis of a map the channels are is told by its neighbours: LayerNorm and
 * Linear work on the last.
 * @param shape of the tensor without the batch dimension.
 */
export function asMap(
	graph: Graph,
	tensor: string,
	shape: readonly number[],
): Mapped {
	const [a = 0, b = 0, c = 0] = shape;
	const layer = freeName(graph, "channels_first");
	const node = (
		name: string,
		op: string,
		inputs: readonly string[],
		attributes: GraphNode["attributes"],
	): GraphNode => ({
		...{ name, op, domain: "", inputs, outputs: [name], attributes, layer },
	});
	const withNodes = (
		nodes: readonly GraphNode[],
		mapped: readonly number[],
		initializers: readonly Initializer[] = [],
	): Mapped => ({
		graph: {
			...graph,
			nodes: [...graph.nodes, ...nodes],
			initializers: [...graph.initializers, ...initializers],
		},
		tensor: layer,
		shape: mapped,
	});
	if (shape.length === 2) {
		const sizes: Initializer = {
			name: `${layer}.shape`,
			shape: [4],
			dtype: "int64",
			values: [0, b, a, 1],
		};
		const turned = `${layer}.transpose`;
		return withNodes(
			[
				node(turned, "Transpose", [tensor], { perm: [0, 2, 1] }),
				node(layer, "Reshape", [turned, sizes.name], {}),
			],
			[b, a, 1],
			[sizes],
		);
	}
	if (shape.length === 3 && hasChannelsLast(graph, tensor))
		return withNodes(
			[node(layer, "Transpose", [tensor], { perm: [0, 3, 1, 2] })],
			[c, a, b],
		);
	return { graph, tensor, shape };
}

const ELEMENTWISE = ["Add", "Mul", "Div", "Sub", "Erf", "Identity", "Gelu"];

function hasChannelsLast(graph: Graph, tensor: string): boolean {
	const producer = producers(graph);
	const initializers = initializersByName(graph);
	const normed = graph.nodes.some(
		(node) => isLayerNorm(node) && node.inputs[0] === tensor,
	);
	/** A Linear's weight, be it turned: a matrix that is no constant of the structure. */
	const isMatrix = (name = ""): boolean => {
		const initializer = initializers.get(name);
		if (initializer)
			return initializer.shape.length === 2 && !initializer.values;
		const node = producer.get(name);
		return node?.op === "Transpose" && isMatrix(node.inputs[0]);
	};
	const seen = new Set<string>();
	const comesSo = (name: string): boolean => {
		const node = producer.get(name);
		if (node === undefined || seen.has(name)) return false;
		seen.add(name);
		if (isLayerNorm(node)) return true;
		if (node.op === "MatMul") return isMatrix(node.inputs[1]);
		return ELEMENTWISE.includes(node.op) && node.inputs.some(comesSo);
	};
	return normed || comesSo(tensor);
}

/** Over the last of four axes. */
function isLayerNorm({ op, attributes }: GraphNode): boolean {
	const { axis = -1 } = attributes;
	return op === "LayerNormalization" && (axis === -1 || axis === 3);
}
