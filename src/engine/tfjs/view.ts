import { initializersByName } from "../../model/graph.ts";
import type { Graph, GraphNode } from "../../model/types.ts";
import type { Tf } from "../backend.ts";
import { axisIn } from "./layout.ts";
import { type NodeView, numberAttribute } from "./operator.ts";
import type { Parameters } from "./parameters.ts";

/** From a node, and the order of the maps that it is prepared for, to what its operator may ask. */
export function viewsOf(
	tf: Tf,
	graph: Graph,
	parameters: Parameters,
): (node: GraphNode, nhwc: boolean) => NodeView {
	const initializers = initializersByName(graph);
	const readers = new Map<string, GraphNode[]>();
	for (const node of graph.nodes)
		for (const name of new Set(node.inputs)) {
			const known = readers.get(name);
			if (known) known.push(node);
			else readers.set(name, [node]);
		}

	return (node, nhwc) => {
		const nameOf = (index: number) => node.inputs[index] ?? "";
		const isFixed = (index: number) => {
			const name = nameOf(index);
			return (
				initializers.has(name) &&
				!parameters.learns(name) &&
				!parameters.isBuffer(name)
			);
		};
		/** Whether every reader is of this node's kind and reads it at the same place. */
		const isAlikeToAll = (index: number) =>
			readers
				.get(nameOf(index))
				?.every(
					(other) =>
						other.op === node.op &&
						other.attributes.group === node.attributes.group &&
						other.inputs.indexOf(nameOf(index)) === index &&
						other.inputs.lastIndexOf(nameOf(index)) === index,
				) ?? false;
		return {
			node,
			opset: graph.opset,
			number: (name, otherwise) =>
				numberAttribute(node.attributes, name, otherwise),
			ints(name) {
				const value = node.attributes[name];
				return Array.isArray(value) && value.every((v) => typeof v === "number")
					? (value as readonly number[])
					: undefined;
			},
			constant: (index) => initializers.get(nameOf(index))?.values,
			transposed(index) {
				const { shape } = initializers.get(nameOf(index)) ?? {};
				// Elsewhere a product with a transposed matrix costs nothing.
				const isWorth = tf.getBackend() === "wasm" && shape?.length === 2;
				return isWorth && isFixed(index)
					? parameters.transposed(nameOf(index))
					: undefined;
			},
			shape: (index) => initializers.get(nameOf(index))?.shape,
			isFixed,
			derived: (key, make) =>
				parameters.derived(`${key} of ${node.name}`, make),
			hold(index, holdingOf) {
				const holding = holdingOf(initializers.get(nameOf(index))?.shape ?? []);
				if (!holding || !isAlikeToAll(index)) return false;
				parameters.hold(nameOf(index), holding);
				return true;
			},
			buffer(index) {
				const name = nameOf(index);
				return parameters.isBuffer(name)
					? (value) => parameters.assign(name, value)
					: undefined;
			},
			axis: axisIn(nhwc),
		};
	};
}
