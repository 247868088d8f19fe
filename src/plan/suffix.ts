import { subgraph } from "../model/edit.ts";
import type { Graph } from "../model/types.ts";
import type { Pipeline, Plan } from "./types.ts";

/** The network up to the cut: what onnxruntime runs. */
export function prefixOf(graph: Graph, cutTensor: string): Graph {
	return part(
		graph,
		graph.inputs.map(({ name }) => name),
		cutTensor,
	);
}

/** The network after the cut: what tfjs runs. Its one input is the features. */
export function suffixOf(plan: Plan, { cutTensor }: Pipeline): Graph {
	return part(plan.graph, [cutTensor], plan.output);
}

function part(graph: Graph, from: readonly string[], to: string): Graph {
	const found = subgraph(graph, from, [to]);
	if (!found.ok) throw new Error(`internal: ${found.diagnostics[0]?.message}`);
	return found.value;
}
