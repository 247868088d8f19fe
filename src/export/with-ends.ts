import type { Graph, GraphNode, Initializer } from "../model/types.ts";
import type { WholeNetwork } from "./network.ts";

/** The tensor names of an exported network. */
export const PIXELS = "pixels";
export const LOGITS = "logits";
export const PROBABILITIES = "probabilities";

/**
 * The network with both ends that a user expects, pure:
 *
 *   pixels ─ channels in the network's order ─ · scale - mean ─ / std ─ … network … ─┬─ logits
 *   0 … 1, RGB                                                    softmax, exp or sigmoid ─┴─ probabilities
 *
 * Resizing and cropping stay outside: their exact arithmetic is torchvision's, not ONNX's.
 */
export function withEnds(network: WholeNetwork): Graph {
	const { hasProbabilities } = network;
	const { graph, inputShape, isLogProbability, isMultiLabel } = network;
	const [input] = graph.inputs;
	const [output] = graph.outputs;
	if (input === undefined || output === undefined)
		throw new Error("internal: a network has an input and an output");
	const front = normalizeNodes(network, input.name);
	const end = isMultiLabel ? "Sigmoid" : isLogProbability ? "Exp" : "Softmax";
	const batch = input.shape?.[0] ?? "n";
	const k = network.classNames.length;
	const ends = [LOGITS, ...(hasProbabilities ? [PROBABILITIES] : [])];
	const nodes: readonly GraphNode[] = [
		...front.nodes,
		...graph.nodes,
		node("Identity", LOGITS, [output.name], LOGITS),
		...(hasProbabilities
			? [
					node(
						end,
						PROBABILITIES,
						[output.name],
						PROBABILITIES,
						end === "Softmax" ? { axis: 1 } : {},
					),
				]
			: []),
	];
	return {
		...graph,
		nodes,
		inputs: [{ name: PIXELS, dtype: "float32", shape: [batch, ...inputShape] }],
		outputs: ends.map((name) => ({
			...{ name, dtype: "float32", shape: [batch, k] },
		})),
		initializers: [...graph.initializers, ...front.initializers],
	};
}

/** (x · scale - mean) / std as one multiplication and one addition would round otherwise than training did. */
function normalizeNodes(
	{ transforms, inputShape }: WholeNetwork,
	target: string,
): {
	readonly nodes: readonly GraphNode[];
	readonly initializers: readonly Initializer[];
} {
	const normalize = transforms.find(({ name }) => name === "Normalize");
	if (normalize === undefined)
		return {
			nodes: [node("Identity", "preprocess.identity", [PIXELS], target)],
			initializers: [],
		};
	const { mean, std, scale, channels } = normalize.params as {
		readonly mean: readonly number[];
		readonly std: readonly number[];
		readonly scale: number;
		readonly channels: "RGB" | "BGR";
	};
	const count = inputShape[0] ?? 3;
	const each = (name: string, values: readonly number[]): Initializer => ({
		name: `preprocess.${name}`,
		shape: [1, count, 1, 1],
		dtype: "float32",
		values: Array.from({ length: count }, (_, channel) =>
			Number(values[values.length === 1 ? 0 : channel]),
		),
	});
	const initializers: Initializer[] = [each("mean", mean), each("std", std)];
	const nodes: GraphNode[] = [];
	let x = PIXELS;
	const step = (op: string, other: string, attributes = {}) => {
		const name = `preprocess.after_${other}`;
		nodes.push(node(op, name, [x, `preprocess.${other}`], name, attributes));
		x = name;
	};
	if (channels === "BGR") {
		initializers.push({
			...{ name: "preprocess.order", shape: [3], dtype: "int64" },
			values: [2, 1, 0],
		});
		step("Gather", "order", { axis: 1 });
	}
	if (scale !== 1) {
		initializers.push({
			...{ name: "preprocess.scale", shape: [], dtype: "float32" },
			values: [scale],
		});
		step("Mul", "scale");
	}
	step("Sub", "mean");
	nodes.push(node("Div", "preprocess.std", [x, "preprocess.std"], target));
	return { nodes, initializers };
}

function node(
	op: string,
	name: string,
	inputs: readonly string[],
	output: string,
	attributes: GraphNode["attributes"] = {},
): GraphNode {
	return {
		...{ name: `${name}.node`, op, domain: "", inputs, attributes },
		...{ outputs: [output], layer: name },
	};
}
