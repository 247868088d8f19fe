import { producers, tensorOfInitializer } from "../graph.ts";
import type { Graph, GraphNode, Initializer, Weights } from "../types.ts";

/** A network with the values of its initializers. */
export interface Loaded {
	readonly graph: Graph;
	readonly weights: Weights;
}

/** ONNX's default. */
const EPSILON = 1e-5;

/**
 * BatchNormalization behind a Conv as a part of that Conv: w' = w · γ/√(σ² + ε), b' = β + (b - μ) · γ/√(σ² + ε).
 * Tensors keep their names, the Conv now makes what the BatchNormalization made. Others are left as they are: behind
 * something else, or where the Conv's own output is also read elsewhere. Pure; only a frozen network may be folded.
 */
export function foldBatchNorm({ graph, weights }: Loaded): Loaded {
	const makers = producers(graph);
	const uses = usesOf(graph);
	const folded = new Map<GraphNode, GraphNode>();
	const gone = new Set<GraphNode>();
	const values = new Map(weights);
	const made: Initializer[] = [];
	const known = new Map(graph.initializers.map((item) => [item.name, item]));
	const floats = (name: string | undefined): Float32Array | undefined => {
		const initializer = name === undefined ? undefined : known.get(name);
		if (initializer?.dtype !== "float32") return undefined;
		const { data } = tensorOfInitializer(initializer, weights);
		return data instanceof Float32Array ? data : undefined;
	};
	for (const node of graph.nodes) {
		if (node.op !== "BatchNormalization" || node.outputs.length > 1) continue;
		const conv = makers.get(node.inputs[0] ?? "");
		if (conv?.op !== "Conv" || uses.get(conv.outputs[0] ?? "") !== 1) continue;
		const weight = floats(conv.inputs[1]);
		const bias = conv.inputs[2] ? floats(conv.inputs[2]) : undefined;
		const [gamma, beta, mean, variance] = node.inputs.slice(1, 5).map(floats);
		if (!weight || !gamma || !beta || !mean || !variance) continue;
		if (conv.inputs[2] && bias === undefined) continue;
		const epsilon = Number(node.attributes.epsilon ?? EPSILON);
		const channels = gamma.length;
		const each = weight.length / channels;
		const newWeight = new Float32Array(weight.length);
		const newBias = new Float32Array(channels);
		for (let c = 0; c < channels; c++) {
			const factor = gamma[c] / Math.sqrt(variance[c] + epsilon);
			newBias[c] = beta[c] + ((bias?.[c] ?? 0) - mean[c]) * factor;
			for (let i = c * each; i < (c + 1) * each; i++)
				newWeight[i] = weight[i] * factor;
		}
		const shape = known.get(conv.inputs[1] ?? "")?.shape ?? [];
		const names = [`${node.name}/folded.weight`, `${node.name}/folded.bias`];
		const tensors = [
			{ shape, data: newWeight },
			{ shape: [channels], data: newBias },
		];
		names.forEach((name, index) => {
			const { shape, data } = tensors[index];
			made.push({ name, shape, dtype: "float32" });
			values.set(name, { dtype: "float32", shape, data });
		});
		const inputs = [conv.inputs[0], ...names];
		folded.set(conv, { ...conv, inputs, outputs: node.outputs });
		gone.add(node);
	}
	const nodes = graph.nodes
		.filter((node) => !gone.has(node))
		.map((node) => folded.get(node) ?? node);
	return prune({
		graph: {
			...graph,
			nodes,
			initializers: [...graph.initializers, ...made],
		},
		weights: values,
	});
}

/** Without Identity and Dropout, which do nothing in a frozen network. */
export function dropIdle({ graph, weights }: Loaded): Loaded {
	const outputs = new Set(graph.outputs.map(({ name }) => name));
	const renamed = new Map<string, string>();
	const nodes: GraphNode[] = [];
	for (const node of graph.nodes) {
		const inputs = node.inputs.map((name) => renamed.get(name) ?? name);
		const [output = "", mask = ""] = node.outputs;
		const isIdle = node.op === "Identity" || node.op === "Dropout";
		if (isIdle && mask === "" && !outputs.has(output))
			renamed.set(output, inputs[0] as string);
		else nodes.push({ ...node, inputs });
	}
	return hasSubgraphs(graph)
		? { graph, weights }
		: prune({ graph: { ...graph, nodes }, weights });
}

/** Constant float32 matrices that a Transpose turns (torch's Linear is [out, in]) as constants turned already. */
export function turnMatrices({ graph, weights }: Loaded): Loaded {
	const known = new Map(graph.initializers.map((item) => [item.name, item]));
	const values = new Map(weights);
	const made: Initializer[] = [];
	const nodes = graph.nodes.filter((node) => {
		const [input = ""] = node.inputs;
		const [name = ""] = node.outputs;
		const [rows, columns, ...more] = known.get(input)?.shape ?? [];
		const data = weights.get(input)?.data;
		const isMatrix =
			node.op === "Transpose" &&
			data instanceof Float32Array &&
			rows !== undefined &&
			columns !== undefined &&
			more.length === 0 &&
			String(node.attributes.perm ?? [1, 0]) === "1,0";
		if (!isMatrix || graph.outputs.some((output) => output.name === name))
			return true;
		const turned = new Float32Array(data.length);
		for (let row = 0; row < rows; row++)
			for (let column = 0; column < columns; column++)
				turned[column * rows + row] = data[row * columns + column] as number;
		const shape = [columns, rows];
		made.push({ name, shape, dtype: "float32" });
		values.set(name, { dtype: "float32", shape, data: turned });
		return false;
	});
	const initializers = [...graph.initializers, ...made];
	return prune({ graph: { ...graph, nodes, initializers }, weights: values });
}

/** All of this: what is left is ready to be quantized. */
export function fold(loaded: Loaded): Loaded {
	return turnMatrices(dropIdle(foldBatchNorm(loaded)));
}

/** How many nodes and outputs read each tensor. */
export function usesOf(graph: Graph): ReadonlyMap<string, number> {
	const uses = new Map<string, number>();
	const use = (name: string) => uses.set(name, (uses.get(name) ?? 0) + 1);
	for (const node of graph.nodes) for (const name of node.inputs) use(name);
	for (const { name } of graph.outputs) use(name);
	return uses;
}

/** Without initializers that no node reads. */
export function prune({ graph, weights }: Loaded): Loaded {
	const uses = usesOf(graph);
	const initializers = graph.initializers.filter(
		({ name }) => uses.has(name) || hasSubgraphs(graph),
	);
	const kept = new Set(initializers.map(({ name }) => name));
	return {
		graph: { ...graph, initializers },
		weights: new Map([...weights].filter(([name]) => kept.has(name))),
	};
}

/** Branches read what lies outside them: nothing is dropped beside one. */
function hasSubgraphs(graph: Graph): boolean {
	return graph.nodes.some(({ attributes }) =>
		Object.values(attributes).some(
			(value) =>
				typeof value === "object" && value !== null && "nodes" in value,
		),
	);
}
