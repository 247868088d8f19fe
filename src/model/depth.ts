import { cutPoints } from "./cuts.ts";
import { flops, type Shapes } from "./shapes.ts";
import type { Graph } from "./types.ts";

/** A place of a network by its share of the way. */
export interface DepthPlace {
	readonly tensor: string;
	/** Layer that makes the tensor. */
	readonly layer: string;
	/** Share of the multiply-adds from the input to the features that are done there, 0 … 1. */
	readonly depth: number;
}

/**
 * Where a head can attach, from the first layer to the network's own features: tensors that every path crosses, of a
 * shape that a head takes ([n, d], tokens [n, s, d] or a map). Of several with nothing between them that counts (a
 * convolution, its BatchNorm, its ReLU) the last. Dropout is no place: it draws random numbers in training.
 * @param features tensor that enters the network's classifier
 * @param shapes of all tensors with a batch of one
 */
export function depthPlaces(
	graph: Graph,
	features: string,
	shapes: Shapes,
): readonly DepthPlace[] {
	const [input] = graph.inputs;
	const trunk = {
		...graph,
		outputs: [{ name: features, dtype: "float32", shape: undefined } as const],
	};
	const cuts = new Set(cutPoints(trunk));
	cuts.delete(input?.name ?? "");
	const found: { tensor: string; layer: string; done: number }[] = [];
	let done = 0;
	for (const node of graph.nodes) {
		done += flops(node, shapes);
		const [tensor = ""] = node.outputs;
		if (!cuts.has(tensor)) continue;
		const rank = shapes.get(tensor)?.length ?? 0;
		const isPlace = node.op !== "Dropout" && rank >= 2 && rank <= 4;
		if (isPlace || tensor === features) {
			if (found.at(-1)?.done === done) found.pop();
			found.push({ tensor, layer: node.layer, done });
		}
		if (tensor === features) break;
	}
	const total = found.at(-1)?.done ?? 0;
	return total === 0
		? []
		: found.map(({ done, ...place }) => ({ ...place, depth: done / total }));
}

/** The place nearest to a share, of two the earlier; undefined where there is none. */
export function placeAtDepth(
	places: readonly DepthPlace[],
	depth: number,
): DepthPlace | undefined {
	const off = (place: DepthPlace) => Math.abs(place.depth - depth);
	return places.reduce<DepthPlace | undefined>(
		(best, place) =>
			best === undefined || off(place) < off(best) ? place : best,
		undefined,
	);
}
