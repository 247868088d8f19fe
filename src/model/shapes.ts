import { sizeOf } from "./dtypes.ts";
import { ELEMENTWISE_RULES } from "./shapes/elementwise.ts";
import { MOVEMENT_RULES } from "./shapes/movement.ts";
import { PRODUCT_RULES } from "./shapes/products.ts";
import { type Known, type Rule, viewOf } from "./shapes/rule.ts";
import { WINDOW_RULES } from "./shapes/windows.ts";
import type { DType, Graph, GraphNode, Initializer } from "./types.ts";

/** Shapes of all tensors of a network, found without running it. */

const RULES: Readonly<Record<string, Rule>> = {
	...WINDOW_RULES,
	...ELEMENTWISE_RULES,
	...MOVEMENT_RULES,
	...PRODUCT_RULES,
};

/** Tensor → its shape, batch included; undefined where it is not known. */
export type Shapes = ReadonlyMap<string, readonly number[] | undefined>;

/**
 * The shape of every tensor (inputs, initializers, outputs of nodes) for inputs of these shapes, batch
 * included ([1, 3, 224, 224] gives what one photo makes). Undefined where an operator is unknown and the
 * file does not state the shape; never throws.
 */
export function inferShapes(
	graph: Graph,
	inputShapes: ReadonlyMap<string, readonly number[]>,
): Shapes {
	const shapes = new Map<string, readonly number[] | undefined>();
	for (const [name, { shape }] of inferTensors(graph, inputShapes))
		shapes.set(name, shape);
	return shapes;
}

/** The shapes that one photo makes: `photo` is [channels, height, width], every shape begins with a batch of 1. */
export function photoShapes(graph: Graph, photo: readonly number[]): Shapes {
	const input = graph.inputs[0]?.name ?? "";
	return inferShapes(graph, new Map([[input, [1, ...photo]]]));
}

/** The element type of every tensor, as far as the operators' rules tell. */
export function inferDtypes(
	graph: Graph,
): ReadonlyMap<string, DType | undefined> {
	const dtypes = new Map<string, DType | undefined>();
	for (const [name, { dtype }] of inferTensors(graph, new Map()))
		dtypes.set(name, dtype);
	return dtypes;
}

/** All that inference knows: shapes, element types, and the numbers of small tensors that follow from shapes alone. */
export function inferTensors(
	graph: Graph,
	inputShapes: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, Known> {
	const known = new Map<string, Known>();
	for (const { name, dtype } of graph.inputs)
		known.set(name, { dtype, shape: inputShapes.get(name) });
	for (const { name, shape, dtype, values } of graph.initializers)
		known.set(name, { shape, dtype, values });
	const batch = inputShapes.get(graph.inputs[0]?.name ?? "")?.[0];
	const stated = statedShapes(graph, batch);
	for (const node of graph.nodes) {
		const rule = RULES[node.op];
		const results = rule ? rule(viewOf(node, known)) : [];
		node.outputs.forEach((name, index) => {
			const result = results[index] ?? {};
			known.set(
				name,
				result.shape ? result : { ...result, shape: stated.get(name) },
			);
		});
	}
	return known;
}

/** Shapes that the file states, where only the first dimension is free: that is the batch. */
function statedShapes(graph: Graph, batch: number | undefined): Shapes {
	const shapes = new Map<string, readonly number[]>();
	if (batch === undefined) return shapes;
	for (const { name, shape } of graph.valueInfo ?? []) {
		const sizes = shape?.map((size, axis) =>
			axis === 0 && typeof size === "string" ? batch : size,
		);
		if (sizes?.every((size) => typeof size === "number"))
			shapes.set(name, sizes as readonly number[]);
	}
	return shapes;
}

/**
 * Multiply-adds times two of one node: convolutions and matrix products, as papers count; 0 for all else
 * and where a shape is unknown.
 */
export function flops(node: GraphNode, shapes: Shapes): number {
	const output = shapes.get(node.outputs[0] ?? "");
	const first = shapes.get(node.inputs[0] ?? "");
	const weight = shapes.get(node.inputs[1] ?? "");
	if (!output || !first || !weight) return 0;
	switch (node.op) {
		case "Conv":
			return 2 * sizeOf(output) * sizeOf(weight.slice(1));
		case "ConvTranspose":
			return 2 * sizeOf(first) * sizeOf(weight.slice(1));
		case "Gemm": {
			const inner = node.attributes.transA === 1 ? first[0] : first[1];
			return 2 * sizeOf(output) * (inner ?? 0);
		}
		case "MatMul":
			return 2 * sizeOf(output) * (first.at(-1) ?? 0);
		default:
			return 0;
	}
}

/**
 * Numbers in the initializers that these nodes read: weights and BatchNorm statistics, not constants of the structure.
 * @param initializers of the graph, by name.
 */
export function parameterCount(
	initializers: ReadonlyMap<string, Initializer>,
	nodes: readonly GraphNode[],
): number {
	const own = new Set(nodes.flatMap(({ inputs }) => inputs));
	let sum = 0;
	for (const name of own) {
		const initializer = initializers.get(name);
		if (initializer && initializer.values === undefined)
			sum += sizeOf(initializer.shape);
	}
	return sum;
}
