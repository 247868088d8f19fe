import { foldBatchNorm } from "../../engine/tfjs/fold.ts";
import type { Graph, GraphNode } from "../../model/types.ts";

/**
 * What one kernel of tfjs does at once becomes one node before anything is converted; all of it stays ONNX in form.
 *
 *   Conv ─ BatchNormalization ─ Relu        ⇒  Conv with statistics and an activation
 *   MatMul [x, W] ─ Add [·, b]              ⇒  MatMul [x, W, b]
 */
export function fuse(graph: Graph): Graph {
	const folded = foldBatchNorm(graph, () => true);
	const fixed = fixedTensors(folded);
	return withActivations(withBiases(folded, fixed));
}

/** The attribute that holds what follows a product: "Relu" or "Relu6". */
export const ACTIVATION = "graft.activation";

/** Tensors that are computed from initializers alone. */
export function fixedTensors({
	nodes,
	initializers,
}: Graph): ReadonlySet<string> {
	const fixed = new Set(initializers.map(({ name }) => name));
	for (const { inputs, outputs, op } of nodes)
		if (
			op !== "RandomNormal" &&
			inputs.length > 0 &&
			inputs.every((name) => name === "" || fixed.has(name))
		)
			for (const output of outputs) fixed.add(output);
	return fixed;
}

/** Tensor → how many nodes, or outputs of the graph, read it. */
function readersOf(graph: Graph): ReadonlyMap<string, number> {
	const readers = new Map<string, number>();
	for (const name of [
		...graph.nodes.flatMap(({ inputs }) => inputs),
		...graph.outputs.map(({ name }) => name),
	])
		readers.set(name, (readers.get(name) ?? 0) + 1);
	return readers;
}

/** Each pair (maker, reader) that `join` joins becomes one node in the reader's place. */
function joined(
	graph: Graph,
	join: (
		reader: GraphNode,
		makerOf: (tensor: string) => GraphNode | undefined,
	) => readonly [maker: GraphNode, whole: GraphNode] | undefined,
): Graph {
	const readers = readersOf(graph);
	const makers = new Map<string, GraphNode>();
	const gone = new Set<GraphNode>();
	const nodes: GraphNode[] = [];
	for (const node of graph.nodes) {
		const found = join(node, (tensor) =>
			readers.get(tensor) === 1 ? makers.get(tensor) : undefined,
		);
		const kept = found?.[1] ?? node;
		if (found) gone.add(found[0]);
		nodes.push(kept);
		for (const output of kept.outputs) makers.set(output, kept);
	}
	return { ...graph, nodes: nodes.filter((node) => !gone.has(node)) };
}

function withBiases(graph: Graph, fixed: ReadonlySet<string>): Graph {
	const ranks = new Map(
		graph.initializers.map(({ name, shape }) => [name, shape.length]),
	);
	return joined(graph, (add, makerOf) => {
		if (add.op !== "Add") return undefined;
		const [bias = ""] = add.inputs.filter((name) => ranks.get(name) === 1);
		const product = makerOf(add.inputs.find((name) => name !== bias) ?? "");
		const [x = "", weight = ""] = product?.inputs ?? [];
		if (
			product?.op !== "MatMul" ||
			product.inputs.length !== 2 ||
			bias === "" ||
			fixed.has(x) ||
			!fixed.has(weight)
		)
			return undefined;
		const { outputs } = add;
		return [product, { ...product, inputs: [x, weight, bias], outputs }];
	});
}

function withActivations(graph: Graph): Graph {
	const bounds = new Map(
		graph.initializers.map(({ name, values }) => [name, values?.[0]]),
	);
	return joined(graph, (node, makerOf) => {
		const [x = "", low = "", high = ""] = node.inputs;
		const isRelu6 =
			node.op === "Clip" && bounds.get(low) === 0 && bounds.get(high) === 6;
		if (node.op !== "Relu" && !isRelu6) return undefined;
		const product = makerOf(x);
		if (
			product === undefined ||
			!["Conv", "Gemm", "MatMul"].includes(product.op) ||
			ACTIVATION in product.attributes
		)
			return undefined;
		const attributes = {
			...product.attributes,
			[ACTIVATION]: isRelu6 ? "Relu6" : "Relu",
		};
		return [product, { ...product, attributes, outputs: node.outputs }];
	});
}
