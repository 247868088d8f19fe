import type { Size } from "../data/transforms/image.ts";
import { hasRandom, outputShape } from "../data/transforms.ts";
import type { Transform } from "../experiment/types.ts";
import { initializersByName } from "../model/graph.ts";
import { flops, parameterCount } from "../model/shapes.ts";
import type { Graph, GraphNode } from "../model/types.ts";
import { isDropout } from "./cut.ts";
import type { Stage } from "./types.ts";

/** The stages before the network: decode, then one per transform. */
export function pixelStages(
	transforms: readonly Transform[],
): readonly Stage[] {
	let shape: readonly Size[] = ["?", "?", 3];
	let dtype: Stage["dtype"] = "uint8";
	const stages: Stage[] = [pixelStage("decode", "decode", false, shape, dtype)];
	for (const transform of transforms) {
		shape = outputShape(shape, [transform]);
		if (transform.name === "ToTensor" || transform.name === "ConvertImageDtype")
			dtype = "float32";
		stages.push({
			...pixelStage(
				transform.name,
				transform.name,
				hasRandom([transform]),
				shape,
				dtype,
			),
			kind: "transform",
		});
	}
	return stages;
}

function pixelStage(
	name: string,
	op: string,
	isRandom: boolean,
	outputShape: readonly Size[],
	dtype: Stage["dtype"],
): Stage {
	return {
		name,
		kind: "decode",
		op,
		isRandom,
		isTrainable: false,
		outputShape,
		dtype,
		parameters: 0,
		flops: 0,
	};
}

/**
 * One stage a layer of the network, in the order in which the layers begin.
 * @param shapes of all tensors with a batch of one; undefined where inference knows no answer.
 */
export function layerStages(
	graph: Graph,
	shapes: ReadonlyMap<string, readonly number[] | undefined>,
	trainable: ReadonlySet<string>,
	training: boolean,
): readonly Stage[] {
	const initializers = initializersByName(graph);
	const layers = new Map<string, GraphNode[]>();
	for (const node of graph.nodes) {
		const nodes = layers.get(node.layer);
		if (nodes) nodes.push(node);
		else layers.set(node.layer, [node]);
	}
	return [...layers].map(([name, nodes]) => {
		const output = shapes.get(nodes.at(-1)?.outputs[0] ?? "");
		return {
			name,
			kind: "layer",
			op: nodes.map((node) => node.op).join("+"),
			isRandom: training && nodes.some(isDropout),
			isTrainable: nodes.some((node) =>
				node.inputs.some((input) => trainable.has(input)),
			),
			outputShape: output?.slice(1),
			dtype: "float32",
			parameters: parameterCount(initializers, nodes),
			flops: nodes.reduce((sum, node) => sum + (flops(node, shapes) ?? 0), 0),
		};
	});
}
