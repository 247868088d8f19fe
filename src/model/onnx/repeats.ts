import { inferTensors } from "../shapes.ts";
import type { Graph, GraphNode } from "../types.ts";
import { type Inferred, staticTensors } from "./join-statics.ts";

/**
 * Masks and the like are repeated for every photo before they meet what belongs to one, which would repeat them
 * itself. Such an Expand passes on what it gets instead, so that nothing but broadcasting knows the batch. Taken only
 * if no tensor that depends on the photo changes its shape.
 */
export function withoutRepeats(graph: Graph, inferred: Inferred): Graph {
	const isStatic = staticTensors(graph);
	const repeats = graph.nodes.filter((node) =>
		isRepeat(node, isStatic, inferred),
	);
	const all = without(graph, repeats);
	if (repeats.length === 0 || isSame(all, inferred)) return all;
	return repeats.reduce((sofar, repeat) => {
		const next = without(sofar, [repeat]);
		return isSame(next, inferred) ? next : sofar;
	}, graph);
}

/** Of something static, along the batch and perhaps more. */
function isRepeat(
	{ op, inputs, outputs }: GraphNode,
	isStatic: ReadonlySet<string>,
	[one, other]: Inferred,
): boolean {
	const [source = ""] = inputs;
	const from = one.get(source)?.shape;
	const [to, grown] = [one, other].map(
		(tensors) => tensors.get(outputs[0] ?? "")?.shape,
	);
	return (
		(op === "Expand" || op === "Tile") &&
		isStatic.has(source) &&
		from?.length === to?.length &&
		from?.[0] === 1 &&
		to?.[0] !== grown?.[0] &&
		from.every((size, axis) => size === 1 || size === to?.[axis])
	);
}

function without(graph: Graph, repeats: readonly GraphNode[]): Graph {
	if (repeats.length === 0) return graph;
	return {
		...graph,
		nodes: graph.nodes.map((node) =>
			repeats.includes(node)
				? {
						...node,
						op: "Identity",
						inputs: node.inputs.slice(0, 1),
						attributes: {},
					}
				: node,
		),
	};
}

function isSame(graph: Graph, inferred: Inferred): boolean {
	const isStatic = staticTensors(graph);
	const [input] = graph.inputs;
	return inferred.every((before) => {
		const { name = "", shape = [] } = {
			name: input?.name,
			shape: before.get(input?.name ?? "")?.shape,
		};
		const after = inferTensors(graph, new Map([[name, shape]]));
		return graph.nodes.every(({ outputs }) =>
			outputs.every((output) => {
				if (isStatic.has(output)) return true;
				const was = before.get(output)?.shape;
				const now = after.get(output)?.shape;
				return was?.length === now?.length && `${was}` === `${now}`;
			}),
		);
	});
}
