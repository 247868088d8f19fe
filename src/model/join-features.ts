import { freeName } from "./edit.ts";
import type { Graph, GraphNode } from "./types.ts";

/** Several places of a network as one tensor [n, d], for a head to attach to. */
export interface Joined {
	readonly graph: Graph;
	readonly tensor: string;
	/** Without the batch dimension: [d]. */
	readonly shape: readonly number[];
}

/**
 * Appends layer `joined`: each tensor pooled and flattened (`joined.0.pool`, `joined.0.flatten`, …), then side by side in
 * the order given.
 * @param shapes of the tensors without the batch dimension, [c, h, w] or [d].
 */
export function joinFeatures(
	graph: Graph,
	tensors: readonly string[],
	shapes: readonly (readonly number[])[],
	globalPool: "avg" | "max" | "flatten",
): Joined {
	const joined = freeName(graph, "joined");
	const nodes: GraphNode[] = [];
	const add = (
		op: string,
		layer: string,
		inputs: readonly string[],
		attributes = {},
	) => {
		const base = { name: layer, op, domain: "", layer };
		nodes.push({ ...base, inputs, outputs: [layer], attributes });
		return layer;
	};
	let width = 0;
	const parts = tensors.map((tensor, index) => {
		const [c = 0, ...rest] = shapes[index];
		const area = rest.reduce((product, size) => product * size, 1);
		width += globalPool === "flatten" ? c * area : c;
		if (rest.length === 0) return tensor;
		const own = `${joined}.${index}`;
		const op = globalPool === "avg" ? "GlobalAveragePool" : "GlobalMaxPool";
		const pooled =
			globalPool === "flatten" ? tensor : add(op, `${own}.pool`, [tensor]);
		return add("Flatten", `${own}.flatten`, [pooled], { axis: 1 });
	});
	add("Concat", joined, parts, { axis: 1 });
	return {
		graph: { ...graph, nodes: [...graph.nodes, ...nodes] },
		tensor: joined,
		shape: [width],
	};
}
