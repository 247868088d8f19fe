import type { Graph, GraphNode } from "../types.ts";

/** Where a network's numbers become bytes. */
export interface Points {
	/** Nodes whose weights become int8, by node → index of the weight among its inputs. */
	readonly heavy: ReadonlyMap<GraphNode, number>;
	/**
	 * Activations that become uint8, in graph order → the tensor whose scale they share (mostly themselves; behind
	 * MaxPool, Flatten and the like their input).
	 */
	readonly tensors: ReadonlyMap<string, string>;
}

/** Operators that onnxruntime computes on bytes between two that multiply. */
const CARRIERS = new Set([
	...["Add", "Mul", "Concat", "Relu", "Clip", "Sigmoid"],
	...["AveragePool", "GlobalAveragePool"],
]);

/** Those of them that move bytes and change none. */
const MOVERS = new Set([
	...["MaxPool", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze"],
]);

/**
 * Conv, Gemm and MatMul with constant float32 weights multiply bytes; what lies between two of them stays bytes where
 * onnxruntime has a kernel for it, so that nothing is converted back and forth; all else, the last pooling for one,
 * stays float32. Pure; needs no weights.
 * @param skip names of nodes that stay float32.
 */
export function quantizationPoints(
	graph: Graph,
	skip: ReadonlySet<string> = new Set(),
): Points {
	const constants = new Map(graph.initializers.map((one) => [one.name, one]));
	const readers = new Map<string, GraphNode[]>();
	for (const node of graph.nodes)
		for (const name of new Set(node.inputs))
			readers.set(name, [...(readers.get(name) ?? []), node]);
	const outputs = new Set(graph.outputs.map(({ name }) => name));
	const heavy = new Map<GraphNode, number>();
	for (const node of graph.nodes) {
		if (skip.has(node.name) || node.domain !== "") continue;
		if (!["Conv", "Gemm", "MatMul"].includes(node.op)) continue;
		if (constants.get(node.inputs[1] ?? "")?.dtype !== "float32") continue;
		if (constants.has(node.inputs[0] ?? "")) continue;
		const { transA, alpha = 1, beta = 1 } = node.attributes;
		if (node.op === "Gemm" && (transA || alpha !== 1 || beta !== 1)) continue;
		if (node.op === "MatMul" && rankOf(constants, node) !== 2) continue;
		heavy.set(node, 1);
	}
	const useful = usefulTensors(graph, heavy);

	/** Behind the activation that the same kernel computes. */
	const settled = (tensor: string): string => {
		const [next, ...more] = readers.get(tensor) ?? [];
		const alone = more.length === 0 && !outputs.has(tensor);
		return alone && (next?.op === "Relu" || next?.op === "Clip")
			? (next.outputs[0] as string)
			: tensor;
	};
	const tensors = new Map<string, string>();
	const add = (tensor: string, as = tensor) => {
		if (!tensors.has(tensor)) tensors.set(tensor, as);
	};
	for (const node of graph.nodes) {
		const [out = ""] = node.outputs;
		if (heavy.has(node)) {
			add(node.inputs[0] as string);
			// A Conv without bytes behind it would be computed in float32; Gemm and MatMul can end in float32.
			if (node.op === "Conv" || useful.has(settled(out))) add(settled(out));
			continue;
		}
		const active = node.inputs.filter((name) => name && !constants.has(name));
		const isBytes =
			active.length > 0 && active.every((name) => tensors.has(name));
		if (!isBytes || skip.has(node.name)) continue;
		if (MOVERS.has(node.op) && useful.has(out))
			add(out, tensors.get(active[0]));
		else if (CARRIERS.has(node.op) && useful.has(settled(out)))
			add(settled(out));
	}
	return { heavy, tensors };
}

function rankOf(
	constants: ReadonlyMap<string, { readonly shape: readonly number[] }>,
	node: GraphNode,
): number | undefined {
	return constants.get(node.inputs[1] ?? "")?.shape.length;
}

/** Tensors that reach an operator with int8 weights by way of operators on bytes alone. */
function usefulTensors(
	graph: Graph,
	heavy: ReadonlyMap<GraphNode, number>,
): ReadonlySet<string> {
	const useful = new Set<string>();
	for (const node of [...graph.nodes].reverse()) {
		const carries =
			(CARRIERS.has(node.op) || MOVERS.has(node.op)) &&
			node.outputs.some((name) => useful.has(name));
		if (heavy.has(node)) useful.add(node.inputs[0] as string);
		else if (carries) for (const name of node.inputs) useful.add(name);
	}
	return useful;
}
