import { cutPoints } from "./cuts.ts";
import { constantValues, producers } from "./graph.ts";
import { photoShapes, type Shapes } from "./shapes.ts";
import type { Graph, GraphNode } from "./types.ts";

/**
 * The last place of a network that still knows where in the photo something is: what Grad-CAM looks at. Pure.
 *
 *   photo ─ conv … conv ─ map [c, h, w] ─ pool ─ classifier ─ scores
 *   photo ─ patches ─ block … tokens [s, d] ─ last block ─ class token ─ classifier ─ scores
 */
export interface SeenMap {
	/** Every path from the photo to the scores crosses it. */
	readonly tensor: string;
	/** Layer that makes it. */
	readonly layer: string;
	/** [channels, height, width] (ONNX), [height, width, channels], or [tokens, width]. */
	readonly order: "chw" | "hwc" | "tokens";
	/** Places of the map, as [height, width]. */
	readonly grid: readonly [number, number];
	/** Of tokens: so many before those of the places, such as the class token. */
	readonly skip: number;
	/** The tensor that holds a score per class: what a softmax at the end is given. */
	readonly scores: string;
}

/** Operators that move nothing new into a map: what is before them says more. */
const PASSING = new Set([
	"AveragePool",
	"Dropout",
	"GlobalAveragePool",
	"GlobalMaxPool",
	"Identity",
	"LpPool",
	"MaxPool",
	"Pad",
	"ReduceMax",
	"ReduceMean",
	"Resize",
	"Upsample",
]);

/** Tokens before those of the places, at most: a class token, a distillation token, registers. */
const MOST_EXTRA = 8;

/**
 * @param photo [channels, height, width] that enters the network.
 * @returns the map, or one sentence that says why there is none.
 */
export function seenMap(
	graph: Graph,
	photo: readonly number[],
): SeenMap | string {
	const shapes = photoShapes(graph, photo);
	const maker = producers(graph);
	const scores = scoresOf(graph, maker);
	let after: GraphNode | undefined;
	for (const tensor of cutPoints(graph).slice(1).toReversed()) {
		const node = maker.get(tensor);
		const shape = shapes.get(tensor)?.slice(1);
		if (node === undefined || shape === undefined) continue;
		const layer = node.module ?? node.layer;
		const found = { tensor, layer, skip: 0, scores };
		if (shape.length === 3) {
			const axes = after?.op === "ReduceMean" && after.attributes.axes;
			const isLast = Array.isArray(axes) && axes.join() === "1,2";
			const grid = (isLast ? shape.slice(0, 2) : shape.slice(1)) as [
				number,
				number,
			];
			if (isPlace(grid) && !isVector(shape) && !passes(graph, node)) {
				if (after !== undefined && !isPooling(after) && wasOne(after, shapes))
					return `the network's maps are 1 x 1 from ${after.layer} on, which know no places: larger photos (Resize) make larger maps`;
				return { ...found, order: isLast ? "hwc" : "chw", grid };
			}
		}
		if (shape.length === 2 && speaksOfAll(graph, tensor, shapes)) {
			const grid = gridOf(graph, tensor, shape[0] ?? 0, shapes);
			if (grid !== undefined) {
				const skip = (shape[0] as number) - grid[0] * grid[1];
				return { ...found, order: "tokens", grid, skip };
			}
		}
		after = node;
	}
	return "no tensor that all of the network passes through knows where in the photo something is";
}

/** Where the scores are: Grad-CAM's are those before the softmax. */
function scoresOf(graph: Graph, maker: ReadonlyMap<string, GraphNode>): string {
	const output = graph.outputs[0]?.name ?? "";
	const last = maker.get(output);
	return last && /^(Log)?Softmax$/.test(last.op)
		? (last.inputs[0] ?? output)
		: output;
}

/** Whether it moves or averages what is there: adaptive pooling may be a product with a constant matrix. */
function passes(graph: Graph, { op, inputs }: GraphNode): boolean {
	const isFixed = () =>
		inputs.some((name) => constantValues(graph, name) !== undefined);
	return PASSING.has(op) || (op === "MatMul" && isFixed());
}

function isPlace([height, width]: readonly [number, number]): boolean {
	return height * width > 1;
}

function isPooling({ op }: GraphNode): boolean {
	return PASSING.has(op) || op === "Flatten" || op === "Reshape";
}

/** Whether a node leaves a map of one place. */
function wasOne({ outputs }: GraphNode, shapes: Shapes): boolean {
	const shape = shapes.get(outputs[0] ?? "");
	return shape?.length === 4 && isVector(shape.slice(1));
}

/** A map of one place, wherever its channels are: [c, 1, 1] or, on its way through a LayerNorm, [1, 1, c]. */
function isVector(shape: readonly number[]): boolean {
	return shape.filter((size) => size > 1).length <= 1;
}

/**
 * Whether more than one token has a say after this tensor: not where the next thing is to take the class token alone.
 */
function speaksOfAll(graph: Graph, tensor: string, shapes: Shapes): boolean {
	const index = graph.nodes.findIndex(({ outputs }) =>
		outputs.includes(tensor),
	);
	const later = graph.nodes.slice(index + 1);
	const picks = later.some(({ op }) => /^(Gather|Slice|Split)$/.test(op));
	const attends = later.some(
		({ op, outputs }) =>
			op === "Softmax" && (shapes.get(outputs[0] ?? "")?.length ?? 0) > 2,
	);
	return !picks || attends;
}

/** The grid of the patches: the last map before the tokens with as many places, or a few less. */
function gridOf(
	graph: Graph,
	tensor: string,
	tokens: number,
	shapes: Shapes,
): [number, number] | undefined {
	let grid: [number, number] | undefined;
	for (const { op, outputs } of graph.nodes) {
		if (outputs.includes(tensor)) break;
		const [, , height = 0, width = 0] = shapes.get(outputs[0] ?? "") ?? [];
		const extra = tokens - height * width;
		if (
			op === "Conv" &&
			extra >= 0 &&
			extra <= MOST_EXTRA &&
			height * width > 1
		)
			grid = [height, width];
	}
	return grid;
}
