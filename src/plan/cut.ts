import type { Graph, GraphNode } from "../model/types.ts";

/**
 * Where a network is cut: the last tensor that every path crosses and before which
 * nothing learns and nothing draws random numbers.
 */
export interface NetworkCut {
	/** The tensor itself; the graph's input when nothing can be cut off. */
	readonly tensor: string;
	/** The first node that keeps the cut from moving on; undefined when the whole network is a prefix. */
	readonly blocker: GraphNode | undefined;
	readonly why: "learns" | "random" | undefined;
}

/**
 * @param points tensors that all paths from input to output cross, in order, the input first
 *   (src/model/cuts.ts).
 * @param training whether Dropout draws (the train pipeline) or passes through (the eval pipeline).
 */
export function findCut(
	graph: Graph,
	points: readonly string[],
	trainable: ReadonlySet<string>,
	training: boolean,
): NetworkCut {
	const input = graph.inputs[0]?.name ?? "";
	const dirty = new Set<string>();
	let blocker: GraphNode | undefined;
	for (const node of graph.nodes) {
		const ownReason = reasonOf(node, trainable, training);
		if (ownReason !== undefined) blocker ??= node;
		if (
			ownReason !== undefined ||
			node.inputs.some((name) => dirty.has(name))
		) {
			for (const output of node.outputs) dirty.add(output);
		}
	}
	let tensor = input;
	for (const point of points) {
		if (dirty.has(point)) break;
		tensor = point;
	}
	return {
		tensor,
		blocker,
		why: blocker && reasonOf(blocker, trainable, training),
	};
}

function reasonOf(
	node: GraphNode,
	trainable: ReadonlySet<string>,
	training: boolean,
): "learns" | "random" | undefined {
	if (node.inputs.some((name) => trainable.has(name))) return "learns";
	return training && isDropout(node) ? "random" : undefined;
}

/** A Dropout that drops something (ratio attribute of the zoo's graphs; opset 12 and later give it as an input). */
export function isDropout(node: GraphNode): boolean {
	return node.op === "Dropout" && node.attributes.ratio !== 0;
}

/**
 * One sentence: why the prefix ends there.
 * @param random the transform that draws, where the rows are drawn anew each epoch
 * @param earlier initializers that an earlier phase has trained and this one does not
 */
export function cutReasonOf(
	{ blocker, why }: NetworkCut,
	random: string | undefined,
	earlier: ReadonlySet<string>,
): string {
	if (random !== undefined)
		return `${random} draws new numbers each epoch, so photos pass the frozen layers every epoch`;
	if (blocker === undefined) return "nothing after it learns";
	if (why === "learns")
		return blocker.inputs.some((name) => earlier.has(name))
			? `${blocker.layer} has learnt in an earlier phase`
			: `${blocker.layer} learns`;
	return `${blocker.layer} (${blocker.op}) draws random numbers at each step`;
}
