import type { Mapped } from "./as-map.ts";
import { freeName } from "./edit.ts";
import type { Graph, GraphNode, Initializer } from "./types.ts";

/**
 * The first of the tokens [n, s, d], which a Vision Transformer with a class token learnt to say all with, as a vector
 * [n, d], by a node of a layer `class_token`. A vector stays.
 * @param shape of the tensor without the batch dimension.
 * @returns undefined for a map, which has no tokens.
 */
export function classToken(
	graph: Graph,
	tensor: string,
	shape: readonly number[],
): Mapped | undefined {
	if (shape.length === 1) return { graph, tensor, shape };
	const [, width] = shape;
	if (shape.length !== 2 || width === undefined) return undefined;
	const layer = freeName(graph, "class_token");
	const first: Initializer = {
		name: `${layer}.index`,
		shape: [],
		dtype: "int64",
		values: [0],
	};
	const node: GraphNode = {
		name: layer,
		op: "Gather",
		domain: "",
		inputs: [tensor, first.name],
		outputs: [layer],
		attributes: { axis: 1 },
		layer,
	};
	return {
		graph: {
			...graph,
			nodes: [...graph.nodes, node],
			initializers: [...graph.initializers, first],
		},
		tensor: layer,
		shape: [width],
	};
}
