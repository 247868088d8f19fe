import type { Experiment } from "../../experiment/types.ts";
import { fingerprint, type Json } from "../../fingerprint.ts";
import type { Graph, GraphNode } from "../../model/types.ts";
import { suffixOf } from "../../plan/suffix.ts";
import type { Plan } from "../../plan/types.ts";
import { isStackable } from "./stackable-options.ts";
import type { StackedMember } from "./types.ts";

/** Which trials can be trained side by side. Pure: a plan asks before anything is loaded. */

/** A head that can be stacked: Linear layers with activations between them, LogSoftmax perhaps behind. */
export interface Head {
	/** In order; at least one. */
	readonly layers: readonly HeadLayer[];
	readonly logSoftmax: boolean;
}

/** torch.nn.Linear, and what follows it. */
export interface HeadLayer {
	/** Initializer float32 [out, in]. */
	readonly weight: string;
	/** Initializer float32 [out]. */
	readonly bias: string | undefined;
	readonly inFeatures: number;
	readonly outFeatures: number;
	readonly activation: Activation | undefined;
}

/** ONNX operators that stand between Linear layers. */
export type Activation = "Relu" | "Tanh" | "Sigmoid";

const ACTIVATIONS: readonly string[] = ["Relu", "Tanh", "Sigmoid"];

/** A head of more numbers is trained alone: company would save it nothing. */
const MOST_NUMBERS = 2 ** 26;

type Suffixes = Pick<StackedMember, "trainSuffix" | "evalSuffix" | "trainable">;

/**
 * Members with equal keys can be trained side by side on the same rows, whatever their optimizer, learning rate,
 * schedule, loss, epochs, batch size, seed and width of hidden layers.
 * @returns undefined where a head cannot be stacked.
 */
export function stackKey(member: Suffixes): string | undefined {
	const head = headOf(member.trainSuffix, member.trainable);
	if (head === undefined) return undefined;
	const evaluated = headOf(member.evalSuffix, member.trainable);
	if (JSON.stringify(evaluated) !== JSON.stringify(head)) return undefined;
	const { layers } = head;
	const numbers = layers.map((layer) => layer.inFeatures * layer.outFeatures);
	if (numbers.reduce((a, b) => a + b) > MOST_NUMBERS) return undefined;
	return fingerprint({
		input: member.trainSuffix.inputs[0]?.name ?? "",
		features: layers[0]?.inFeatures ?? 0,
		classes: layers.at(-1)?.outFeatures ?? 0,
	});
}

/**
 * The key of a trial by its plan: equal for trials that can be trained side by side, which read the same rows.
 * @returns undefined where the trial is to be trained alone: random transforms, Dropout, layers of the trunk that
 *   learn, unknown photos, training options that the kernel does not know.
 */
export function stackKeyOf(
	plan: Plan,
	experiment: Experiment,
): string | undefined {
	const { featureKey } = plan.train;
	if (plan.phases !== undefined) return undefined;
	if (!isStackable(experiment)) return undefined;
	if (featureKey === undefined || featureKey !== plan.eval.featureKey)
		return undefined;
	const suffix = suffixOf(plan, plan.train);
	const key = stackKey({
		trainSuffix: suffix,
		evalSuffix: suffix,
		trainable: plan.trainable,
	});
	return key && fingerprint({ key, featureKey, data: photosOf(experiment) });
}

/** What decides which rows a trial reads, and under which labels. */
function photosOf({ data }: Experiment): Json {
	return data as unknown as Json;
}

/** Reads a suffix as a head; undefined for anything else, or where a layer of it is frozen. */
export function headOf(
	graph: Graph,
	trainable: readonly string[],
): Head | undefined {
	const learns = new Set(trainable);
	const layers: HeadLayer[] = [];
	let tensor = graph.inputs[0]?.name;
	let logSoftmax = false;
	for (const node of graph.nodes) {
		if (node.domain !== "" || node.inputs[0] !== tensor || logSoftmax)
			return undefined;
		tensor = node.outputs[0];
		const last = layers.at(-1);
		if (node.op === "Gemm") {
			const layer = linearOf(graph, node, learns);
			if (layer === undefined) return undefined;
			layers.push(layer);
		} else if (isActivation(node.op) && last && !last.activation)
			layers[layers.length - 1] = { ...last, activation: node.op };
		else if (isLogSoftmax(graph, node) && last) logSoftmax = true;
		else if (!isNothing(node)) return undefined;
	}
	const isWhole = layers.length > 0 && tensor === graph.outputs[0]?.name;
	return isWhole ? { layers, logSoftmax } : undefined;
}

function linearOf(
	graph: Graph,
	{ inputs, attributes }: GraphNode,
	learns: ReadonlySet<string>,
): HeadLayer | undefined {
	const { alpha = 1, beta = 1, transA = 0, transB = 0 } = attributes;
	if (alpha !== 1 || beta !== 1 || transA !== 0 || transB !== 1)
		return undefined;
	const [, weight = "", bias = ""] = inputs;
	const [out, from] = shapeOf(graph, weight);
	if (out === undefined || from === undefined || !learns.has(weight))
		return undefined;
	const layer = {
		weight,
		inFeatures: from,
		outFeatures: out,
		activation: undefined,
	};
	if (bias === "") return { ...layer, bias: undefined };
	const shape = shapeOf(graph, bias);
	const fits = shape.length === 1 && shape[0] === out && learns.has(bias);
	return fits ? { ...layer, bias } : undefined;
}

function shapeOf(graph: Graph, name: string): readonly number[] {
	const found = graph.initializers.find((item) => item.name === name);
	return found?.dtype === "float32" ? found.shape : [];
}

function isActivation(op: string): op is Activation {
	return ACTIVATIONS.includes(op);
}

/** LogSoftmax over the classes of [n, k]. */
function isLogSoftmax(graph: Graph, { op, attributes }: GraphNode): boolean {
	const { axis = graph.opset < 13 ? 1 : -1 } = attributes;
	return op === "LogSoftmax" && (axis === 1 || axis === -1);
}

/** What changes no number of a vector. */
function isNothing({ op, attributes }: GraphNode): boolean {
	if (op === "Identity") return true;
	return op === "Flatten" && (attributes.axis ?? 1) === 1;
}
