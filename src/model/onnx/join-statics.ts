import { producers } from "../graph.ts";
import type { Known } from "../shapes/rule.ts";
import type { Graph, GraphNode, Initializer } from "../types.ts";

/** What is known of the tensors for a batch and for three times as many photos. */
export type Inferred = readonly [
	ReadonlyMap<string, Known>,
	ReadonlyMap<string, Known>,
];

/**
 * Class and register tokens: exporters repeat them for every photo of the batch and put them before the patches.
 * Adding what is padded with zeros comes to the same, and needs no batch size:
 *
 *   token ─ Expand [n, 1, d] ─┐                     token ─ Pad ─┐
 *                             Concat  →                          Add
 *   patches [n, s, d] ────────┘                   patches ─ Pad ─┘
 */
export function joinStatics(graph: Graph, inferred: Inferred): Graph {
	if (graph.opset < 11) return graph;
	const producer = producers(graph);
	const isStatic = staticTensors(graph);
	const made: Initializer[] = [];
	const nodes = graph.nodes.flatMap((node): readonly GraphNode[] => {
		if (node.op !== "Concat" || node.domain !== "") return [node];
		const parts = node.inputs.map((name) =>
			partOf(name, producer, isStatic, inferred),
		);
		const statics = parts.filter((part) => part?.isStatic);
		if (statics.length === 0 || parts.includes(undefined)) return [node];
		if (statics.length === parts.length) return [node];
		const joined = padded(node, parts as readonly Part[]);
		if (!joined) return [node];
		made.push(...joined.initializers);
		return joined.nodes;
	});
	return { ...graph, nodes, initializers: [...graph.initializers, ...made] };
}

interface Part {
	readonly tensor: string;
	/** With a batch of one where it is static. */
	readonly shape: readonly number[];
	/** The same for every photo. */
	readonly isStatic: boolean;
}

/** Tensors that follow from initializers alone. */
export function staticTensors(graph: Graph): ReadonlySet<string> {
	const found = new Set(graph.initializers.map(({ name }) => name));
	for (const { inputs, outputs } of graph.nodes)
		if (inputs.every((name) => name === "" || found.has(name)))
			for (const output of outputs) found.add(output);
	return found;
}

/** One input of the Concat; undefined where a shape is unknown or a repetition is more than that of the batch. */
function partOf(
	name: string,
	producer: ReadonlyMap<string, GraphNode>,
	isStatic: ReadonlySet<string>,
	[one, other]: Inferred,
): Part | undefined {
	const shape = one.get(name)?.shape;
	const grown = other.get(name)?.shape;
	if (!shape || !grown) return undefined;
	const node = producer.get(name);
	const source = node?.inputs[0] ?? "";
	const from = one.get(source)?.shape;
	if (
		(node?.op === "Expand" || node?.op === "Tile") &&
		isStatic.has(source) &&
		from?.length === shape.length &&
		from[0] === 1 &&
		from.slice(1).every((size, axis) => size === shape[axis + 1])
	)
		return { tensor: source, shape: from, isStatic: true };
	if (isStatic.has(name))
		return shape[0] === 1 ? { tensor: name, shape, isStatic: true } : undefined;
	return grown[0] !== shape[0]
		? { tensor: name, shape, isStatic: false }
		: undefined;
}

/** Every part with zeros where the others are, added up. */
function padded(node: GraphNode, parts: readonly Part[]) {
	const rank = parts[0]?.shape.length ?? 0;
	const { axis: given } = node.attributes;
	if (typeof given !== "number") return undefined;
	const axis = given < 0 ? given + rank : given;
	if (axis === 0) return undefined;
	const sizes = parts.map(({ shape }) => shape[axis] ?? 0);
	const total = sizes.reduce((sum, size) => sum + size, 0);
	const nodes: GraphNode[] = [];
	const initializers: Initializer[] = [];
	const add = (op: string, name: string, inputs: string[], output: string) =>
		nodes.push({
			...{ name, op, domain: "", inputs, outputs: [output], attributes: {} },
			layer: node.layer,
		});
	let before = 0;
	const pieces = parts.map(({ tensor }, index) => {
		const name = `${node.name}/pad_${index}`;
		const size = sizes[index] ?? 0;
		const pads = new Array<number>(2 * rank).fill(0);
		pads[axis] = before;
		pads[rank + axis] = total - before - size;
		before += size;
		const amounts = `${name}/amounts`;
		initializers.push({
			...{ name: amounts, dtype: "int64", shape: [2 * rank], values: pads },
		});
		add("Pad", name, [tensor, amounts], name);
		return name;
	});
	pieces.slice(1).reduce((sum, piece, index) => {
		const isLast = index === pieces.length - 2;
		const name = isLast ? node.name : `${node.name}/sum_${index}`;
		add("Add", name, [sum, piece], isLast ? (node.outputs[0] ?? name) : name);
		return name;
	}, pieces[0] ?? "");
	return { nodes, initializers };
}
