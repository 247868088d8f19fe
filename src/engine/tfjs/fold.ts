import type { Graph, GraphNode } from "../../model/types.ts";

/**
 * BatchNormalization with fixed statistics becomes part of the convolution before it: one filter and one bias, no pass
 * over the map.
 *
 *   Conv [x, W, b] → BatchNormalization [·, scale, B, mean, var]   ⇒   Conv [x, W, b, scale, B, mean, var]
 */

/** The attribute that holds the BatchNormalization's epsilon; a Conv that has it is a folded one. */
export const FOLDED = "graft.epsilon";

/**
 * @param isFixed whether nothing about an initializer changes in training.
 * @returns the graph with each BatchNormalization folded that may be: all of it is fixed, and nothing else reads what
 *   its convolution gives.
 */
export function foldBatchNorm(
	graph: Graph,
	isFixed: (initializer: string) => boolean,
): Graph {
	const known = new Set(graph.initializers.map(({ name }) => name));
	const readers = new Map<string, number>();
	for (const name of [
		...graph.nodes.flatMap(({ inputs }) => inputs),
		...graph.outputs.map(({ name }) => name),
	])
		readers.set(name, (readers.get(name) ?? 0) + 1);
	const makers = new Map(
		graph.nodes.map((node) => [node.outputs[0] ?? "", node] as const),
	);
	const folded = new Map<GraphNode, GraphNode | undefined>();
	for (const node of graph.nodes) {
		const [x = "", ...statistics] = node.inputs;
		const conv = makers.get(x);
		if (
			node.op !== "BatchNormalization" ||
			conv?.op !== "Conv" ||
			folded.has(conv) ||
			readers.get(x) !== 1 ||
			node.attributes.training_mode === 1 ||
			!statistics.every((name) => known.has(name) && isFixed(name)) ||
			!conv.inputs.slice(1).every((name) => name === "" || known.has(name))
		)
			continue;
		const [input = "", filter = "", bias = ""] = conv.inputs;
		const epsilon = node.attributes.epsilon ?? 1e-5;
		// In the place of the BatchNormalization, whose inputs are all there by then.
		folded.set(conv, undefined);
		folded.set(node, {
			...conv,
			inputs: [input, filter, bias, ...statistics],
			outputs: [node.outputs[0] ?? ""],
			attributes: { ...conv.attributes, [FOLDED]: epsilon },
		});
	}
	if (folded.size === 0) return graph;
	const nodes = graph.nodes.flatMap((node) => {
		if (!folded.has(node)) return [node];
		const made = folded.get(node);
		return made ? [made] : [];
	});
	return { ...graph, nodes };
}
