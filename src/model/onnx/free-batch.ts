import { sizeOf } from "../dtypes.ts";
import { inferShapes, type Shapes } from "../shapes.ts";
import type { Dim, Graph, Initializer } from "../types.ts";
import type { OnnxModel } from "./read.ts";

/**
 * Networks are mostly exported for a batch of one, with that one inside (`Reshape` to [1, 768]). This makes
 * the batch free: the first size of such Reshapes becomes 0, which copies the input's. The result is only
 * taken if the shapes then show that every tensor grows with the batch and no other size changes.
 * @param input name and shape of the only input, free sizes filled in.
 * @returns the model unchanged where its batch is free already or cannot be freed.
 */
export function freeBatch(
	model: OnnxModel,
	input: { readonly name: string; readonly shape: readonly number[] },
): OnnxModel {
	const { graph, weights } = model;
	const batch = graph.inputs[0]?.shape?.[0];
	if (typeof batch !== "number") return model;
	const shapesFor = (of: Graph, n: number) =>
		inferShapes(of, new Map([[input.name, [n, ...input.shape.slice(1)]]]));
	const bare: Graph = { ...graph, valueInfo: [] };
	const freed = freeReshapes({ graph: bare, weights }, shapesFor(bare, batch));
	const before = shapesFor(bare, batch);
	const after = shapesFor(freed.graph, 3 * batch);
	if (!grows(freed.graph, before, after, batch)) return model;
	const free = (shape: readonly Dim[] | undefined) =>
		shape && ["n", ...shape.slice(1)];
	return {
		graph: {
			...freed.graph,
			inputs: freed.graph.inputs.map((info) => ({
				...info,
				shape: free(info.shape),
			})),
			outputs: freed.graph.outputs.map((info) => ({
				...info,
				shape: free(info.shape),
			})),
		},
		weights: freed.weights,
	};
}

/** Every Reshape to a constant shape gets a constant of its own that begins with 0 where it began with the batch. */
function freeReshapes(
	{ graph, weights }: OnnxModel,
	shapes: Shapes,
): OnnxModel {
	const constants = new Map(
		graph.initializers.map((item) => [item.name, item]),
	);
	const made: Initializer[] = [];
	const nodes = graph.nodes.map((node) => {
		const wish = constants.get(node.inputs[1] ?? "")?.values;
		const given = shapes.get(node.inputs[0] ?? "");
		const result = shapes.get(node.outputs[0] ?? "");
		if (node.op !== "Reshape" || !wish || !given || !result) return node;
		const keepsBatch =
			given[0] === result[0] && sizeOf(given) > 0 && wish[0] === result[0];
		if (!keepsBatch || wish.includes(0)) return node;
		const name = `${node.name}/free_shape`;
		made.push({
			name,
			dtype: "int64",
			shape: [wish.length],
			values: [0, ...wish.slice(1)],
		});
		return {
			...node,
			inputs: [node.inputs[0] ?? "", name],
			// Opsets before 14 do not know the attribute, and mean 0 anyway.
			attributes:
				"allowzero" in node.attributes
					? { ...node.attributes, allowzero: 0 }
					: node.attributes,
		};
	});
	const read = new Set(nodes.flatMap(({ inputs }) => inputs));
	const kept = graph.initializers.filter(
		({ name }) => read.has(name) || !constants.get(name)?.values,
	);
	return {
		graph: { ...graph, nodes, initializers: [...kept, ...made] },
		weights,
	};
}

/** The outputs grow with the batch, and no tensor changes in any size but one that the batch multiplies. */
function grows(
	graph: Graph,
	before: Shapes,
	after: Shapes,
	batch: number,
): boolean {
	const outputs = graph.outputs.every(({ name }) => {
		const [one] = before.get(name) ?? [];
		const [three] = after.get(name) ?? [];
		return one === batch && three === 3 * batch;
	});
	return (
		outputs &&
		graph.nodes.every(({ outputs: [name = ""] }) => {
			const one = before.get(name);
			const three = after.get(name);
			if (!one || !three || one.length !== three.length) return false;
			return one.every(
				(size, axis) => three[axis] === size || three[axis] === 3 * size,
			);
		})
	);
}
