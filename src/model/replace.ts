import { fail, ok, type Result } from "../diagnostic.ts";
import { nearest } from "../experiment/suggest.ts";
import type { LayerSpec } from "../experiment/types.ts";
import type { Edit } from "./edit.ts";
import { layersOf } from "./graph.ts";
import type { Shapes } from "./shapes.ts";
import type { Graph, GraphNode, Initializer } from "./types.ts";

/** Puts one of torch.nn's layers where another is, or behind the last of an nn.Sequential. */

interface Place {
	/** The tensor that enters the new layer. */
	readonly input: string;
	/** The tensor that left the old layer; undefined when the layer is appended at the end. */
	readonly output: string | undefined;
	/** The new layer takes the place of this many nodes from `index` on. */
	readonly index: number;
	readonly count: number;
}

/**
 * The network with `layer` replaced by `spec`. A name one past the end of a Sequential that ends the network
 * (`classifier.7` in VGG16) appends it. New layers learn; their initializers are named `<layer>.weight` and
 * `<layer>.bias`, and their nodes have torch.nn's meaning.
 * @param shapes of this graph, batch included.
 * @returns Diagnostics "unknown-layer" and "replace-shape".
 */
export function replaceLayer(
	graph: Graph,
	layer: string,
	spec: LayerSpec,
	shapes: Shapes,
): Result<Edit> {
	const place = placeOf(graph, layer);
	if (!place) return fail([unknownLayer(graph, layer)]);
	const output = place.output ?? layer;
	const made = newLayer(graph, layer, spec, place.input, output, shapes);
	if (!made.ok) return made;
	const { node, initializers } = made.value;

	const nodes = [...graph.nodes];
	nodes.splice(place.index, place.count, node);
	const read = new Set(nodes.flatMap(({ inputs }) => inputs));
	const fresh = new Set(initializers.map(({ name }) => name));
	const last = place.output ?? graph.outputs[0]?.name;
	const outputs = graph.outputs.map((info) =>
		info.name !== last
			? info
			: {
					name: output,
					dtype: info.dtype,
					shape: outputShape(info.shape, spec),
				},
	);
	return ok({
		graph: {
			...graph,
			nodes,
			outputs,
			initializers: [
				...graph.initializers.filter(
					({ name }) => read.has(name) && !fresh.has(name),
				),
				...initializers,
			],
		},
		added: initializers.filter(({ values }) => !values).map(({ name }) => name),
		output: outputs[0]?.name ?? output,
	});
}

function placeOf(graph: Graph, layer: string): Place | undefined {
	const indices = graph.nodes.flatMap((node, index) =>
		node.layer === layer ? [index] : [],
	);
	const [index] = indices;
	if (index !== undefined) {
		const count = indices.length;
		const last = graph.nodes[index + count - 1];
		const input = graph.nodes[index]?.inputs[0];
		// A layer whose nodes do not stand together is no chain with one way in.
		if (input === undefined || last?.layer !== layer) return undefined;
		return { input, output: last.outputs[0], index, count };
	}
	const [, sequential, number] = /^(.+)\.(\d+)$/.exec(layer) ?? [];
	const final = graph.nodes.at(-1);
	if (final?.layer !== `${sequential}.${Number(number) - 1}`) return undefined;
	return {
		input: final.outputs[0] ?? "",
		output: undefined,
		index: graph.nodes.length,
		count: 0,
	};
}

function unknownLayer(graph: Graph, layer: string) {
	const layers = layersOf(graph);
	const name = nearest(layer, layers);
	return {
		severity: "error" as const,
		code: "unknown-layer",
		message: `"${layer}" is no layer of ${graph.name}`,
		reason: `its last layers are ${layers.slice(-4).join(", ")}; a name one past the end of the last Sequential appends a layer`,
		fix:
			name === undefined
				? "graft plan --layers lists the layers"
				: `did you mean "${name}"?`,
		...(name === undefined ? {} : { suggestion: name }),
	};
}

interface NewLayer {
	readonly node: GraphNode;
	readonly initializers: readonly Initializer[];
}

function newLayer(
	graph: Graph,
	layer: string,
	spec: LayerSpec,
	input: string,
	output: string,
	shapes: Shapes,
): Result<NewLayer> {
	const node = (
		op: string,
		inputs: readonly string[] = [],
		attributes: GraphNode["attributes"] = {},
	): GraphNode => ({
		name: layer,
		op,
		domain: "",
		inputs: [input, ...inputs],
		outputs: [output],
		attributes,
		layer,
	});
	if ("Linear" in spec) {
		const shape = shapes.get(input);
		const width = shape?.[1];
		if (shape?.length !== 2 || width === undefined)
			return fail([wrongShape(graph, layer, "Linear", shape)]);
		const { out_features: out, bias } = spec.Linear;
		const initializers: Initializer[] = [
			{ name: `${layer}.weight`, shape: [out, width], dtype: "float32" },
		];
		if (bias)
			initializers.push({
				name: `${layer}.bias`,
				shape: [out],
				dtype: "float32",
			});
		const names = initializers.map(({ name }) => name);
		return ok({ node: node("Gemm", names, { transB: 1 }), initializers });
	}
	if ("LogSoftmax" in spec)
		return ok({
			node: node("LogSoftmax", [], { axis: spec.LogSoftmax.dim }),
			initializers: [],
		});
	if ("Dropout" in spec) {
		const ratio: Initializer = {
			name: `${layer}.ratio`,
			shape: [],
			dtype: "float32",
			values: [spec.Dropout.p],
		};
		return ok({ node: node("Dropout", [ratio.name]), initializers: [ratio] });
	}
	return ok({
		node: node("ReLU" in spec ? "Relu" : "Identity"),
		initializers: [],
	});
}

function wrongShape(
	graph: Graph,
	layer: string,
	name: string,
	shape: readonly number[] | undefined,
) {
	const came = shape ? `[n, ${shape.slice(1).join(", ")}]` : "unknown";
	return {
		severity: "error" as const,
		code: "replace-shape",
		message: `${name} cannot take the place of "${layer}" in ${graph.name}: what enters it has the shape ${came}`,
		reason: `${name} takes a vector [n, d]`,
		fix: "replace a layer behind the flatten, or leave replace out: head: linear pools the network's features itself",
	};
}

/** Shape of the network's end when the new layer is its last. */
function outputShape(
	old: Graph["outputs"][number]["shape"],
	spec: LayerSpec,
): Graph["outputs"][number]["shape"] {
	return "Linear" in spec && old
		? [old[0] ?? "n", spec.Linear.out_features]
		: old;
}
