import { inputsOf } from "./graph.ts";
import type { Graph } from "./types.ts";

/**
 * The tensors that every path from the graph's input to its first output crosses, in order; the first is the
 * input, the last the output. The network can be cut at each of them and nowhere else.
 *
 * One sweep over the sorted nodes, keeping the tensors that are computed from the input and still to be read:
 * where there is just one, everything later depends on the photo through it alone.
 */
export function cutPoints(graph: Graph): readonly string[] {
	const input = graph.inputs[0]?.name;
	const output = graph.outputs[0]?.name;
	if (input === undefined || output === undefined) return [];
	const needed = neededNodes(graph, output);
	const lastRead = new Map<string, number>([[output, Infinity]]);
	graph.nodes.forEach((node, index) => {
		if (needed.has(index))
			for (const name of inputsOf(node))
				if (name !== output) lastRead.set(name, index);
	});

	const cuts = [input];
	let live = new Set([input]);
	graph.nodes.forEach((node, index) => {
		if (!needed.has(index) || !inputsOf(node).some((name) => live.has(name)))
			return;
		for (const name of node.outputs) if (lastRead.has(name)) live.add(name);
		live = new Set(
			[...live].filter((name) => (lastRead.get(name) ?? -1) > index),
		);
		const [only] = live;
		if (live.size === 1 && only !== undefined && only !== cuts.at(-1))
			cuts.push(only);
	});
	return cuts;
}

/** Indices of the nodes that the output depends on. */
function neededNodes(graph: Graph, output: string): ReadonlySet<number> {
	const needed = new Set<number>();
	const wanted = new Set([output]);
	for (let index = graph.nodes.length - 1; index >= 0; index--) {
		const node = graph.nodes[index];
		if (!node?.outputs.some((name) => wanted.has(name))) continue;
		needed.add(index);
		for (const name of inputsOf(node)) wanted.add(name);
	}
	return needed;
}
