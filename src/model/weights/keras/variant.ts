import type { Graph, GraphNode } from "../../types.ts";
import type { KerasFamily } from "./families.ts";

/** torchvision's network computed as Keras computes it: same layers, same names, same shapes. */
export function kerasGraph(graph: Graph, family: KerasFamily): Graph {
	return {
		...graph,
		nodes: graph.nodes.map((node) => {
			if (node.op === "BatchNormalization" && family.epsilon !== undefined)
				return withAttributes(node, { epsilon: family.epsilon });
			if (node.op !== "Conv") return node;
			const [stride = 1] = numbers(node, "strides");
			const [kernel = 1] = numbers(node, "kernel_shape");
			if (family.stridesFirst) return stridesFirst(graph, node);
			if (family.padsSame && stride > 1 && kernel > 1) {
				const { pads: _, ...attributes } = node.attributes;
				return {
					...node,
					attributes: { ...attributes, auto_pad: "SAME_UPPER" },
				};
			}
			return node;
		}),
	};
}

/** The stride of `layer2.0.conv2` goes to `layer2.0.conv1`. */
function stridesFirst(graph: Graph, node: GraphNode): GraphNode {
	const [, block, number] =
		/^(layer\d\.\d+)\.conv([12])$/.exec(node.layer) ?? [];
	if (block === undefined) return node;
	const other = graph.nodes.find(
		({ op, layer }) => op === "Conv" && layer === `${block}.conv2`,
	);
	const strides = number === "1" && other ? numbers(other, "strides") : [1, 1];
	return withAttributes(node, { strides });
}

function withAttributes(
	node: GraphNode,
	attributes: GraphNode["attributes"],
): GraphNode {
	return { ...node, attributes: { ...node.attributes, ...attributes } };
}

function numbers({ attributes }: GraphNode, name: string): readonly number[] {
	const value = attributes[name];
	return Array.isArray(value) ? (value as number[]) : [];
}
