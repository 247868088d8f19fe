import { type Diagnostic, fail, ok, type Result } from "../diagnostic.ts";
import { initializersByName, inputsOf, producers } from "./graph.ts";
import { type HiddenLayers, headLayers } from "./head-layers.ts";
import type { Graph, GraphNode, ValueInfo } from "./types.ts";
import { valueInfoOf } from "./value-info.ts";

/**
 * Editing a network is making another one: nothing here changes its argument. Mistakes come back as
 * Diagnostics without a place, which the caller gives them.
 */

/** An edited network and what the edit brought in. */
export interface Edit {
	readonly graph: Graph;
	/** Initializers that the edit made: they learn, and start as `initialWeights` says. */
	readonly added: readonly string[];
	/** The tensor that now ends the network. */
	readonly output: string;
}

/**
 * The part of `graph` between two sets of tensors: only the nodes and initializers that `to` needs when
 * `from` is given. Tensor and layer names stay.
 * @returns a Diagnostic "open-cut" if `to` needs an input of the graph that `from` does not cover.
 */
export function subgraph(
	graph: Graph,
	from: readonly string[],
	to: readonly string[],
): Result<Graph> {
	const producer = producers(graph);
	const initializers = initializersByName(graph);
	const needed = new Set<GraphNode>();
	const read = new Set<string>(to);
	const pending = [...to];
	while (pending.length > 0) {
		const tensor = pending.pop() as string;
		if (from.includes(tensor) || initializers.has(tensor)) continue;
		const node = producer.get(tensor);
		if (!node) return fail([leak(graph, tensor, from, to)]);
		if (needed.has(node)) continue;
		needed.add(node);
		for (const input of inputsOf(node)) {
			if (!read.has(input)) pending.push(input);
			read.add(input);
		}
	}
	const { valueInfo, ...rest } = graph;
	const nodes = graph.nodes.filter((node) => needed.has(node));
	const made = new Set(nodes.flatMap((node) => node.outputs));
	return ok({
		...rest,
		nodes,
		inputs: valueInfoOf(graph, from),
		outputs: valueInfoOf(graph, to),
		initializers: graph.initializers.filter(
			({ name }) => read.has(name) && !from.includes(name),
		),
		...(valueInfo && {
			valueInfo: valueInfo.filter(({ name }) => made.has(name)),
		}),
	});
}

function leak(
	graph: Graph,
	tensor: string,
	from: readonly string[],
	to: readonly string[],
): Diagnostic {
	const known = graph.inputs.some(({ name }) => name === tensor);
	return {
		severity: "error",
		code: "open-cut",
		message: known
			? `"${to.join('", "')}" also depends on "${tensor}" by a path around "${from.join('", "')}"`
			: `the network has no tensor "${tensor}"`,
		reason: known
			? "a network can only be cut where every path passes"
			: undefined,
		fix: known ? "cut earlier, or after the paths have met again" : undefined,
	} as Diagnostic;
}

/** What a head looks like. */
export interface HeadOptions {
	readonly numClasses: number;
	readonly bias: boolean;
	/** Of an mlp: its hidden layers; undefined: one linear layer. */
	readonly mlp?: HiddenLayers;
	/** How a [c, h, w] map becomes a vector. */
	readonly globalPool: "avg" | "max" | "flatten";
	/** Shape of the features without the batch dimension: [d] or [c, h, w]. */
	readonly featureShape: readonly number[];
}

/**
 * The network up to `features` with a classifier on it (see headLayers), before it `head.pool` and `head.flatten`
 * where the features are a map. Output [n, k].
 */
export function appendHead(
	graph: Graph,
	features: string,
	options: HeadOptions,
): Result<Edit> {
	const { numClasses, bias, globalPool, featureShape } = options;
	const trunk = subgraph(
		graph,
		graph.inputs.map(({ name }) => name),
		[features],
	);
	if (!trunk.ok) return trunk;
	const [c, h, w] = featureShape;
	if (
		c === undefined ||
		(featureShape.length !== 1 && featureShape.length !== 3)
	)
		return fail([
			{
				severity: "error",
				code: "features-shape",
				message: `a head cannot attach to "${features}" of shape [n, ${featureShape.join(", ")}]`,
				reason:
					"it takes a vector [n, d], a map [n, c, h, w] or tokens [n, s, d]",
				fix: "name another tensor in model.features",
			},
		]);

	const head = freeName(trunk.value, "head");
	const nodes: GraphNode[] = [];
	const add = (op: string, layer: string, inputs: string[], attributes = {}) =>
		nodes.push({
			name: layer,
			op,
			domain: "",
			inputs,
			outputs: [layer],
			attributes,
			layer,
		});
	let x = features;
	if (h !== undefined && w !== undefined) {
		if (globalPool !== "flatten") {
			const op = globalPool === "avg" ? "GlobalAveragePool" : "GlobalMaxPool";
			add(op, `${head}.pool`, [x]);
			x = `${head}.pool`;
		}
		add("Flatten", `${head}.flatten`, [x], { axis: 1 });
		x = `${head}.flatten`;
	}
	const width =
		h !== undefined && w !== undefined && globalPool === "flatten"
			? c * h * w
			: c;
	const made = headLayers(head, x, width, numClasses, bias, options.mlp);
	const { added, constants, output } = made;
	return ok({
		graph: {
			...trunk.value,
			nodes: [...trunk.value.nodes, ...nodes, ...made.nodes],
			initializers: [...trunk.value.initializers, ...added, ...constants],
			outputs: [outputInfo(graph, output, numClasses)],
		},
		added: added.map(({ name }) => name),
		output,
	});
}

function outputInfo(graph: Graph, name: string, classes: number): ValueInfo {
	const batch = graph.inputs[0]?.shape?.[0] ?? "n";
	return { name, dtype: "float32", shape: [batch, classes] };
}

/** `wish`, or with a number behind it where the network already has a layer, module or tensor of that name. */
export function freeName(graph: Graph, wish: string): string {
	const taken = [
		...graph.nodes.flatMap(({ name, layer, outputs }) => [
			name,
			layer,
			...outputs,
		]),
		...graph.initializers.map(({ name }) => name),
	];
	let name = wish;
	const clashes = (other: string) =>
		other === name || other.startsWith(`${name}.`);
	for (let number = 2; taken.some(clashes); number++) name = `${wish}${number}`;
	return name;
}
