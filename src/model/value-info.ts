import { inferDtypes, inferShapes, type Shapes } from "./shapes.ts";
import type { Dim, Graph, ValueInfo } from "./types.ts";

/**
 * Types and shapes of these tensors as an .onnx file states them: what follows the batch is named as the
 * input names it ("n"). float32 of any shape where nothing is known.
 */
export function valueInfoOf(
	graph: Graph,
	names: readonly string[],
): readonly ValueInfo[] {
	const stated = new Map(
		[...(graph.valueInfo ?? []), ...graph.outputs, ...graph.inputs].map(
			(info) => [info.name, info],
		),
	);
	if (names.every((name) => stated.has(name)))
		return names.map((name) => stated.get(name) as ValueInfo);
	const { dtypes, one, two } = inferredOf(graph);
	const free = graph.inputs[0]?.shape?.[0];
	return names.map((name) => {
		const shape = one.get(name);
		const twice = two.get(name);
		return (
			stated.get(name) ?? {
				name,
				dtype: dtypes.get(name) ?? "float32",
				shape:
					shape && twice && typeof free === "string"
						? shape.map((size, axis) => (size === twice[axis] ? size : free))
						: shape,
			}
		);
	});
}

interface Inferred {
	readonly dtypes: ReturnType<typeof inferDtypes>;
	/** Shapes with a batch of one and of two. */
	readonly one: Shapes;
	readonly two: Shapes;
}

/** A network is cut in several places, each cut asks the same, and a Graph never changes. */
const inferred = new WeakMap<Graph, Inferred>();

function inferredOf(graph: Graph): Inferred {
	const known = inferred.get(graph);
	if (known !== undefined) return known;
	const found = {
		dtypes: inferDtypes(graph),
		one: inferShapes(graph, inputShapes(graph, 1)),
		two: inferShapes(graph, inputShapes(graph, 2)),
	};
	inferred.set(graph, found);
	return found;
}

/** Input shapes with the batch filled in; an input with another free dimension is left out. */
function inputShapes(
	graph: Graph,
	batch: number,
): ReadonlyMap<string, readonly number[]> {
	const shapes = new Map<string, readonly number[]>();
	for (const { name, shape } of graph.inputs) {
		const sizes = shape?.map((size: Dim, axis) =>
			axis === 0 && typeof size === "string" ? batch : size,
		);
		if (sizes?.every((size) => typeof size === "number"))
			shapes.set(name, sizes as readonly number[]);
	}
	return shapes;
}
