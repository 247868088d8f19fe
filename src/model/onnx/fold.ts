import { inferTensors } from "../shapes.ts";
import type { Dim, DType, Graph, GraphNode, Initializer } from "../types.ts";
import { type Inferred, joinStatics } from "./join-statics.ts";
import { withoutRepeats } from "./repeats.ts";

/**
 * Exporters compute shapes in the graph: Shape → Gather → Concat → Reshape. Once the photos' size is known, all of it
 * that does not depend on the batch is a constant, and of the rest most Reshapes and Expands need not know the batch.
 *
 *   Shape(x) ─ Gather 0 ─┐                           Reshape(y, [0, 16, 48])
 *                        Concat ─ Reshape(y, ·)  →
 *              16, 48 ───┘
 *
 * Else nearly every tensor would depend on the photo by a path around the one where the network is to be cut.
 * @param input name and shape of the only input; a free batch is a name.
 */
export function foldShapes(
	graph: Graph,
	input: { readonly name: string; readonly shape: readonly Dim[] },
): Graph {
	const [batch, ...rest] = input.shape;
	const sizes = rest.map(Number);
	const first = typeof batch === "number" ? batch : 2;
	const inferredOf = (of: Graph) =>
		[first, 3 * first].map((n) =>
			inferTensors(of, new Map([[input.name, [n, ...sizes]]])),
		) as unknown as Inferred;
	const shaped = withoutBatch(graph, inferredOf(graph));
	const folded = withConstants(shaped, inferredOf(shaped));
	const joined = joinStatics(folded, inferredOf(folded));
	const bare = withoutUnread(withoutRepeats(joined, inferredOf(joined)));
	// What was repeated is now constant, and so is what was made of it.
	return withoutUnread(withConstants(bare, inferredOf(bare)));
}

const FOLDED: readonly (DType | undefined)[] = [
	"float32",
	"int64",
	"int32",
	"bool",
];

/** Tensors whose numbers are the same whatever the batch become initializers. */
function withConstants(graph: Graph, [one, other]: Inferred): Graph {
	const outputs = new Set(graph.outputs.map(({ name }) => name));
	const initializers: Initializer[] = [];
	const nodes = graph.nodes.filter((node) => {
		const made = node.outputs
			.filter((name) => name !== "")
			.map((name) => {
				const { dtype, shape, values } = one.get(name) ?? {};
				const again = other.get(name)?.values;
				const same =
					values?.length === again?.length &&
					values?.every((value, index) => value === again?.[index]);
				return values && shape && dtype && same && FOLDED.includes(dtype)
					? { name, dtype, shape, values: rounded(dtype, values) }
					: undefined;
			});
		const isConstant =
			made.length > 0 && made.every((item) => item !== undefined);
		if (!isConstant || node.outputs.some((name) => outputs.has(name)))
			return true;
		initializers.push(...(made as Initializer[]));
		return false;
	});
	return {
		...graph,
		nodes,
		initializers: [...graph.initializers, ...initializers],
	};
}

function rounded(dtype: DType, values: readonly number[]): readonly number[] {
	return dtype === "float32" ? values.map(Math.fround) : values;
}

/** Reshapes and Expands to a computed shape in which only the batch is not constant get a constant one. */
function withoutBatch(graph: Graph, inferred: Inferred): Graph {
	const made: Initializer[] = [];
	const computed = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
	const nodes = graph.nodes.map((node): GraphNode => {
		const [x = "", wish = ""] = node.inputs;
		if (resizesNothing(node, inferred))
			return { ...node, op: "Identity", inputs: [x], attributes: {} };
		if (!computed.has(wish)) return node;
		const values = targetOf(node, x, wish, inferred);
		if (values === undefined) return node;
		const name = `${node.name}/shape`;
		made.push({ name, dtype: "int64", shape: [values.length], values });
		const { allowzero: _, ...attributes } = node.attributes;
		return { ...node, inputs: [x, name], attributes };
	});
	return { ...graph, nodes, initializers: [...graph.initializers, ...made] };
}

/** Networks that take photos of any size bring their maps to the size that they have here already. */
function resizesNothing(
	{ op, inputs, outputs, attributes }: GraphNode,
	inferred: Inferred,
): boolean {
	const { coordinate_transformation_mode: mode } = attributes;
	return (
		op === "Resize" &&
		mode !== "tf_crop_and_resize" &&
		inferred.every((tensors) => {
			const from = tensors.get(inputs[0] ?? "")?.shape;
			const to = tensors.get(outputs[0] ?? "")?.shape;
			return from !== undefined && `${from}` === `${to}`;
		})
	);
}

/** The shape to reach without the batch in it; undefined where that cannot be said. */
function targetOf(
	{ op, attributes }: GraphNode,
	x: string,
	wish: string,
	[one, other]: Inferred,
): readonly number[] | undefined {
	const from = one.get(x)?.shape;
	const to = one.get(wish)?.values;
	const again = other.get(wish)?.values;
	const grown = other.get(x)?.shape;
	if (!from || !grown || !to || to.length !== again?.length) return undefined;
	const free = to.flatMap((size, axis) => (size === again[axis] ? [] : [axis]));
	const [axis = 0] = free;
	if (free.length !== 1) return undefined;
	const put = (size: number) =>
		to.map((old, index) => (index === axis ? size : old));
	if (op === "Reshape") {
		if (attributes.allowzero === 1 && to.includes(0)) return undefined;
		if (from[axis] === to[axis] && grown[axis] === again[axis]) return put(0);
		return to.includes(-1) ? undefined : put(-1);
	}
	const own = from.length - to.length + axis;
	const keeps = from[own] === to[axis] && grown[own] === again[axis];
	return op === "Expand" && keeps ? put(1) : undefined;
}

/** Without nodes and constants that nothing reads any more. */
function withoutUnread(graph: Graph): Graph {
	const read = new Set(graph.outputs.map(({ name }) => name));
	const nodes: GraphNode[] = [];
	for (const node of graph.nodes.toReversed()) {
		if (!node.outputs.some((name) => read.has(name))) continue;
		nodes.unshift(node);
		for (const name of readBy(node)) read.add(name);
	}
	return {
		...graph,
		nodes,
		initializers: graph.initializers.filter(
			({ name, values }) => read.has(name) || values === undefined,
		),
	};
}

/** Its inputs, and everything that its subgraphs name. */
function readBy(node: GraphNode): readonly string[] {
	const inner = Object.values(node.attributes).flatMap((value) =>
		typeof value === "object" && "nodes" in value
			? [
					...value.nodes.flatMap(readBy),
					...value.outputs.map(({ name }) => name),
				]
			: [],
	);
	return [...node.inputs, ...inner];
}
