import type { Graph, ValueInfo } from "./types.ts";

/** What is known of a tensor's type and shape; float32 of any shape where the graph does not say. */
export function valueInfoOf(graph: Graph, name: string): ValueInfo {
	const stated = [
		...graph.inputs,
		...graph.outputs,
		...(graph.valueInfo ?? []),
	].find((info) => info.name === name);
	return stated ?? { name, dtype: "float32", shape: undefined };
}
